import { type BridgeContext, type HubNotice, readHubNotice } from '@brygga/contract';
import { failureFields } from './errors.ts';
import { type Homeserver, path } from './homeserver.ts';
import type { Json } from './native.ts';
import type { Room } from './rooms.ts';

/**
 * State event by which a hub says that it is in a room, one for each of its links there (in the manner of MSC2346's
 * `m.bridge`). Only who may set state can write it. An empty one takes it back.
 */
export const HUB = 'org.brygga.hub';

/** Notices read of one room. */
export const HUBS_MAX = 32;

export const stateKeyOf = ({ instance, link }: HubNotice): string => `${instance}.${link}`;

/** The notice of a state event; null when it is none, or was taken back. */
export function hubOf(stateKey: string, content: Json): HubNotice | null {
  const notice = readHubNotice(content);
  return notice !== null && stateKeyOf(notice) === stateKey ? notice : null;
}

/** Tells the hub who is in the room, when it is another list than the last. */
export function tellHubs(ctx: Pick<BridgeContext<unknown>, 'hubs'>, room: Room): void {
  const notices = room.state.hubs();
  const told = JSON.stringify(notices);
  if (told === room.hubsTold) return;
  room.hubsTold = told;
  ctx.hubs(room.channel, notices);
}

interface PutParts {
  readonly ctx: Pick<BridgeContext<unknown>, 'log'>;
  readonly homeserver: Homeserver;
  readonly bot: string;
}

/** Sees that our notice stands in the room. Where the bot may set no state, other hubs do not see this one. */
export async function putNotice({ ctx, homeserver, bot }: PutParts, room: Room): Promise<void> {
  const { notice, state, channel } = room;
  if (notice === null || JSON.stringify(state.hub(stateKeyOf(notice))) === JSON.stringify(notice)) return;
  const answer = await homeserver.call({
    as: bot,
    method: 'PUT',
    path: path`/v3/rooms/${channel}/state/${HUB}/${stateKeyOf(notice)}`,
    body: { ...notice },
    signal: room.stop.signal,
  });
  if (!answer.ok) ctx.log.info('hub.not-announced', { room: channel, ...failureFields(answer.failure) });
}
