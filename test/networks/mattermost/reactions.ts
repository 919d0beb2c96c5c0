import { AppError } from './app-error.ts';
import { textOf } from './post-view.ts';
import { isSystemEmoji } from './system-emoji.ts';
import type { Emoji, Post, Reaction } from './types.ts';
import type { World } from './world.ts';

export function emojiNamed({ store, settings }: World, name: string): Emoji {
  const found = store.emoji.values().find(({ row }) => row.name === name && row.delete_at === 0);
  if (!settings.EnableCustomEmoji) throw new AppError('api.emoji.disabled.app_error', 403);
  if (found === undefined) throw new AppError('app.emoji.get_by_name.no_result', 404);
  return found.row;
}

/** SaveReactionForPost, in its order; a repeat is a success, and is told again. */
export function addReaction(world: World, userId: string, postId: string, name: string): Reaction {
  const { store, settings, clock } = world;
  const post = store.post(postId);
  if (!isSystemEmoji(name)) emojiNamed(world, name);
  const rows = store.reactions.get(postId) ?? [];
  const names = new Set(rows.map(({ emoji_name }) => emoji_name));
  if (!names.has(name) && names.size >= settings.UniqueEmojiReactionLimitPerPost) {
    throw new AppError('app.reaction.save.save.too_many_reactions', 400);
  }
  needOpen(world, post, 'save');
  const now = clock.now();
  const reaction: Reaction = {
    user_id: userId,
    post_id: postId,
    emoji_name: name,
    create_at: now,
    update_at: now,
    delete_at: 0,
    remote_id: '',
    channel_id: post.channel_id,
  };
  const others = rows.filter((one) => one.user_id !== userId || one.emoji_name !== name);
  store.reactions.set(postId, [...others, reaction]);
  touch(world, post);
  publish(world, 'reaction_added', post, reaction);
  return reaction;
}

/** What is not there is removed with the same success, and is told as well. */
export function removeReaction(world: World, userId: string, postId: string, name: string): void {
  const { store, clock } = world;
  const post = store.post(postId);
  needOpen(world, post, 'delete');
  const rows = store.reactions.get(postId) ?? [];
  const left = rows.filter((one) => one.user_id !== userId || one.emoji_name !== name);
  store.reactions.set(postId, left);
  touch(world, post);
  publish(world, 'reaction_removed', post, {
    user_id: userId,
    post_id: postId,
    emoji_name: name,
    create_at: 0,
    update_at: clock.now(),
    delete_at: 0,
    remote_id: '',
    // DeleteReactionForPost does not fill it in: the channel stands in the broadcast only.
    channel_id: '',
  });
}

function needOpen({ store }: World, post: Post, verb: 'save' | 'delete'): void {
  if (store.channel(post.channel_id).delete_at > 0) {
    throw new AppError(`api.reaction.${verb}.archived_channel.app_error`, 403);
  }
}

/** A reaction is no edit, and still moves the post in lists with `since`. */
function touch({ store, clock }: World, post: Post): void {
  post.has_reactions = (store.reactions.get(post.id) ?? []).length > 0;
  post.update_at = clock.now();
}

function publish(world: World, event: string, post: Post, reaction: Reaction): void {
  world.hub.publish(event, { reaction: textOf(reaction) }, { channelId: post.channel_id });
}
