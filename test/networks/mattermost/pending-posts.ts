import type { Clock } from '@brygga/contract';

/** app/post.go: pendingPostIDsCacheTTL, PendingPostIDsCacheSize. */
const LIFETIME_MS = 30_000;
const MOST_KEYS = 25_000;

/** `seen_pending_post_ids` of one node: in memory only, so a restart forgets it. */
export class PendingPosts {
  readonly #seen = new Map<string, { readonly postId: string; readonly until: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined: never seen. Empty: the first request with this key still runs. */
  get(key: string): string | undefined {
    const entry = this.#seen.get(key);
    return entry === undefined || entry.until <= this.#clock.now() ? undefined : entry.postId;
  }

  set(key: string, postId: string): void {
    this.#seen.delete(key);
    this.#seen.set(key, { postId, until: this.#clock.now() + LIFETIME_MS });
    const oldest = this.#seen.keys().next().value;
    if (this.#seen.size > MOST_KEYS && oldest !== undefined) this.#seen.delete(oldest);
  }

  remove(key: string): void {
    this.#seen.delete(key);
  }

  clear(): void {
    this.#seen.clear();
  }
}
