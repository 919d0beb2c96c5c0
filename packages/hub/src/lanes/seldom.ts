import type { Clock } from '@brygga/contract';

/** Things of which is remembered when they were told of. */
const REMEMBERED_MAX = 10_000;

/** Keeps from telling the same thing again and again. */
export class Seldom {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #ms: number;
  readonly #told = new Map<string, number>();

  constructor(clock: Pick<Clock, 'elapsed'>, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Whether that is to be told: it was not for a while. */
  due(what: string): boolean {
    const now = this.#clock.elapsed();
    const before = this.#told.get(what);
    if (before !== undefined && now - before < this.#ms) return false;
    if (this.#told.size >= REMEMBERED_MAX) this.#told.clear();
    this.#told.set(what, now);
    return true;
  }
}
