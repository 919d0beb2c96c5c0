import { type NativeId, nativeId } from '@brygga/event';
import { Recent } from '@brygga/wire';

/** The beginning of a message that was seen, for quoting it in an answer. `occupant`: the author's room JID. */
export interface Excerpt {
  readonly author: string;
  readonly occupant: string;
  readonly text: string;
}

const EXCERPTS_MAX = 2000;
const EXCERPT_CHARS = 200;
const THREADS_MAX = 500;
/** Threads begun by other networks carry the root's id in the open, so that they are known after a restart. */
const THREAD_PREFIX = 'brygga:';

/** What the bridge keeps in mind of one room: recent messages to quote, and where threads began. */
export class Memory {
  readonly #excerpts = new Recent<Excerpt>(EXCERPTS_MAX);
  readonly #rootOf = new Recent<NativeId>(THREADS_MAX);
  readonly #threadOf = new Recent<string>(THREADS_MAX);

  remember(id: string, excerpt: Excerpt): void {
    this.#excerpts.set(id, { ...excerpt, text: excerpt.text.slice(0, EXCERPT_CHARS).toWellFormed() });
  }

  excerpt(id: string): Excerpt | null {
    return this.#excerpts.get(id) ?? null;
  }

  /** The message a thread began with; null when `message` is the first one seen of it, which is then its root. */
  rootOf(thread: string, message: NativeId): NativeId | null {
    if (thread.startsWith(THREAD_PREFIX) && thread.length > THREAD_PREFIX.length) {
      return nativeId(thread.slice(THREAD_PREFIX.length));
    }
    const known = this.#rootOf.get(thread);
    if (known !== undefined && known !== message) return known;
    this.#rootOf.set(thread, message);
    this.#threadOf.set(message, thread);
    return null;
  }

  /** The thread a root's answers are to carry: its own, else one that names it. */
  threadOf(root: NativeId): string {
    return this.#threadOf.get(root) ?? `${THREAD_PREFIX}${root}`;
  }
}
