import { type Clock, systemClock } from '@brygga/contract';

interface Timer {
  readonly at: number;
  readonly run: () => void;
  cancel: () => void;
}

/**
 * The system's clock, with its faults: the date jumps, or the whole machine stands still for a while, as a
 * suspended one does. Then the date has gone on and the monotonic time has not (CLOCK_MONOTONIC, clock_gettime(2)).
 */
export class FaultClock implements Clock {
  readonly #timers = new Set<Timer>();
  #jumped = 0;
  #stood = 0;
  #stands: number | null = null;

  /** The date is another one from now on. `ms`: by how much, either way. */
  jump(ms: number): void {
    this.#jumped += ms;
  }

  /** Time stands still for whoever lives by this clock. */
  freeze(): void {
    this.#stands ??= systemClock.elapsed();
    for (const timer of this.#timers) timer.cancel();
  }

  thaw(): void {
    if (this.#stands === null) return;
    this.#stood += systemClock.elapsed() - this.#stands;
    this.#stands = null;
    for (const timer of this.#timers) this.#wait(timer);
  }

  now(): number {
    return systemClock.now() + this.#jumped;
  }

  elapsed(): number {
    return (this.#stands ?? systemClock.elapsed()) - this.#stood;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.elapsed() + ms, run, cancel: () => undefined };
    this.#timers.add(timer);
    if (this.#stands === null) this.#wait(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const finish = (): void => {
        cancel();
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = this.after(ms, finish);
      signal?.addEventListener('abort', finish, { once: true });
    });
  }

  #wait(timer: Timer): void {
    timer.cancel = systemClock.after(Math.max(0, timer.at - this.elapsed()), () => {
      this.#timers.delete(timer);
      timer.run();
    });
  }
}
