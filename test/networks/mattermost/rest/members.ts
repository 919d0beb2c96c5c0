import { AppError, invalidParam } from '../app-error.ts';
import {
  actor,
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
import { joinChannel, leaveChannel } from '../membership.ts';
import { need, needChannel, needRead, needSelf, needTeam } from '../permissions.ts';
import type { Channel } from '../types.ts';

const managePermission = (channel: Channel): string =>
  channel.type === 'P' ? 'manage_private_channel_members' : 'manage_public_channel_members';

const add: Handler = async (call) => {
  const { world } = call;
  const { store } = world;
  const id = bodyOf(call, 'channel_member').text('user_id');
  const channel = store.channel(idParam(call, 'channel_id'));
  const user = store.users.get(id);
  if (user === undefined) throw invalidParam('user_id');
  if (channel.type === 'D' || channel.type === 'G') {
    throw new AppError('api.channel.add_user_to_channel.type.app_error', 400);
  }
  if (channel.delete_at > 0)
    throw new AppError('api.channel.add_user.to.channel.failed.deleted.app_error', 400);
  const isJoining = id === actor(call) && channel.type === 'O';
  if (isJoining) needTeam(store, id, channel.team_id, 'join_public_channels');
  else needChannel(store, actor(call), channel.id, managePermission(channel));
  return created(await joinChannel(world, channel, user, store.user(actor(call))));
};

const remove: Handler = async (call) => {
  const { world } = call;
  const channel = world.store.channel(idParam(call, 'channel_id'));
  const id = userParam(call);
  if (channel.type === 'D' || channel.type === 'G') {
    throw new AppError('api.channel.remove_channel_member.type.app_error', 400);
  }
  if (id !== actor(call)) needChannel(world.store, actor(call), channel.id, managePermission(channel));
  await leaveChannel(world, channel, world.store.user(id), world.store.user(actor(call)));
  return done();
};

const list: Handler = (call) => {
  const channelId = idParam(call, 'channel_id');
  needRead(call.world.store, actor(call), channelId);
  return ok(slice(call.world.store.membersOf(channelId), pageOf(call)));
};

const byIds: Handler = (call) => {
  const channelId = idParam(call, 'channel_id');
  needRead(call.world.store, actor(call), channelId);
  return ok(textsOf(call, 'user_ids').flatMap((id) => call.world.store.member(channelId, id) ?? []));
};

const get: Handler = (call) => {
  const channelId = idParam(call, 'channel_id');
  needRead(call.world.store, actor(call), channelId);
  const member = call.world.store.member(channelId, userParam(call));
  if (member === undefined) throw new AppError('app.channel.get_member.missing.app_error', 404);
  return ok(member);
};

const ofUser: Handler = (call) => {
  const { store } = call.world;
  const id = userParam(call);
  needSelf(store, actor(call), id);
  const teamId = call.params.team_id;
  const fits = ({ team_id }: Channel): boolean =>
    teamId === undefined || team_id === teamId || team_id === '';
  return ok([...store.channels.values()].filter(fits).flatMap((one) => store.member(one.id, id) ?? []));
};

/** Read receipts stay with the reader: only he is told, in another session. */
const view: Handler = (call) => {
  const { world } = call;
  const id = userParam(call);
  needSelf(world.store, actor(call), id);
  const channelId = bodyOf(call, 'channel_view').text('channel_id');
  const member = world.store.member(channelId, id);
  if (member !== undefined) member.last_viewed_at = world.clock.now();
  const times = member === undefined ? {} : { [channelId]: member.last_viewed_at };
  if (member !== undefined)
    world.hub.publish('multiple_channels_viewed', { channel_times: times }, { userId: id });
  return ok({ status: 'OK', last_viewed_at_times: times });
};

const schemeRoles: Handler = (call) => {
  const { store } = call.world;
  const channelId = idParam(call, 'channel_id');
  needChannel(store, actor(call), channelId, 'manage_channel_roles');
  const member = store.member(channelId, userParam(call));
  if (member === undefined) throw new AppError('app.channel.get_member.missing.app_error', 404);
  member.scheme_admin = bodyOf(call, 'scheme_roles').flag('scheme_admin');
  member.roles = member.scheme_admin ? 'channel_user channel_admin' : 'channel_user';
  return done();
};

const rolesByNames: Handler = (call) => {
  const names = textsOf(call, 'rolenames');
  return ok([...call.world.store.roles.values()].filter(({ name }) => names.includes(name)));
};

const roleByName: Handler = (call) => ok(roleNamed(call));

function roleNamed(call: Call) {
  const role = call.world.store.roles.values().find(({ name }) => name === call.params.role_name);
  if (role === undefined) throw new AppError('app.role.get_by_name.app_error', 404);
  return role;
}

const roles: Handler = (call) => {
  need(call.world.store, actor(call), 'manage_system');
  return ok([...call.world.store.roles.values()]);
};

/** The permissions given replace the old ones as a whole. */
const patchRole: Handler = (call) => {
  const { store, clock, hub } = call.world;
  need(store, actor(call), 'manage_system');
  const role = store.roles.get(idParam(call, 'role_id'));
  if (role === undefined) throw new AppError('app.role.get.app_error', 404);
  const body = bodyOf(call, 'role');
  if (body.has('permissions')) role.permissions = body.texts('permissions');
  role.update_at = clock.now();
  hub.publish('role_updated', { role: JSON.stringify(role) }, {});
  return ok(role);
};

export const MEMBERS: readonly Route[] = [
  ['POST', '/api/v4/channels/members/:user_id/view', view],
  ['GET', '/api/v4/channels/:channel_id/members', list],
  ['POST', '/api/v4/channels/:channel_id/members', add],
  ['POST', '/api/v4/channels/:channel_id/members/ids', byIds],
  ['GET', '/api/v4/channels/:channel_id/members/:user_id', get],
  ['DELETE', '/api/v4/channels/:channel_id/members/:user_id', remove],
  ['PUT', '/api/v4/channels/:channel_id/members/:user_id/schemeRoles', schemeRoles],
  ['GET', '/api/v4/users/:user_id/channel_members', ofUser],
  ['GET', '/api/v4/users/:user_id/teams/:team_id/channels/members', ofUser],
  ['GET', '/api/v4/roles', roles],
  ['POST', '/api/v4/roles/names', rolesByNames],
  ['GET', '/api/v4/roles/name/:role_name', roleByName],
  ['PUT', '/api/v4/roles/:role_id/patch', patchRole],
];
