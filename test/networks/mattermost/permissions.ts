import { noPermission } from './app-error.ts';
import type { Store } from './store.ts';

const ofRole = (store: Store, name: string, permission: string): boolean =>
  store.roles.values().some((role) => role.name === name && role.permissions.includes(permission));

/** app/authorization.go: a permission may come from the system, the team or the channel. */
export function hasPermission(store: Store, userId: string, permission: string): boolean {
  const roles = store.users.get(userId)?.roles.split(' ') ?? [];
  return roles.some((name) => ofRole(store, name, permission));
}

export function hasTeamPermission(store: Store, userId: string, teamId: string, permission: string): boolean {
  const member = store.teamMember(teamId, userId);
  const roles = member === undefined ? [] : ['team_user', ...(member.scheme_admin ? ['team_admin'] : [])];
  return (
    roles.some((name) => ofRole(store, name, permission)) ||
    (store.teams.has(teamId) && hasPermission(store, userId, permission))
  );
}

export function hasChannelPermission(
  store: Store,
  userId: string,
  channelId: string,
  permission: string,
): boolean {
  const channel = store.channels.get(channelId);
  if (channel === undefined) return false;
  const member = store.member(channelId, userId);
  const roles =
    member === undefined ? [] : ['channel_user', ...(member.scheme_admin ? ['channel_admin'] : [])];
  if (roles.some((name) => ofRole(store, name, permission))) return true;
  return channel.team_id === ''
    ? hasPermission(store, userId, permission)
    : hasTeamPermission(store, userId, channel.team_id, permission);
}

/** Reading is also allowed in a public channel of one's team without being in it. */
export function mayRead(store: Store, userId: string, channelId: string): boolean {
  const channel = store.channels.get(channelId);
  if (channel === undefined) return false;
  if (hasChannelPermission(store, userId, channelId, 'read_channel_content')) return true;
  return channel.type === 'O' && hasTeamPermission(store, userId, channel.team_id, 'read_public_channel');
}

export function needChannel(store: Store, userId: string, channelId: string, permission: string): void {
  if (!hasChannelPermission(store, userId, channelId, permission)) throw noPermission(permission);
}

export function needRead(store: Store, userId: string, channelId: string): void {
  if (!mayRead(store, userId, channelId)) throw noPermission('read_channel_content');
}

export function needTeam(store: Store, userId: string, teamId: string, permission: string): void {
  if (!hasTeamPermission(store, userId, teamId, permission)) throw noPermission(permission);
}

export function need(store: Store, userId: string, permission: string): void {
  if (!hasPermission(store, userId, permission)) throw noPermission(permission);
}

/** Oneself, or somebody who may edit others (SessionHasPermissionToUser). */
export function needSelf(store: Store, actorId: string, userId: string): void {
  if (actorId !== userId) need(store, actorId, 'edit_other_users');
}
