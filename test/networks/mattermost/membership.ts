import { AppError } from './app-error.ts';
import { sayAdded, sayGone } from './system-posts.ts';
import type { Channel, ChannelMember, Team, TeamMember, User } from './types.ts';
import type { World } from './world.ts';

const NOTIFY = {
  desktop: 'default',
  email: 'default',
  ignore_channel_mentions: 'default',
  mark_unread: 'all',
  push: 'default',
};

export function memberRow(world: World, channel: Channel, userId: string, isAdmin: boolean): ChannelMember {
  return {
    channel_id: channel.id,
    user_id: userId,
    roles: isAdmin ? 'channel_user channel_admin' : 'channel_user',
    last_viewed_at: 0,
    msg_count: 0,
    mention_count: 0,
    mention_count_root: 0,
    urgent_mention_count: 0,
    msg_count_root: 0,
    notify_props: { ...NOTIFY },
    last_update_at: world.clock.now(),
    scheme_guest: false,
    scheme_user: true,
    scheme_admin: isAdmin,
    explicit_roles: '',
    autotranslation_disabled: false,
  };
}

export function putMember(world: World, channel: Channel, userId: string, isAdmin = false): ChannelMember {
  const { members } = world.store;
  const inChannel = members.get(channel.id) ?? new Map<string, ChannelMember>();
  members.set(channel.id, inChannel);
  const member = inChannel.get(userId) ?? memberRow(world, channel, userId, isAdmin);
  inChannel.set(userId, member);
  return member;
}

/** AddChannelMember: two broadcasts, of which everybody gets one, and then a system post. */
export async function joinChannel(
  world: World,
  channel: Channel,
  user: User,
  by: User,
): Promise<ChannelMember> {
  const known = world.store.member(channel.id, user.id);
  if (known !== undefined) return known;
  if (channel.team_id !== '' && world.store.teamMember(channel.team_id, user.id) === undefined) {
    throw new AppError('app.team.get_member.missing.app_error', 404);
  }
  const member = putMember(world, channel, user.id);
  const data = { user_id: user.id, team_id: channel.team_id };
  world.hub.publish('user_added', data, { channelId: channel.id, omit: [user.id] });
  world.hub.publish('user_added', data, { channelId: channel.id, userId: user.id });
  await sayAdded(world, channel, user, by);
  return member;
}

/** RemoveUserFromChannel: to the channel, and apart from it to who is no longer in it. */
export async function leaveChannel(world: World, channel: Channel, user: User, by: User): Promise<void> {
  if (channel.name === 'town-square') throw new AppError('api.channel.remove.default.app_error', 400);
  if (world.store.member(channel.id, user.id) === undefined) {
    throw new AppError('app.channel.get_member.missing.app_error', 404);
  }
  // LeaveChannel writes the post before, removing somebody else writes it after.
  if (user.id === by.id) await sayGone(world, channel, user, by);
  world.store.members.get(channel.id)?.delete(user.id);
  const remover_id = by.id;
  world.hub.publish('user_removed', { user_id: user.id, remover_id }, { channelId: channel.id });
  world.hub.publish('user_removed', { channel_id: channel.id, remover_id }, { userId: user.id });
  if (user.id !== by.id) await sayGone(world, channel, user, by);
}

function teamRow(team: Team, userId: string, isAdmin: boolean): TeamMember {
  return {
    team_id: team.id,
    user_id: userId,
    roles: isAdmin ? 'team_user team_admin' : 'team_user',
    delete_at: 0,
    scheme_guest: false,
    scheme_user: true,
    scheme_admin: isAdmin,
    explicit_roles: '',
  };
}

/** JoinUserToTeam, and with it the two default channels. */
export async function joinTeam(
  world: World,
  team: Team,
  user: User,
  by: User,
  isAdmin = false,
): Promise<TeamMember> {
  const { store } = world;
  const known = store.teamMember(team.id, user.id);
  if (known !== undefined) return known;
  const inTeam = store.teamMembers.get(team.id) ?? new Map<string, TeamMember>();
  store.teamMembers.set(team.id, inTeam);
  const active = inTeam.values().filter(({ delete_at }) => delete_at === 0);
  if ([...active].length >= world.settings.MaxUsersPerTeam && !user.is_bot) {
    throw new AppError('app.team.join_user_to_team.max_accounts.app_error', 400);
  }
  const member = teamRow(team, user.id, isAdmin);
  inTeam.set(user.id, member);
  for (const name of ['town-square', 'off-topic']) {
    const channel = store.channelNamed(team.id, name);
    if (channel !== undefined) await joinChannel(world, channel, user, by);
  }
  world.hub.publish('added_to_team', { team_id: team.id, user_id: user.id }, { userId: user.id });
  return member;
}

export async function leaveTeam(world: World, team: Team, user: User): Promise<void> {
  const { store, hub } = world;
  const member = store.teamMember(team.id, user.id);
  if (member === undefined) throw new AppError('app.team.get_member.missing.app_error', 404);
  for (const channel of store.channels.values()) {
    if (channel.team_id === team.id) store.members.get(channel.id)?.delete(user.id);
  }
  hub.publish('leave_team', { user_id: user.id, team_id: team.id }, { teamId: team.id });
  member.delete_at = world.clock.now();
}
