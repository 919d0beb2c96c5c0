import type { Clock, Outcome } from '@brygga/contract';

/** Whether a channel can be spoken in: not yet, yes, or no and why. */
export class Phase {
  readonly #clock: Clock;
  #state: 'entering' | 'live' | Outcome = 'entering';
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isLive(): boolean {
    return this.#state === 'live';
  }

  set(state: 'entering' | 'live' | Outcome): void {
    this.#state = state;
    if (state === 'entering') return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Waits while the channel is being entered, at most `ms`; then tells how it stands. */
  async settled(ms: number): Promise<'entering' | 'live' | Outcome> {
    if (this.#state !== 'entering') return this.#state;
    const over = new AbortController();
    await Promise.race([
      new Promise<void>((resolve) => this.#waiting.push(resolve)),
      this.#clock.sleep(ms, over.signal),
    ]);
    over.abort();
    return this.#state;
  }
}
