import { AppError } from './app-error.ts';
import { putMember } from './membership.ts';
import { textOf } from './post-view.ts';
import type { Channel, Team } from './types.ts';
import type { World } from './world.ts';

export interface NewChannel {
  readonly teamId: string;
  readonly type: Channel['type'];
  readonly name: string;
  readonly displayName: string;
  readonly header?: string;
  readonly purpose?: string;
  readonly creatorId: string;
}

const NAME = /^[a-z0-9](?:[a-z0-9\-_]*[a-z0-9])?$/;
const invalid = (field: string): AppError => new AppError(`model.channel.is_valid.${field}.app_error`, 400);

/** Channel.IsValid: lengths in characters. */
export function needValidChannel(
  channel: Pick<Channel, 'name' | 'display_name' | 'header' | 'purpose' | 'type'>,
): void {
  const isDirect = channel.type === 'D' || channel.type === 'G';
  if ([...channel.display_name].length > 64) throw invalid('display_name');
  if (!isDirect && (!NAME.test(channel.name) || channel.name.length > 64)) throw invalid('1_or_more');
  if ([...channel.header].length > 1024) throw invalid('header');
  if ([...channel.purpose].length > 250) throw invalid('purpose');
}

export function createChannel(world: World, from: NewChannel): Channel {
  const { store } = world;
  const now = world.clock.now();
  const channel: Channel = {
    id: world.newId(),
    create_at: now,
    update_at: now,
    delete_at: 0,
    team_id: from.teamId,
    type: from.type,
    display_name: from.displayName,
    name: from.name,
    header: from.header ?? '',
    purpose: from.purpose ?? '',
    last_post_at: 0,
    total_msg_count: 0,
    extra_update_at: 0,
    creator_id: from.creatorId,
    scheme_id: null,
    props: null,
    group_constrained: null,
    autotranslation: false,
    shared: null,
    total_msg_count_root: 0,
    policy_id: null,
    last_root_post_at: 0,
    banner_info: null,
    policy_enforced: false,
    policy_is_active: false,
    default_category_name: '',
  };
  needValidChannel(channel);
  const existing = store.channelNamed(from.teamId, from.name);
  if (existing !== undefined) {
    const state = existing.delete_at > 0 ? 'previously' : 'exists';
    throw new AppError(`store.sql_channel.save_channel.${state}.app_error`, 400);
  }
  store.channels.set(channel.id, channel);
  return channel;
}

/** The two that every team has. */
export function createDefaultChannels(world: World, team: Team): void {
  for (const [name, displayName] of [
    ['town-square', 'Town Square'],
    ['off-topic', 'Off-Topic'],
  ] as const) {
    createChannel(world, { teamId: team.id, type: 'O', name, displayName, creatorId: '' });
  }
}

/** A conversation of two; it has no team and its name is made of both ids. */
export function directChannel(world: World, userId: string, otherId: string): Channel {
  const name = [userId, otherId].sort().join('__');
  const known = world.store.channelNamed('', name);
  if (known !== undefined) return known;
  const channel = createChannel(world, { teamId: '', type: 'D', name, displayName: '', creatorId: userId });
  for (const id of new Set([userId, otherId])) putMember(world, channel, id);
  const data = { creator_id: userId, teammate_id: otherId };
  world.hub.publish('direct_added', data, { channelId: channel.id });
  return channel;
}

export function publishUpdated(world: World, channel: Channel): void {
  channel.update_at = world.clock.now();
  world.hub.publish('channel_updated', { channel: textOf(channel) }, { channelId: channel.id });
}
