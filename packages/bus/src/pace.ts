import type { Clock } from '@brygga/contract';

/** How long tasks are begun in one turn of the event loop. */
const TURN_MS = 20;

/**
 * Begins tasks in the order in which they come, for a while in each turn of the event loop: the others wait for the
 * turns that follow. Node reads a socket as long as something comes before it looks at its timers. Were every answer
 * of Redis dealt with as it is read, what that asks for would be answered meanwhile, and behind a Redis that paused
 * under load one turn lasted for seconds, in which no lease was renewed.
 */
export class Pace {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #waiting: (() => void)[] = [];
  #until = 0;
  #turning = false;

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock;
  }

  /** `task` must not throw. */
  run(task: () => void): void {
    this.#turn();
    if (this.#waiting.length > 0 || this.#clock.elapsed() >= this.#until) this.#waiting.push(task);
    else task();
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    this.#until = this.#clock.elapsed() + TURN_MS;
    setImmediate(() => {
      this.#turning = false;
      if (this.#waiting.length === 0) return;
      this.#turn();
      void this.#begin();
    });
  }

  /** One after the other, so that the time counts what each does at once. */
  async #begin(): Promise<void> {
    let begun = 0;
    do {
      this.#waiting[begun]?.();
      begun += 1;
      await Promise.resolve();
    } while (begun < this.#waiting.length && this.#clock.elapsed() < this.#until);
    this.#waiting.splice(0, begun);
  }
}
