import type { Clock, Outcome } from '@brygga/contract';

/** How long a bridge may take to settle a send that was aborted. */
const GRACE_MS = 2000;
/** Windows that begin within so long of each other share a limit, at most a tenth of it. */
const SHARED_MS = 50;

/** The sends of one call: settled one by one, or all at once some time after they were aborted. */
export class SendWindow {
  readonly outcomes: Promise<readonly Outcome[]>;
  readonly #limit: Limit;
  readonly #clock: Clock;
  readonly #settled: (Outcome | undefined)[];
  readonly #late: () => Outcome;
  #resolve: (outcomes: readonly Outcome[]) => void = () => undefined;
  #cancelGrace: (() => void) | null = null;
  #left: number;

  constructor(limit: Limit, clock: Clock, size: number, late: () => Outcome) {
    this.#limit = limit;
    this.#clock = clock;
    this.#settled = new Array<Outcome | undefined>(size);
    this.#late = late;
    this.#left = size;
    this.outcomes = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    limit.join(this);
    if (size === 0) this.#end();
  }

  get signal(): AbortSignal {
    return this.#limit.signal;
  }

  settle(index: number, outcome: Outcome): void {
    if (this.#settled[index] !== undefined) return; // too late: it counts as not answered
    this.#settled[index] = outcome;
    this.#left -= 1;
    if (this.#left === 0) this.#end();
  }

  /** The signal has aborted. */
  aborted(): void {
    this.#cancelGrace = this.#clock.after(GRACE_MS, () => this.#end());
  }

  #end(): void {
    this.#cancelGrace?.();
    this.#limit.leave(this);
    for (let index = 0; index < this.#settled.length; index++) this.#settled[index] ??= this.#late();
    this.#resolve(this.#settled as Outcome[]);
  }
}

/**
 * The time that windows have which began at about the same time: a signal and a timer for each would cost more than
 * a send to a fast network. Nobody gets less than `timeoutMs`.
 */
class Limit {
  readonly #windows = new Set<SendWindow>();
  readonly #controller = new AbortController();
  readonly #over: (limit: Limit) => void;
  #cancel: () => void;
  /** Whether windows may still join. */
  open = true;

  constructor(clock: Clock, timeoutMs: number, over: (limit: Limit) => void) {
    this.#over = over;
    this.#cancel = clock.after(Math.min(SHARED_MS, timeoutMs / 10), () => {
      this.open = false;
      this.#cancel = clock.after(timeoutMs, () => this.abort());
      if (this.#windows.size === 0) this.#end();
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  join(window: SendWindow): void {
    this.#windows.add(window);
  }

  leave(window: SendWindow): void {
    this.#windows.delete(window);
    if (this.#windows.size === 0 && !this.open) this.#end();
  }

  abort(): void {
    this.open = false;
    this.#end();
    this.#controller.abort();
    for (const window of this.#windows) window.aborted();
  }

  #end(): void {
    this.#cancel();
    this.#over(this);
  }
}

/** The windows of one process, and what limits them. */
export class SendWindows {
  readonly #clock: Clock;
  readonly #late: () => Outcome;
  readonly #limits = new Set<Limit>();
  /** By `timeoutMs`: the limit that windows join now. */
  readonly #joined = new Map<number, Limit>();
  #cut = false;

  /** `late`: what a send counts as that was not settled in time. */
  constructor(clock: Clock, late: () => Outcome) {
    this.#clock = clock;
    this.#late = late;
  }

  /** A window of that many sends, whose signal aborts after `timeoutMs` or little more, or when all are cut. */
  begin(size: number, timeoutMs: number): SendWindow {
    const window = new SendWindow(this.#limit(timeoutMs), this.#clock, size, this.#late);
    if (this.#cut) this.cut();
    return window;
  }

  /** Aborts the windows under way, and all that begin later. */
  cut(): void {
    this.#cut = true;
    for (const limit of [...this.#limits]) limit.abort();
  }

  #limit(timeoutMs: number): Limit {
    const known = this.#joined.get(timeoutMs);
    if (known?.open === true) return known;
    const limit = new Limit(this.#clock, timeoutMs, (over) => this.#limits.delete(over));
    this.#limits.add(limit);
    this.#joined.set(timeoutMs, limit);
    return limit;
  }
}
