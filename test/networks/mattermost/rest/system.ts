import { AppError, invalidParam, noPermission } from '../app-error.ts';
import { actor, bodyOf, done, type Handler, isYes, ok, type Route, textsOf, userParam } from '../call.ts';
import { isId } from '../ids.ts';
import { hasChannelPermission, need, needSelf } from '../permissions.ts';
import { clientConfig, configOf, limitedClientConfig, patchSettings } from '../settings.ts';
import { setStatus, statusOf } from '../statuses.ts';
import { publishTyping } from '../typing.ts';
import type { World } from '../world.ts';

const ping: Handler = (call) => {
  const body = { ActiveSearchBackend: 'database', status: 'OK' };
  const isFull = isYes(call.url.searchParams.get('get_server_status'));
  return ok(isFull ? { ...body, database_status: 'OK', filestore_status: 'OK' } : body);
};

const version = (world: World): string => `${world.version}.0`;

const config: Handler = (call) => {
  if (call.url.searchParams.get('format') !== 'old') {
    throw new AppError('api.config.client.old_format.app_error', 501);
  }
  const { settings } = call.world;
  const isKnown = call.session !== null;
  return ok((isKnown ? clientConfig : limitedClientConfig)(settings, version(call.world)));
};

const license: Handler = (call) => {
  if (call.url.searchParams.get('format') !== 'old') {
    throw new AppError('api.license.client.old_format.app_error', 501);
  }
  return ok({ IsLicensed: 'false' });
};

const getConfig: Handler = (call) => {
  need(call.world.store, actor(call), 'manage_system');
  return ok(configOf(call.world.settings));
};

const patchConfig: Handler = (call) => {
  const { world } = call;
  need(world.store, actor(call), 'manage_system');
  const body = bodyOf(call, 'config');
  const sections = Object.keys(configOf(world.settings));
  patchSettings(world.settings, Object.fromEntries(sections.map((name) => [name, body.row(name)])));
  const config = clientConfig(world.settings, version(world));
  world.hub.publish('config_changed', { config }, {});
  return ok(configOf(world.settings));
};

const STATUSES = ['online', 'away', 'dnd', 'offline'];

const putStatus: Handler = (call) => {
  const { world } = call;
  const id = userParam(call);
  const body = bodyOf(call, 'status');
  if (body.text('user_id') !== id) throw invalidParam('user_id');
  needSelf(world.store, actor(call), id);
  const status = body.text('status');
  if (!STATUSES.includes(status)) throw invalidParam('status');
  return ok(setStatus(world, id, status, status !== 'online'));
};

const getStatus: Handler = (call) => {
  const id = userParam(call);
  call.world.store.user(id);
  return ok(statusOf(call.world, id));
};

/** One id that is none spoils the whole block; who never was online is offline. */
const statusesByIds: Handler = (call) => {
  const ids = textsOf(call, 'user_ids');
  if (ids.length === 0 || !ids.every(isId)) throw invalidParam('user_ids');
  const known = ids.filter((id) => call.world.store.users.has(id));
  return ok(known.map((id) => statusOf(call.world, id)));
};

const typing: Handler = (call) => {
  const { world } = call;
  const body = bodyOf(call, 'typing_request');
  const id = userParam(call);
  if (id !== actor(call)) throw noPermission('manage_system');
  const channelId = body.text('channel_id');
  if (!hasChannelPermission(world.store, id, channelId, 'create_post')) throw noPermission('create_post');
  publishTyping(world, id, channelId, body.text('parent_id'));
  return done();
};

export const SYSTEM: readonly Route[] = [
  ['GET', '/api/v4/system/ping', ping, 'open'],
  ['GET', '/api/v4/config/client', config, 'open'],
  ['GET', '/api/v4/license/client', license, 'open'],
  ['GET', '/api/v4/config', getConfig],
  ['PUT', '/api/v4/config/patch', patchConfig],
  ['POST', '/api/v4/users/status/ids', statusesByIds],
  ['GET', '/api/v4/users/:user_id/status', getStatus],
  ['PUT', '/api/v4/users/:user_id/status', putStatus],
  ['POST', '/api/v4/users/:user_id/typing', typing],
];
