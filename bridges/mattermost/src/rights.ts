import type { Finding } from '@brygga/contract';
import { z } from 'zod';
import type { User } from './native.ts';
import { path, type Rest } from './rest.ts';

/** What the bot does, by the permission it takes (`model/permission.go`). */
const NEEDED: Readonly<Record<string, string>> = {
  read_channel_content: 'read the channel',
  create_post: 'write',
  edit_post: 'edit what it wrote',
  delete_post: 'remove what it wrote',
  add_reaction: 'react',
  remove_reaction: 'take reactions back',
};

const PLACE = 'System Console > User Management > Permissions';

const Member = z.object({ roles: z.string() });
const ChannelOf = z.object({ team_id: z.string() });
const Role = z.object({ name: z.string(), permissions: z.array(z.string()) });

/** Which permissions the account lacks in each channel, and where they are given. */
export async function rightsFindings(
  rest: Rest,
  me: User,
  channels: readonly string[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const found = await Promise.all(channels.map((channel) => rolesIn(rest, me, channel, signal)));
  const names = [...new Set(found.flat())];
  if (names.length === 0) return [];
  const call = { method: 'POST', path: '/roles/names', body: names, schema: z.array(Role), signal } as const;
  const roles = await rest.call(call);
  if (!roles.ok) return [];
  const permissions = new Map(roles.value.map((role) => [role.name, role.permissions]));
  const isAllowed = (permission: string): boolean =>
    found
      .filter((one) => one.length > 0)
      .every((own) => own.some((role) => permissions.get(role)?.includes(permission) === true));
  const lacking = Object.entries(NEEDED).filter(([permission]) => !isAllowed(permission));
  const findings = lacking.map(
    ([permission, what]): Finding => ({
      level: 'fail',
      what: `the bot may not ${what}: it lacks ${permission}`,
      remedy: `give it to the roles of the bot: ${PLACE}`,
    }),
  );
  if (findings.length === 0) findings.push({ level: 'ok', what: 'the bot may do what it has to' });
  const heeds = isAllowed('delete_others_posts')
    ? 'removes'
    : 'does not remove (it lacks delete_others_posts)';
  const what = `the bot ${heeds} what people of this network wrote when a moderator elsewhere asks for it`;
  return [...findings, { level: 'ok', what }];
}

/** The roles of the account in a channel; none where it is no member. */
async function rolesIn(rest: Rest, me: User, channel: string, signal: AbortSignal): Promise<string[]> {
  const call = { method: 'GET', schema: Member, signal } as const;
  const where = await rest.call({ ...call, path: path`/channels/${channel}`, schema: ChannelOf });
  const inChannel = await rest.call({ ...call, path: path`/channels/${channel}/members/${me.id}` });
  if (!where.ok || !inChannel.ok) return [];
  const inTeam = await rest.call({ ...call, path: path`/teams/${where.value.team_id}/members/${me.id}` });
  const roles = [me.roles, inChannel.value.roles, inTeam.ok ? inTeam.value.roles : ''].join(' ');
  return [...new Set(roles.split(' '))].filter((role) => role !== '');
}
