import type { ChannelId, IncomingOf, NetworkId } from '@brygga/event';
import { nativeId } from '@brygga/event';
import type { Change, Occupant } from './occupants.ts';
import { sender } from './parse.ts';

interface Place {
  readonly network: NetworkId;
  readonly channel: ChannelId;
  readonly at: number;
  readonly id: string;
  /** Whether occupant-ids of this room are to be believed. */
  readonly occupantIds: boolean;
}

/** The event of somebody coming, going, or changing their nick. Presences have no id: `place.id` is a new one. */
export function membershipEvent(change: Change, place: Place): IncomingOf<'membership'> {
  const who: Occupant = place.occupantIds ? change.who : { ...change.who, occupantId: null };
  const person = sender(who);
  return {
    v: 1,
    kind: 'membership',
    origin: {
      network: place.network,
      channel: place.channel,
      nativeId: nativeId(`presence#${place.id}`),
      revision: '1',
      aliases: [],
    },
    sender: person,
    sentAt: Math.trunc(place.at),
    hops: [],
    change: change.change,
    subject: { nativeId: person.nativeId, displayName: person.displayName },
    ...(change.change === 'rename' ? { before: change.before.slice(0, 1024) } : {}),
  };
}
