import { AppError, invalidParam } from '../app-error.ts';
import {
  actor,
  type Call,
  done,
  type Handler,
  idParam,
  ok,
  pageOf,
  type Route,
  slice,
  userParam,
} from '../call.ts';
import { BLANK, sizeOf } from '../images.ts';
import { partsOf } from '../multipart.ts';
import { hasPermission, need, needSelf } from '../permissions.ts';
import { emojiNamed } from '../reactions.ts';
import { isSystemEmoji } from '../system-emoji.ts';
import type { Emoji } from '../types.ts';
import { publishUserUpdated } from '../users.ts';

/** app/emoji.go: MaxEmojiFileSize */
const EMOJI_BYTES = 512 * 1024;

/** A bot's picture may be set by who owns the bot. */
const setPicture: Handler = async (call) => {
  const { world } = call;
  const id = userParam(call);
  const user = world.store.user(id);
  if (world.store.bots.get(id)?.owner_id !== actor(call)) needSelf(world.store, actor(call), id);
  const part = (await partsOf(call))?.find(({ name }) => name === 'image');
  if (part === undefined) throw new AppError('api.user.upload_profile_user.no_file.app_error', 400);
  if (sizeOf(part.bytes) === undefined) {
    throw new AppError('api.user.upload_profile_user.decode.app_error', 400);
  }
  world.store.pictures.set(id, part.bytes);
  user.last_picture_update = world.clock.now();
  publishUserUpdated(world, user);
  return done();
};

const getPicture: Handler = (call) => {
  const { store } = call.world;
  const user = store.user(userParam(call));
  const body = store.pictures.get(user.id) ?? BLANK;
  const headers = { 'content-type': 'image/png', etag: String(user.last_picture_update) };
  return { status: 200, body, headers: { ...headers, 'cache-control': 'max-age=86400, private' } };
};

const resetPicture: Handler = (call) => {
  const { world } = call;
  const id = userParam(call);
  needSelf(world.store, actor(call), id);
  world.store.pictures.delete(id);
  const user = world.store.user(id);
  user.last_picture_update = -world.clock.now();
  publishUserUpdated(world, user);
  return done();
};

function needCustom(call: Call): void {
  if (!call.world.settings.EnableCustomEmoji) throw new AppError('api.emoji.disabled.app_error', 501);
}

const createEmoji: Handler = async (call) => {
  needCustom(call);
  const { world } = call;
  if (call.raw.length > EMOJI_BYTES) throw new AppError('api.emoji.create.too_large.app_error', 413);
  const parts = await partsOf(call);
  if (parts === undefined) throw new AppError('api.emoji.create.parse.app_error', 400);
  need(world.store, actor(call), 'create_emojis');
  const name = nameIn(parts.find((part) => part.name === 'emoji')?.bytes.toString() ?? '');
  const image = parts.find((part) => part.name === 'image')?.bytes;
  if (image === undefined) throw invalidParam('createEmoji');
  needFree(call, name);
  if (sizeOf(image) === undefined) throw new AppError('api.emoji.upload.image.app_error', 400);
  const now = world.clock.now();
  const row: Emoji = {
    id: world.newId(),
    create_at: now,
    update_at: now,
    delete_at: 0,
    creator_id: actor(call),
    name,
  };
  world.store.emoji.set(row.id, { row, image });
  world.hub.publish('emoji_added', { emoji: JSON.stringify(row) }, {});
  return ok(row);
};

function nameIn(json: string): string {
  try {
    const { name } = JSON.parse(json) as { name?: unknown };
    if (typeof name === 'string') return name;
  } catch {
    // Told as what it is: a bad parameter.
  }
  throw invalidParam('emoji');
}

function needFree(call: Call, name: string): void {
  const isValid = /^[a-zA-Z0-9\-+_]{1,64}$/.test(name) && !isSystemEmoji(name);
  if (!isValid) throw new AppError('model.emoji.name.app_error', 400);
  const isTaken = call.world.store.emoji.values().some(({ row }) => row.name === name && row.delete_at === 0);
  if (isTaken) throw new AppError('api.emoji.create.duplicate.app_error', 400);
}

const listEmoji: Handler = (call) => {
  needCustom(call);
  const rows = [...call.world.store.emoji.values()].map(({ row }) => row);
  return ok(
    slice(
      rows.filter(({ delete_at }) => delete_at === 0),
      pageOf(call),
    ),
  );
};

function emojiOf(call: Call) {
  needCustom(call);
  const found = call.world.store.emoji.get(idParam(call, 'emoji_id'));
  if (found === undefined || found.row.delete_at > 0) throw new AppError('app.emoji.get.no_result', 404);
  return found;
}

const deleteEmoji: Handler = (call) => {
  const { row } = emojiOf(call);
  const { store, clock } = call.world;
  if (row.creator_id !== actor(call) && !hasPermission(store, actor(call), 'delete_others_emojis')) {
    need(store, actor(call), 'delete_others_emojis');
  }
  row.delete_at = clock.now();
  return done();
};

export const PICTURES: readonly Route[] = [
  ['POST', '/api/v4/users/:user_id/image', setPicture, 'files'],
  ['GET', '/api/v4/users/:user_id/image', getPicture],
  ['DELETE', '/api/v4/users/:user_id/image', resetPicture],
  ['GET', '/api/v4/users/:user_id/image/default', getPicture],
  ['POST', '/api/v4/emoji', createEmoji, 'files'],
  ['GET', '/api/v4/emoji', listEmoji],
  [
    'GET',
    '/api/v4/emoji/name/:emoji_name',
    (call) => ok(emojiNamed(call.world, call.params.emoji_name ?? '')),
  ],
  ['GET', '/api/v4/emoji/:emoji_id', (call) => ok(emojiOf(call).row)],
  ['DELETE', '/api/v4/emoji/:emoji_id', deleteEmoji],
  [
    'GET',
    '/api/v4/emoji/:emoji_id/image',
    (call) => ({ status: 200, body: emojiOf(call).image, headers: { 'content-type': 'image/png' } }),
  ],
];
