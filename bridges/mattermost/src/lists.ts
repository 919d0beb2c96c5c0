import { z } from 'zod';
import { Post } from './native.ts';
import { type Answer, path, type Rest } from './rest.ts';

/** What one list with `since` shows at most, in no order (`post_store.go`, `GetPostsSince`). */
const SINCE_ROWS = 1000;
/** What one page holds; more is silently cut (`web/params.go`). */
const PAGE = 200;
const PAGES_MAX = 2000;

const List = z.object({ order: z.array(z.string()), posts: z.record(z.string(), z.unknown()) });

/** What a server lists that is not as it should be is left out. */
export const postsOf = (rows: readonly unknown[]): Post[] =>
  rows.flatMap((row) => {
    const read = Post.safeParse(row);
    return read.success ? [read.data] : [];
  });

export interface Changes {
  readonly posts: ReadonlyMap<string, Post>;
  /** All that is new is there, but edits and removals of older posts may be missing. */
  readonly isCut: boolean;
  /** Not even all that is new is there: so many pages are not read. */
  readonly isShort: boolean;
}

/** The posts of one channel, as the server lists them. */
export class ChannelLists {
  readonly #rest: Rest;
  readonly #channel: string;
  readonly #signal: AbortSignal;

  constructor(rest: Rest, channel: string, signal: AbortSignal) {
    this.#rest = rest;
    this.#channel = channel;
    this.#signal = signal;
  }

  /** All that changed later than `since` (ms since 1970 on the server's clock), rows of edits' history among it. */
  async changedSince(since: number): Promise<Answer<Changes>> {
    const listed = await this.#list({ since: String(Math.max(0, Math.floor(since))) });
    if (!listed.ok) return listed;
    const posts = new Map(listed.value.map((post) => [post.id, post]));
    if (listed.value.length < SINCE_ROWS) return { ok: true, value: { posts, isCut: false, isShort: false } };
    // The list was cut anywhere: pages, newest first, have all that is new.
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const older = await this.#list({ page: String(page), per_page: String(PAGE) });
      if (!older.ok) return older;
      for (const post of older.value) posts.set(post.id, post);
      const oldest = older.value.reduce(
        (least, { create_at }) => Math.min(least, create_at),
        Number.MAX_VALUE,
      );
      if (older.value.length < PAGE || oldest < since)
        return { ok: true, value: { posts, isCut: true, isShort: false } };
    }
    return { ok: true, value: { posts, isCut: true, isShort: true } };
  }

  async #list(query: Readonly<Record<string, string>>): Promise<Answer<Post[]>> {
    const answer = await this.#rest.call({
      method: 'GET',
      path: path`/channels/${this.#channel}/posts`,
      query,
      schema: List,
      signal: this.#signal,
    });
    if (!answer.ok) return answer;
    const { order, posts } = answer.value;
    return { ok: true, value: postsOf(order.map((id) => posts[id])) };
  }
}
