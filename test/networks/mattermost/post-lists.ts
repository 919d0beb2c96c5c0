import { type Page, slice } from './call.ts';
import { type PostView, viewOf } from './post-view.ts';
import type { Post } from './types.ts';
import type { World } from './world.ts';

/** The most rows a list with `since` looks at, in no particular order (post_store.go, GetPostsSince). */
const SINCE_ROWS = 1000;

export interface PostList {
  readonly order: readonly string[];
  readonly posts: Readonly<Record<string, PostView>>;
  readonly next_post_id: string;
  readonly prev_post_id: string;
  readonly has_next?: boolean;
  readonly first_inaccessible_post_time: number;
}

interface Around {
  readonly anchor: string;
  readonly isAfter: boolean;
}

/** Newest first. Of the same millisecond: as the database pleases, so by id, which is chance. */
const newestFirst = (a: Post, b: Post): number => b.create_at - a.create_at || (a.id < b.id ? -1 : 1);

const listOf = (
  world: World,
  order: readonly Post[],
  others: readonly Post[],
  next = '',
  prev = '',
  isUncounted = false,
): PostList => ({
  order: order.map(({ id }) => id),
  posts: Object.fromEntries(
    [...order, ...others].map((post) => [post.id, viewOf(world, post, { isUncounted })]),
  ),
  next_post_id: next,
  prev_post_id: prev,
  first_inaccessible_post_time: 0,
});

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/** What a replica that lags behind knows of a row: nothing of one that is newer. */
const isReplicated = (world: World, post: Post): boolean =>
  world.faults.replicaLagMs === 0 || post.update_at <= world.clock.now() - world.faults.replicaLagMs;

/** Changed later than `since`; at most 1,000 arbitrary ones, tombstones and edit history among them. */
export function postsSince(world: World, channelId: string, since: number, skipThreads: boolean): PostList {
  const rows = world.store.rowsOf(channelId);
  const fitting = rows.filter((post) => post.update_at > since && isReplicated(world, post));
  const taken = fitting.length > SINCE_ROWS ? shuffled(fitting, world.random).slice(0, SINCE_ROWS) : fitting;
  const roots = taken.flatMap(({ root_id }) => world.store.posts.get(root_id) ?? []);
  const all = [...new Set([...taken, ...roots])].sort(newestFirst);
  const order = all.filter((post) => post.update_at > since);
  return listOf(world, order, all, '', '', !skipThreads);
}

/** Roots only, and no deleted ones: `since` with collapsed threads. */
export function rootsSince(world: World, channelId: string, since: number): PostList {
  const live = world.store.rowsOf(channelId).filter((post) => post.delete_at === 0 && post.root_id === '');
  const order = live.filter((post) => post.update_at > since).sort(newestFirst);
  return listOf(world, order.slice(0, SINCE_ROWS), []);
}

function live(world: World, channelId: string, withDeleted: boolean): Post[] {
  const rows = world.store.rowsOf(channelId);
  return rows.filter((post) => withDeleted || post.delete_at === 0).sort(newestFirst);
}

/** Threads of the posts shown: their roots and all replies, unless the client declines. */
function threadsOf(world: World, posts: readonly Post[], skip: boolean): Post[] {
  const roots = new Set(posts.map((post) => (post.root_id === '' ? post.id : post.root_id)));
  const known = [...roots].flatMap((id) => world.store.posts.get(id) ?? []);
  if (skip) return known;
  return known.flatMap((root) => [root, ...world.store.replies(root.id, root.channel_id)]);
}

export interface ListOptions extends Page {
  readonly skipThreads: boolean;
  readonly withDeleted: boolean;
}

export function postsPage(world: World, channelId: string, options: ListOptions): PostList {
  const all = live(world, channelId, options.withDeleted);
  const order = slice(all, options);
  const others = threadsOf(world, order, options.skipThreads);
  // Only when threads are left out does the query count their replies (getRootPosts).
  return listOf(world, order, others, ...cursors(all, order), !options.skipThreads);
}

/** `after` and `before` compare create_at strictly: posts of the anchor's millisecond are lost. */
export function postsAround(world: World, channelId: string, around: Around, options: ListOptions): PostList {
  const all = live(world, channelId, options.withDeleted);
  const at = world.store.posts.get(around.anchor)?.create_at ?? Number.NaN;
  const isAfter = (post: Post): boolean => post.create_at > at;
  const fitting = around.isAfter ? all.filter(isAfter).reverse() : all.filter((post) => post.create_at < at);
  const order = slice(fitting, options).sort(newestFirst);
  const others = threadsOf(world, order, options.skipThreads);
  const [next, prev] = cursors(all, order);
  const isFirst = options.page === 0;
  if (around.isAfter) return listOf(world, order, others, next, isFirst ? around.anchor : prev);
  return listOf(world, order, others, isFirst ? around.anchor : next, prev);
}

function cursors(all: readonly Post[], order: readonly Post[]): [next: string, prev: string] {
  const newest = order[0]?.create_at ?? Number.NaN;
  const oldest = order.at(-1)?.create_at ?? Number.NaN;
  const next = all.findLast((post) => post.create_at > newest)?.id ?? '';
  const prev = all.find((post) => post.create_at < oldest)?.id ?? '';
  return [next, prev];
}

/** A thread: the post asked for, then its root and the replies, which without a direction are in no order. */
export function thread(world: World, post: Post, direction: string): PostList {
  const root = world.store.posts.get(post.root_id === '' ? post.id : post.root_id) ?? post;
  const all = [root, ...world.store.replies(root.id, root.channel_id)].filter(({ id }) => id !== post.id);
  const sorted = all.sort(newestFirst);
  const rest =
    direction === 'down' ? sorted.reverse() : direction === 'up' ? sorted : shuffled(sorted, world.random);
  return { ...listOf(world, [post, ...rest], []), has_next: false };
}
