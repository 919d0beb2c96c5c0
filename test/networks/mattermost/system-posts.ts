import { createPost } from './posting.ts';
import type { Channel, Props, User } from './types.ts';
import type { World } from './world.ts';

const post = async (
  world: World,
  channel: Channel,
  author: User,
  type: string,
  message: string,
  props: Props,
): Promise<void> => {
  await createPost(world, {
    userId: author.id,
    channelId: channel.id,
    message,
    type: `system_${type}`,
    props: { username: author.username, ...props },
  });
};

const isDefault = ({ name }: Channel): boolean => name === 'town-square';

/** What the server writes when people come and go (app/channel.go, app/team.go). */
export async function sayAdded(world: World, channel: Channel, user: User, by: User): Promise<void> {
  const name = user.username;
  if (user.id === by.id) {
    const [type, text] = isDefault(channel)
      ? ['join_team', `${name} joined the team.`]
      : ['join_channel', `${name} joined the channel.`];
    return post(world, channel, user, type, text, {});
  }
  const place = isDefault(channel) ? 'team' : 'channel';
  await post(world, channel, by, `add_to_${place}`, `${name} added to the ${place} by ${by.username}.`, {
    userId: by.id,
    addedUserId: user.id,
    addedUsername: name,
  });
}

export async function sayGone(world: World, channel: Channel, user: User, by: User): Promise<void> {
  const name = user.username;
  if (user.id === by.id) return post(world, channel, user, 'leave_channel', `${name} left the channel.`, {});
  const props = { removedUserId: user.id, removedUsername: name };
  await post(world, channel, by, 'remove_from_channel', `${name} was removed from the channel.`, props);
}

type Field = 'header' | 'purpose' | 'displayname';
const CALLED: Record<Field, string> = {
  header: 'channel header',
  purpose: 'channel purpose',
  displayname: 'channel display name',
};

export async function sayChanged(
  world: World,
  channel: Channel,
  by: User,
  field: Field,
  values: readonly [old: string, now: string],
): Promise<void> {
  const [old, now] = values;
  if (old === now) return;
  const what = CALLED[field];
  const text =
    old === ''
      ? `${by.username} updated the ${what} to: ${now}`
      : now === ''
        ? `${by.username} removed the ${what} (was: ${old})`
        : `${by.username} updated the ${what} from: ${old} to: ${now}`;
  const props = { [`old_${field}`]: old, [`new_${field}`]: now };
  await post(world, channel, by, `${field}_change`, text, props);
}

export const sayArchived = (world: World, channel: Channel, by: User): Promise<void> =>
  post(world, channel, by, 'channel_deleted', `${by.username} archived the channel.`, {});
export const sayRestored = (world: World, channel: Channel, by: User): Promise<void> =>
  post(world, channel, by, 'channel_restored', `${by.username} unarchived the channel.`, {});
export const sayPrivacy = (world: World, channel: Channel, by: User): Promise<void> =>
  post(
    world,
    channel,
    by,
    'change_chan_privacy',
    channel.type === 'O'
      ? 'This channel has been converted to a Public Channel and can be joined by any team member.'
      : 'This channel has been converted to a Private Channel.',
    {},
  );
