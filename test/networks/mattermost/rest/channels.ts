import { AppError, invalidParam, noPermission } from '../app-error.ts';
import {
  actor,
  type Body,
  bodyOf,
  type Call,
  created,
  done,
  type Handler,
  idParam,
  ok,
  pageOf,
  type Route,
  slice,
  textsOf,
  userParam,
} from '../call.ts';
import { createChannel, directChannel, needValidChannel, publishUpdated } from '../channels.ts';
import { putMember } from '../membership.ts';
import { needChannel, needRead, needSelf, needTeam } from '../permissions.ts';
import { sayArchived, sayChanged, sayPrivacy, sayRestored } from '../system-posts.ts';
import type { Channel } from '../types.ts';

const create: Handler = async (call) => {
  const { world } = call;
  const body = bodyOf(call, 'channel');
  const creatorId = actor(call);
  if (body.text('team_id') === '') throw invalidParam('team_id');
  if (body.text('display_name') === '') throw invalidParam('display_name');
  const type = body.text('type');
  if (type !== 'O' && type !== 'P') {
    throw new AppError('api.channel.create_channel.direct_channel.app_error', 400);
  }
  const permission = type === 'O' ? 'create_public_channel' : 'create_private_channel';
  needTeam(world.store, creatorId, body.text('team_id'), permission);
  const channel = createChannel(world, {
    teamId: body.text('team_id'),
    type,
    name: body.text('name').toLowerCase(),
    displayName: body.text('display_name'),
    header: body.text('header'),
    purpose: body.text('purpose'),
    creatorId,
  });
  putMember(world, channel, creatorId, true);
  const data = { channel_id: channel.id, team_id: channel.team_id };
  world.hub.publish('channel_created', data, { userId: creatorId });
  return created(channel);
};

const direct: Handler = (call) => {
  const ids = textsOf(call, 'user_ids');
  const [first = '', second = ''] = ids;
  const { store } = call.world;
  if (ids.length !== 2) throw invalidParam('user_ids');
  if (!store.users.has(first) || !store.users.has(second)) throw invalidParam('user_id');
  if (!ids.includes(actor(call))) throw noPermission('manage_system');
  return created(directChannel(call.world, actor(call), first === actor(call) ? second : first));
};

function readableChannel(call: Call): Channel {
  const channel = call.world.store.channel(idParam(call, 'channel_id'));
  if (channel.type !== 'O') needRead(call.world.store, actor(call), channel.id);
  else needTeam(call.world.store, actor(call), channel.team_id, 'read_public_channel');
  return channel;
}

const get: Handler = (call) => ok(readableChannel(call));

function named(call: Call, teamId: string): Channel {
  const channel = call.world.store.channelNamed(teamId, call.params.channel_name ?? '');
  const withDeleted = call.url.searchParams.get('include_deleted') === 'true';
  if (channel === undefined || (channel.delete_at > 0 && !withDeleted)) {
    throw new AppError('app.channel.get_by_name.missing.app_error', 404);
  }
  // A private channel one is not in does not exist.
  if (channel.type !== 'O' && call.world.store.member(channel.id, actor(call)) === undefined) {
    throw new AppError('app.channel.get_by_name.missing.app_error', 404);
  }
  return channel;
}

const byName: Handler = (call) => ok(named(call, idParam(call, 'team_id')));
const byNames: Handler = (call) => {
  const { store } = call.world;
  const team = store.teams.values().find(({ name }) => name === call.params.team_name);
  if (team === undefined) throw new AppError('app.team.get_by_name.missing.app_error', 404);
  return ok(named(call, team.id));
};

const publicOfTeam: Handler = (call) => {
  const { store } = call.world;
  const teamId = idParam(call, 'team_id');
  needTeam(store, actor(call), teamId, 'list_team_channels');
  const channels = [...store.channels.values()].filter(
    (channel) => channel.team_id === teamId && channel.type === 'O' && channel.delete_at === 0,
  );
  return ok(slice(channels, pageOf(call)));
};

const isIn = (call: Call, userId: string, channel: Channel): boolean =>
  call.world.store.member(channel.id, userId) !== undefined;

const ofUser: Handler = (call) => {
  const { store } = call.world;
  const id = userParam(call);
  needSelf(store, actor(call), id);
  return ok([...store.channels.values()].filter((one) => one.delete_at === 0 && isIn(call, id, one)));
};

const ofUserInTeam: Handler = (call) => {
  const { store } = call.world;
  const id = userParam(call);
  const teamId = idParam(call, 'team_id');
  needSelf(store, actor(call), id);
  const channels = [...store.channels.values()].filter(
    (one) => one.delete_at === 0 && (one.team_id === teamId || one.team_id === '') && isIn(call, id, one),
  );
  // With none the store finds nothing, and says so.
  if (channels.length === 0) throw new AppError('app.channel.get_channels.not_found.app_error', 404);
  return ok(channels);
};

function needProperties(call: Call, channel: Channel): void {
  const permission =
    channel.type === 'P' ? 'manage_private_channel_properties' : 'manage_public_channel_properties';
  if (channel.type === 'D' || channel.type === 'G') needRead(call.world.store, actor(call), channel.id);
  else needChannel(call.world.store, actor(call), channel.id, permission);
}

function apply(channel: Channel, body: Body): void {
  const next = { ...channel };
  for (const name of ['name', 'display_name', 'header', 'purpose'] as const) {
    if (body.has(name)) next[name] = body.text(name);
  }
  needValidChannel(next);
  Object.assign(channel, next);
}

/** PatchChannel: one event with the whole channel, then a system post for each thing that changed. */
const patch: Handler = async (call) => {
  const { world } = call;
  const channel = world.store.channel(idParam(call, 'channel_id'));
  needProperties(call, channel);
  if (channel.delete_at > 0) {
    throw new AppError('api.channel.update_channel.deleted.app_error', 400);
  }
  const old = { ...channel };
  apply(channel, bodyOf(call, 'channel'));
  publishUpdated(world, channel);
  const by = world.store.user(actor(call));
  await sayChanged(world, channel, by, 'displayname', [old.display_name, channel.display_name]);
  await sayChanged(world, channel, by, 'header', [old.header, channel.header]);
  await sayChanged(world, channel, by, 'purpose', [old.purpose, channel.purpose]);
  return ok(channel);
};

const privacy: Handler = async (call) => {
  const { world } = call;
  const channel = world.store.channel(idParam(call, 'channel_id'));
  needTeam(world.store, actor(call), channel.team_id, 'manage_team');
  const wanted = bodyOf(call, 'privacy').text('privacy');
  if (wanted !== 'O' && wanted !== 'P') throw invalidParam('privacy');
  channel.type = wanted;
  channel.update_at = world.clock.now();
  await sayPrivacy(world, channel, world.store.user(actor(call)));
  world.hub.publish('channel_converted', { channel_id: channel.id }, { teamId: channel.team_id });
  return ok(channel);
};

/** The event goes to the team of a public channel, to the members of a private one. */
const reach = (channel: Channel) =>
  channel.type === 'O' ? { teamId: channel.team_id } : { channelId: channel.id };

const archive: Handler = async (call) => {
  const { world } = call;
  const channel = world.store.channel(idParam(call, 'channel_id'));
  if (channel.type === 'D' || channel.type === 'G') {
    throw new AppError('api.channel.delete_channel.type.invalid', 400);
  }
  const permission = channel.type === 'P' ? 'delete_private_channel' : 'delete_public_channel';
  needChannel(world.store, actor(call), channel.id, permission);
  if (channel.name === 'town-square') throw new AppError('api.channel.delete_channel.cannot.app_error', 400);
  if (channel.delete_at > 0) throw new AppError('api.channel.delete_channel.deleted.app_error', 400);
  await sayArchived(world, channel, world.store.user(actor(call)));
  channel.delete_at = world.clock.now();
  channel.update_at = channel.delete_at;
  // DeleteChannel: the hooks of the channel go with it, and do not come back when it is restored.
  for (const hook of world.store.hooks.values()) {
    if (hook.channel_id === channel.id) hook.delete_at = channel.delete_at;
  }
  const data = { channel_id: channel.id, delete_at: channel.delete_at };
  world.hub.publish('channel_deleted', data, reach(channel));
  return done();
};

const restore: Handler = async (call) => {
  const { world } = call;
  const channel = world.store.channel(idParam(call, 'channel_id'));
  needTeam(world.store, actor(call), channel.team_id, 'manage_team');
  if (channel.delete_at === 0) throw new AppError('api.channel.restore_channel.restored.app_error', 400);
  channel.delete_at = 0;
  channel.update_at = world.clock.now();
  world.hub.publish('channel_restored', { channel_id: channel.id }, reach(channel));
  await sayRestored(world, channel, world.store.user(actor(call)));
  return ok(channel);
};

const stats: Handler = (call) => {
  const channel = readableChannel(call);
  const { store } = call.world;
  const rows = store.rowsOf(channel.id).filter(({ delete_at }) => delete_at === 0);
  return ok({
    channel_id: channel.id,
    member_count: store.membersOf(channel.id).length,
    guest_count: 0,
    pinnedpost_count: rows.filter(({ is_pinned }) => is_pinned).length,
    files_count: rows.flatMap(({ file_ids }) => file_ids).length,
  });
};

export const CHANNELS: readonly Route[] = [
  ['POST', '/api/v4/channels', create],
  ['POST', '/api/v4/channels/direct', direct],
  ['GET', '/api/v4/channels/:channel_id', get],
  ['PUT', '/api/v4/channels/:channel_id/patch', patch],
  ['PUT', '/api/v4/channels/:channel_id/privacy', privacy],
  ['DELETE', '/api/v4/channels/:channel_id', archive],
  ['POST', '/api/v4/channels/:channel_id/restore', restore],
  ['GET', '/api/v4/channels/:channel_id/stats', stats],
  ['GET', '/api/v4/teams/name/:team_name/channels/name/:channel_name', byNames],
  ['GET', '/api/v4/teams/:team_id/channels', publicOfTeam],
  ['GET', '/api/v4/teams/:team_id/channels/name/:channel_name', byName],
  ['GET', '/api/v4/users/:user_id/channels', ofUser],
  ['GET', '/api/v4/users/:user_id/teams/:team_id/channels', ofUserInTeam],
];
