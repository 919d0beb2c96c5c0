import type { Post, Props } from './types.ts';
import type { World } from './world.ts';

/** A post as it goes to clients, with what is not stored in its row. */
export type PostView = Post & {
  readonly pending_post_id: string;
  readonly reply_count: number;
  readonly last_reply_at: number;
  readonly participants: null;
  readonly metadata: Props;
};

interface ViewOptions {
  readonly pendingPostId?: string;
  /** Lists with `since` do not count replies unless told to (post_store.go, GetPostsSince). */
  readonly isUncounted?: boolean;
}

function replyCount({ store }: World, post: Post): number {
  return store.replies(post.root_id === '' ? post.id : post.root_id, post.channel_id).length;
}

function customEmoji({ store }: World, post: Post): unknown[] {
  const inText = [...post.message.matchAll(/:([a-zA-Z0-9\-+_]+):/g)].map(([, name]) => name ?? '');
  const reacted = (store.reactions.get(post.id) ?? []).map(({ emoji_name }) => emoji_name);
  const names = new Set([...inText, ...reacted]);
  return [...store.emoji.values().map(({ row }) => row)].filter(
    (row) => row.delete_at === 0 && names.has(row.name),
  );
}

/** app/post_metadata.go; what would be empty is left out. */
function metadataOf(world: World, post: Post): Props {
  const { store } = world;
  const files = post.file_ids.flatMap((id) => store.files.get(id)?.info ?? []);
  const reactions = store.reactions.get(post.id) ?? [];
  const emojis = customEmoji(world, post);
  return {
    ...post.metadata,
    ...(emojis.length === 0 ? {} : { emojis }),
    ...(files.length === 0 ? {} : { files }),
    ...(reactions.length === 0 ? {} : { reactions }),
  };
}

/** The row alone: what the event of a deletion carries. */
export function bareView(post: Post): Omit<PostView, 'metadata'> {
  const { has_reactions, metadata: _, ...row } = post;
  const transient = { pending_post_id: '', reply_count: 0, last_reply_at: 0, participants: null };
  return { ...row, ...(has_reactions === true ? { has_reactions } : {}), ...transient };
}

export function viewOf(world: World, post: Post, options: ViewOptions = {}): PostView {
  const isGone = post.delete_at > 0;
  return {
    ...bareView(post),
    pending_post_id: options.pendingPostId ?? '',
    reply_count: options.isUncounted === true ? 0 : replyCount(world, post),
    // PreparePostForClient: of a deleted post neither the text nor metadata is shown.
    message: isGone ? '' : post.message,
    metadata: isGone ? {} : metadataOf(world, post),
  };
}

/** JSON inside JSON, as every event carries its objects. */
export const textOf = (view: object): string => JSON.stringify(view);
