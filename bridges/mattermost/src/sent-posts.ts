import type { BridgeContext } from '@brygga/contract';
import { Recent } from '@brygga/wire';
import { z } from 'zod';
import { markerOf } from './ids.ts';
import { jsonOf, type Post } from './native.ts';

const POSTS_MAX = 20_000;
/** Of our own removals: they are told of at once, or found in the next list with `since`. */
const REMOVED_MAX = 1000;
const REMOVED = 'removed';

const Ids = z.array(z.string());
type Context = Pick<BridgeContext<unknown>, 'clock' | 'store'>;

/**
 * Posts of our own that the websocket has told of, by delivery and part. The event of a post comes before the answer to
 * the request, and for a webhook it is the only answer there is.
 */
export class SentPosts {
  readonly #seen = new Recent<string>(POSTS_MAX);
  readonly #waiting = new Map<string, (id: string) => void>();
  readonly #ctx: Context;
  #removed: string[] | null = null;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** A post of one of our accounts. */
  note(post: Post): void {
    const marker = markerOf(post.props);
    if (marker === null) return;
    const name = nameOf(marker.key, marker.part);
    // Of two posts of one part the older one counts.
    if (this.#seen.get(name) === undefined) this.#seen.set(name, post.id);
    this.#waiting.get(name)?.(this.#seen.get(name) ?? post.id);
  }

  /** We are about to remove them: that they are gone is no news, not even after a restart. */
  async removing(ids: readonly string[]): Promise<void> {
    const removed = await this.#known();
    const more = ids.filter((id) => !removed.includes(id));
    if (more.length === 0) return;
    this.#removed = [...removed, ...more].slice(-REMOVED_MAX);
    await this.#ctx.store.set(REMOVED, JSON.stringify(this.#removed));
  }

  /** The server did not let us: what becomes of them is news again. */
  async notRemoved(ids: readonly string[]): Promise<void> {
    this.#removed = (await this.#known()).filter((id) => !ids.includes(id));
    await this.#ctx.store.set(REMOVED, JSON.stringify(this.#removed));
  }

  async isRemoved(id: string): Promise<boolean> {
    return (await this.#known()).includes(id);
  }

  async #known(): Promise<string[]> {
    if (this.#removed !== null) return this.#removed;
    const read = Ids.safeParse(jsonOf((await this.#ctx.store.get(REMOVED)) ?? undefined));
    this.#removed ??= read.success ? read.data : [];
    return this.#removed;
  }

  id(key: string, part: number): string | undefined {
    return this.#seen.get(nameOf(key, part));
  }

  /** The post of that part, once it is told of; null when that takes longer, or the send is given up. */
  async within(key: string, part: number, ms: number, signal: AbortSignal): Promise<string | null> {
    const known = this.id(key, part);
    if (known !== undefined || signal.aborted) return known ?? null;
    const name = nameOf(key, part);
    const enough = new AbortController();
    const told = new Promise<string>((resolve) => this.#waiting.set(name, resolve));
    const late = this.#ctx.clock.sleep(ms, AbortSignal.any([signal, enough.signal])).then(() => null);
    const id = await Promise.race([told, late]);
    enough.abort();
    this.#waiting.delete(name);
    return id;
  }
}

const nameOf = (key: string, part: number): string => `${part} ${key}`;
