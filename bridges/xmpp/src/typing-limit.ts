import type { Clock } from '@brygga/contract';
import { Recent } from '@brygga/wire';

const EVERY_MS = 5000;
const SPEAKERS_MAX = 2000;

/** Lets "is typing" through once in a while; its end always, when it was said to have begun. */
export class TypingLimit {
  readonly #clock: Clock;
  readonly #last = new Recent<number>(SPEAKERS_MAX);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  allows(who: string, active: boolean): boolean {
    const now = this.#clock.elapsed();
    const last = this.#last.get(who) ?? Number.NEGATIVE_INFINITY;
    if (!active) {
      this.#last.set(who, Number.NEGATIVE_INFINITY);
      return last !== Number.NEGATIVE_INFINITY;
    }
    if (now - last < EVERY_MS) return false;
    this.#last.set(who, now);
    return true;
  }
}
