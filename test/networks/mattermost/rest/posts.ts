import { AppError, invalidParam, invalidUrlParam, noPermission, sessionExpired } from '../app-error.ts';
import {
  actor,
  type Body,
  bodyOf,
  type Call,
  created,
  done,
  type Handler,
  idParam,
  isYes,
  ok,
  pageOf,
  type Route,
  textsOf,
} from '../call.ts';
import { deletePost, editable, editPost } from '../editing.ts';
import { isId } from '../ids.ts';
import {
  hasChannelPermission,
  hasPermission,
  hasTeamPermission,
  mayRead,
  need,
  needChannel,
  needRead,
} from '../permissions.ts';
import { postsAround, postsPage, postsSince, rootsSince, thread } from '../post-lists.ts';
import { needUnreserved, withoutForgedIdentity } from '../post-rules.ts';
import { viewOf } from '../post-view.ts';
import { createPost, type Draft } from '../posting.ts';
import type { Post } from '../types.ts';
import { isAtLeast } from '../world.ts';

function mayPost({ store }: Call['world'], userId: string, channelId: string): boolean {
  if (hasChannelPermission(store, userId, channelId, 'create_post')) return true;
  const channel = store.channels.get(channelId);
  return channel?.type === 'O' && hasTeamPermission(store, userId, channel.team_id, 'create_post_public');
}

/** createPostChecks */
function needAllowed(call: Call, body: Body): void {
  const { world, session } = call;
  const { store } = world;
  if (session === null) throw sessionExpired();
  const channelId = body.text('channel_id');
  if (!mayPost(world, session.user_id, channelId)) throw noPermission('create_post');
  if (body.texts('file_ids').length > 0) needChannel(store, session.user_id, channelId, 'upload_file');
  needUnreserved(world, session, store.user(session.user_id), body.row('props'));
}

/** `silent=true`, from 11.10 on, and only for integrations: not for a person with a token. */
function isSilent({ world, url }: Call, userId: string): boolean {
  if (!isYes(url.searchParams.get('silent')) || !isAtLeast(world, '11.10')) return false;
  if (world.store.user(userId).is_bot) return true;
  throw new AppError('api.post.create_post.silent_notification.app_error', 403);
}

function draftOf(call: Call, body: Body): Draft {
  const { world } = call;
  const userId = actor(call);
  const mayBackdate = hasPermission(world.store, userId, 'manage_system');
  const metadata = body.row('metadata');
  return {
    userId,
    channelId: body.text('channel_id'),
    message: body.text('message'),
    rootId: body.text('root_id'),
    type: body.text('type'),
    props: withoutForgedIdentity(world, body.row('props')),
    fileIds: body.texts('file_ids'),
    pendingPostId: body.text('pending_post_id'),
    remoteId: '',
    isSilent: isSilent(call, userId),
    ...(mayBackdate ? { createAt: body.number('create_at') } : {}),
    ...(metadata.priority === undefined ? {} : { metadata: { priority: metadata.priority } }),
  };
}

const create: Handler = async (call) => {
  const { world } = call;
  const body = bodyOf(call, 'post');
  needAllowed(call, body);
  if (body.text('type').startsWith('system_')) throw new AppError('api.context.invalid_param.app_error', 400);
  const channel = world.store.channel(body.text('channel_id'));
  if (channel.delete_at > 0) {
    throw new AppError('api.post.create_post.can_not_post_to_deleted.error', 400);
  }
  if (body.text('id') !== '') throw new AppError('app.post.save.existing.app_error', 400);
  const asked = call.url.searchParams.get('set_online');
  const setOnline = asked === null || !/^(?:0|f|false)$/i.test(asked);
  const { node, beforeSave } = call;
  return created(await createPost(world, draftOf(call, body), { setOnline, node, beforeSave }));
};

function readable(call: Call): Post {
  const { store } = call.world;
  const post = store.post(idParam(call, 'post_id'));
  needRead(store, actor(call), post.channel_id);
  return post;
}

const get: Handler = (call) => {
  const { world } = call;
  if (!isYes(call.url.searchParams.get('include_deleted'))) return ok(viewOf(world, readable(call)));
  need(world.store, actor(call), 'manage_system');
  const post = world.store.posts.get(idParam(call, 'post_id'));
  if (post === undefined) throw new AppError('app.post.get.app_error', 404);
  return ok(viewOf(world, post));
};

/** Deleted ones are among them, without their text; unknown and forbidden ones are left out. */
const byIds: Handler = (call) => {
  const { world } = call;
  const ids = [...new Set(textsOf(call, 'post_ids'))];
  if (ids.length === 0) throw invalidParam('post_ids');
  if (ids.length > 1000) throw new AppError('api.post.posts_by_ids.invalid_body.request_error', 400);
  const known = ids.flatMap((id) => world.store.posts.get(id) ?? []);
  if (known.length === 0) throw new AppError('app.post.get.app_error', 404);
  const shown = known.filter(({ channel_id }) => mayRead(world.store, actor(call), channel_id));
  return ok(shown.sort((a, b) => b.create_at - a.create_at).map((post) => viewOf(world, post)));
};

const patch: Handler = (call) => {
  const { world, session } = call;
  if (session === null) throw sessionExpired();
  const body = bodyOf(call, 'post');
  const props = body.row('props');
  if (body.has('props')) needUnreserved(world, session, world.store.user(session.user_id), props);
  const change = {
    ...(body.has('message') ? { message: body.text('message') } : {}),
    ...(body.has('props') ? { props } : {}),
    ...(body.has('file_ids') ? { fileIds: body.texts('file_ids') } : {}),
    ...(body.has('is_pinned') ? { isPinned: body.flag('is_pinned') } : {}),
    ...(body.has('has_reactions') ? { hasReactions: body.flag('has_reactions') } : {}),
  };
  const post = editable(world, session.user_id, idParam(call, 'post_id'), change);
  return ok(editPost(world, post, change));
};

/** The whole post is replaced: what is left out becomes empty, but for `file_ids` and `props`. */
const update: Handler = (call) => {
  const { world, session } = call;
  if (session === null) throw sessionExpired();
  const body = bodyOf(call, 'post');
  const postId = idParam(call, 'post_id');
  if (body.text('id') !== postId) throw invalidParam('id');
  const props = body.row('props');
  needUnreserved(world, session, world.store.user(session.user_id), props);
  const change = {
    message: body.text('message'),
    isPinned: body.flag('is_pinned'),
    hasReactions: body.flag('has_reactions'),
    ...(body.has('props') ? { props } : {}),
    ...(body.has('file_ids') ? { fileIds: body.texts('file_ids') } : {}),
  };
  return ok(editPost(world, editable(world, session.user_id, postId, change), change));
};

const remove: Handler = (call) => {
  const { world } = call;
  if (isYes(call.url.searchParams.get('permanent')) && !world.settings.EnableAPIPostDeletion) {
    throw new AppError('api.post.delete_post.not_enabled.app_error', 501);
  }
  const userId = actor(call);
  const post = world.store.post(idParam(call, 'post_id'));
  const permission = post.user_id === userId ? 'delete_post' : 'delete_others_posts';
  needChannel(world.store, userId, post.channel_id, permission);
  deletePost(world, post, userId);
  return done();
};

const pin =
  (isPinned: boolean): Handler =>
  (call) => {
    editPost(call.world, readable(call), { isPinned });
    return done();
  };

const threadOf: Handler = (call) => {
  const query = call.url.searchParams;
  const direction = query.get('direction') ?? '';
  if (!['', 'up', 'down'].includes(direction)) throw invalidParam('direction');
  if (Number(query.get('perPage') ?? 0) > 200) throw invalidParam('perPage');
  return ok(thread(call.world, readable(call), direction));
};

const history: Handler = (call) => {
  const { world } = call;
  const post = world.store.posts.get(idParam(call, 'post_id'));
  if (post === undefined || post.delete_at > 0 || post.user_id !== actor(call)) {
    throw noPermission('edit_post');
  }
  const rows = world.store.rowsOf(post.channel_id).filter(({ original_id }) => original_id === post.id);
  if (rows.length === 0) throw new AppError('app.post.get_post_edit_history.no_history.app_error', 404);
  // Here, and only here, the old text is shown.
  const views = rows.map((row) => ({ ...viewOf(world, row), message: row.message }));
  return ok(views.sort((a, b) => b.edit_at - a.edit_at || b.update_at - a.update_at));
};

function anchorOf(call: Call, name: 'before' | 'after'): string {
  const id = call.url.searchParams.get(name) ?? '';
  if (id !== '' && !isId(id)) throw invalidParam(name);
  return id;
}

function sinceOf(call: Call): number {
  const text = call.url.searchParams.get('since') ?? '';
  if (text !== '' && !/^-?\d+$/.test(text)) throw invalidParam('since');
  return Number(text);
}

const ofChannel: Handler = (call) => {
  const { world } = call;
  const query = call.url.searchParams;
  const channelId = idParam(call, 'channel_id');
  const [after, before, since] = [anchorOf(call, 'after'), anchorOf(call, 'before'), sinceOf(call)];
  const withDeleted = isYes(query.get('include_deleted'));
  if (withDeleted && !hasPermission(world.store, actor(call), 'manage_system')) {
    throw noPermission('read_deleted_posts');
  }
  world.store.channel(channelId);
  needRead(world.store, actor(call), channelId);
  const skipThreads = isYes(query.get('skipFetchThreads'));
  if (since > 0) {
    if (isYes(query.get('collapsedThreads'))) return ok(rootsSince(world, channelId, since));
    return ok(postsSince(world, channelId, since, skipThreads));
  }
  const options = { ...pageOf(call), skipThreads, withDeleted };
  if (after !== '') return ok(postsAround(world, channelId, { anchor: after, isAfter: true }, options));
  if (before !== '') return ok(postsAround(world, channelId, { anchor: before, isAfter: false }, options));
  return ok(postsPage(world, channelId, options));
};

const pinned: Handler = (call) => {
  const { world } = call;
  const channelId = idParam(call, 'channel_id');
  if (!world.store.channels.has(channelId)) throw invalidUrlParam('channel_id');
  needRead(world.store, actor(call), channelId);
  const rows = world.store.rowsOf(channelId).filter((post) => post.is_pinned && post.delete_at === 0);
  const posts = Object.fromEntries(rows.map((post) => [post.id, viewOf(world, post)]));
  const list = { order: Object.keys(posts), posts, next_post_id: '', prev_post_id: '' };
  return ok({ ...list, first_inaccessible_post_time: 0 });
};

const filesOf: Handler = (call) => {
  const post = readable(call);
  return ok(post.file_ids.flatMap((id) => call.world.store.files.get(id)?.info ?? []));
};

export const POSTS: readonly Route[] = [
  ['POST', '/api/v4/posts', create],
  ['POST', '/api/v4/posts/ids', byIds],
  ['GET', '/api/v4/posts/:post_id', get],
  ['PUT', '/api/v4/posts/:post_id', update],
  ['DELETE', '/api/v4/posts/:post_id', remove],
  ['PUT', '/api/v4/posts/:post_id/patch', patch],
  ['POST', '/api/v4/posts/:post_id/pin', pin(true)],
  ['POST', '/api/v4/posts/:post_id/unpin', pin(false)],
  ['GET', '/api/v4/posts/:post_id/thread', threadOf],
  ['GET', '/api/v4/posts/:post_id/edit_history', history],
  ['GET', '/api/v4/posts/:post_id/files/info', filesOf],
  ['GET', '/api/v4/channels/:channel_id/posts', ofChannel],
  ['GET', '/api/v4/channels/:channel_id/pinned', pinned],
];
