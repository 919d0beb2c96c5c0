import { AppError, invalidUrlParam, noPermission } from '../app-error.ts';
import {
  actor,
  bodyOf,
  type Call,
  done,
  type Handler,
  idParam,
  ok,
  type Route,
  textsOf,
  userParam,
} from '../call.ts';
import { isId } from '../ids.ts';
import { hasChannelPermission, hasPermission, mayRead } from '../permissions.ts';
import { addReaction, removeReaction } from '../reactions.ts';
import { isAtLeast } from '../world.ts';

const LONGEST_NAME = 64;
const NAME = /^[a-zA-Z0-9\-+_]+$/;

/** A post that is not there is one that one may not touch. */
function needPost({ world: { store } }: Call, userId: string, postId: string, permission: string): void {
  const channelId = store.posts.get(postId)?.channel_id ?? '';
  const may = hasChannelPermission(store, userId, channelId, permission);
  if (!may && !hasPermission(store, userId, 'manage_system')) throw noPermission(permission);
}

/** Before 11.10 the case of a name counts (CL 11.10). */
const cased = (call: Call, name: string): string =>
  isAtLeast(call.world, '11.10') ? name.toLowerCase() : name;

const add: Handler = (call) => {
  const body = bodyOf(call, 'reaction');
  const [userId, postId] = [body.text('user_id'), body.text('post_id')];
  const name = cased(call, body.text('emoji_name'));
  if (!isId(userId) || !isId(postId) || name === '' || name.length > LONGEST_NAME) {
    throw new AppError('api.reaction.save_reaction.invalid.app_error', 400);
  }
  if (userId !== actor(call)) throw new AppError('api.reaction.save_reaction.user_id.app_error', 403);
  needPost(call, userId, postId, 'add_reaction');
  return ok(addReaction(call.world, userId, postId, name));
};

/** With none, the answer is null (a nil slice). */
const ofPost: Handler = (call) => {
  const postId = idParam(call, 'post_id');
  const { store } = call.world;
  const channelId = store.posts.get(postId)?.channel_id ?? '';
  if (!mayRead(store, actor(call), channelId)) throw noPermission('read_channel_content');
  const rows = store.reactions.get(postId) ?? [];
  return ok(rows.length === 0 ? null : rows);
};

const ofPosts: Handler = (call) => {
  const { store } = call.world;
  const ids = textsOf(call, 'post_ids');
  for (const id of ids) {
    const channelId = store.posts.get(id)?.channel_id ?? '';
    if (!mayRead(store, actor(call), channelId)) throw noPermission('read_channel_content');
  }
  return ok(Object.fromEntries(ids.map((id) => [id, store.reactions.get(id) ?? []])));
};

const remove: Handler = (call) => {
  const userId = userParam(call);
  const postId = idParam(call, 'post_id');
  const name = cased(call, call.params.emoji_name ?? '');
  if (!NAME.test(name) || name.length > LONGEST_NAME) throw invalidUrlParam('emoji_name');
  needPost(call, actor(call), postId, 'remove_reaction');
  if (userId !== actor(call) && !hasPermission(call.world.store, actor(call), 'manage_system')) {
    throw noPermission('remove_others_reactions');
  }
  removeReaction(call.world, userId, postId, name);
  return done();
};

export const REACTIONS: readonly Route[] = [
  ['POST', '/api/v4/reactions', add],
  ['POST', '/api/v4/posts/ids/reactions', ofPosts],
  ['GET', '/api/v4/posts/:post_id/reactions', ofPost],
  ['DELETE', '/api/v4/users/:user_id/posts/:post_id/reactions/:emoji_name', remove],
];
