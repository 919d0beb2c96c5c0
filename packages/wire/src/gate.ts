/** Lets at most `most` run at a time; the rest wait in line. At most `waitingMax` wait: more are turned away. */
export class Gate {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #most: number;
  readonly #waitingMax: number;

  constructor(most: number, waitingMax: number) {
    this.#most = most;
    this.#waitingMax = waitingMax;
  }

  /** Null when the line is full. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#running >= this.#most) {
      if (this.#waiting.length >= this.#waitingMax) return null;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

/**
 * Work in turn: per key one at a time, in the order it came. At most `mostPerKey` wait for one key: more are turned
 * away.
 */
export class Turns {
  readonly #last = new Map<string, { readonly done: Promise<unknown>; waiting: number }>();
  readonly #mostPerKey: number;

  constructor(mostPerKey: number) {
    this.#mostPerKey = mostPerKey;
  }

  /** Null when too many wait. Rejects when `work` does, which holds up nobody behind it. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T | null> {
    const turn = this.#last.get(key) ?? { done: Promise.resolve(), waiting: 0 };
    if (turn.waiting >= this.#mostPerKey) return null;
    const result = turn.done.then(work, work);
    const next = { done: result, waiting: turn.waiting + 1 };
    this.#last.set(key, next);
    try {
      return await result;
    } finally {
      const last = this.#last.get(key);
      if (last === next) this.#last.delete(key);
      else if (last !== undefined) last.waiting -= 1;
    }
  }
}

/** A map that forgets the entry used longest ago. */
export class Recent<V> {
  readonly #entries = new Map<string, V>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#most) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Used longest ago first. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }
}
