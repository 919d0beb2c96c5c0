import { AppError, noPermission } from './app-error.ts';
import { hasChannelPermission, needChannel } from './permissions.ts';
import { hashtagsOf, needValid, replacedProps, sanitizedProps } from './post-rules.ts';
import { bareView, type PostView, textOf, viewOf } from './post-view.ts';
import { attachable, filledProps } from './posting.ts';
import type { Post, Props } from './types.ts';
import type { World } from './world.ts';

export interface Change {
  readonly message?: string;
  readonly props?: Props;
  readonly fileIds?: readonly string[];
  readonly isPinned?: boolean;
  readonly hasReactions?: boolean;
}

/** A missing or deleted post answers as if one might not edit it (api4/post.go, patchPost). */
export function editable(world: World, userId: string, postId: string, change: Change): Post {
  const post = world.store.posts.get(postId);
  if (post === undefined || post.delete_at > 0) throw noPermission('edit_post');
  const permission = post.user_id === userId ? 'edit_post' : 'edit_others_posts';
  needChannel(world.store, userId, post.channel_id, permission);
  const limit = world.settings.PostEditTimeLimit;
  const isLate = limit !== -1 && world.clock.now() > post.create_at + limit * 1000;
  if (isLate && change.message !== undefined) {
    throw new AppError('api.post.update_post.permissions_time_limit.app_error', 400);
  }
  const isOtherFiles = change.fileIds !== undefined && change.fileIds.join() !== post.file_ids.join();
  if (isOtherFiles) needChannel(world.store, userId, post.channel_id, 'edit_file_attachment');
  return post;
}

/** app.PatchPost and app.UpdatePost. */
export function editPost(world: World, post: Post, change: Change): PostView {
  const channel = world.store.channel(post.channel_id);
  if (channel.delete_at > 0) {
    throw new AppError('api.post.patch_post.can_not_update_post_in_deleted.error', 400);
  }
  if (post.type.startsWith('system_')) {
    throw new AppError('api.post.update_post.system_message.app_error', 400);
  }
  const next = changed(world, post, change);
  needValid(world, next);
  keepHistory(world, post, next);
  Object.assign(post, next);
  const view = viewOf(world, post);
  world.hub.publish('post_edited', { post: textOf(view) }, { channelId: post.channel_id });
  return view;
}

function changed(world: World, post: Post, change: Change): Post {
  const now = world.clock.now();
  const message = change.message ?? post.message;
  const isMuted =
    change.message !== undefined &&
    /\B@(?:here|channel|all)\b/i.test(message) &&
    !hasChannelPermission(world.store, post.user_id, post.channel_id, 'use_channel_mentions');
  // `props` of a patch replace the old ones as a whole.
  const given =
    change.props === undefined ? post.props : replacedProps(world, sanitizedProps(change.props), post.props);
  const props = isMuted ? { ...given, mentionHighlightDisabled: true } : given;
  const fileIds = changedFiles(world, post, change.fileIds);
  const isEdit =
    message !== post.message ||
    fileIds.join() !== post.file_ids.join() ||
    JSON.stringify(props.attachments) !== JSON.stringify(post.props.attachments);
  return {
    ...post,
    message,
    hashtags: hashtagsOf(message),
    props: filledProps(world, world.store.channel(post.channel_id), message, props),
    file_ids: fileIds,
    is_pinned: change.isPinned ?? post.is_pinned,
    ...(change.hasReactions === undefined ? {} : { has_reactions: change.hasReactions }),
    edit_at: isEdit ? now : post.edit_at,
    update_at: now,
  };
}

/** processPostFileChanges: kept ones stay, new ones are attached if they can be. */
function changedFiles(world: World, post: Post, wanted: readonly string[] | undefined): string[] {
  if (wanted === undefined) return post.file_ids;
  const kept = [...new Set(wanted)].filter((id) => post.file_ids.includes(id) || attachable(world, post, id));
  for (const id of kept) Object.assign(world.store.files.get(id)?.info ?? {}, { post_id: post.id });
  for (const id of post.file_ids.filter((one) => !kept.includes(one))) {
    Object.assign(world.store.files.get(id)?.info ?? {}, { delete_at: world.clock.now() });
  }
  return kept;
}

/** The old row stays as a post of its own, deleted and pointing back (post_store.go, Update). */
function keepHistory(world: World, post: Post, next: Post): void {
  const { update_at: at } = next;
  const old = { ...post, id: world.newId(), original_id: post.id, delete_at: at, update_at: at };
  world.store.addPost(old);
  const root = world.store.posts.get(post.root_id);
  if (root !== undefined) root.update_at = Math.max(root.update_at, at);
  const channel = world.store.channel(post.channel_id);
  channel.last_post_at = Math.max(channel.last_post_at, at);
}

/** app.DeletePost: a root takes its replies along, and there is one event. */
export function deletePost(world: World, post: Post, deleterId: string): void {
  const { store, hub } = world;
  const channel = store.channel(post.channel_id);
  if (channel.delete_at > 0) {
    throw new AppError('api.post.delete_post.can_not_delete_post_in_deleted.error', 400);
  }
  const shown = textOf(bareView(post));
  const now = world.clock.now();
  const doomed = store.rowsOf(post.channel_id).filter((one) => one.id === post.id || one.root_id === post.id);
  for (const one of doomed) {
    one.delete_at = now;
    one.update_at = now;
    one.props = { ...one.props, deleteBy: deleterId };
  }
  for (const id of post.file_ids) Object.assign(store.files.get(id)?.info ?? {}, { delete_at: now });
  const root = store.posts.get(post.root_id);
  if (root !== undefined) root.update_at = now;
  const to = { channelId: post.channel_id };
  hub.publish('post_deleted', { post: shown }, { ...to, sanitized: true });
  hub.publish('post_deleted', { post: shown, delete_by: deleterId }, { ...to, sensitive: true });
}
