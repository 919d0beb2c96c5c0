/** Remembers at least the newest `most` entries and at most twice as many, by key. To forget costs nothing. */
export class Recent<V> {
  readonly #most: number;
  #newer = new Map<string, V>();
  #older: Map<string, V> | null = null;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    return this.#newer.get(key) ?? this.#older?.get(key);
  }

  add(key: string, value: V): void {
    if (this.#newer.size >= this.#most) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, value);
  }

  /** Another value for a key that is there, in its place. */
  replace(key: string, value: V): void {
    if (this.#newer.has(key)) this.#newer.set(key, value);
    else if (this.#older?.has(key) === true) this.#older.set(key, value);
  }

  /** Oldest first. */
  values(): V[] {
    return [...(this.#older?.values() ?? []), ...this.#newer.values()];
  }

  clear(): void {
    this.#newer = new Map();
    this.#older = null;
  }
}
