import type { BridgeContext } from '@brygga/contract';
import { IncomingEvent } from '@brygga/event';
import type { Ghosts } from './ghosts.ts';
import { type Homeserver, path } from './homeserver.ts';
import { type Remote, readGhost } from './ids.ts';
import { type IntakeSpace, intake } from './intake.ts';
import { type MatrixEvent, textField } from './native.ts';
import type { Room } from './rooms.ts';
import type { MatrixSettings } from './settings.ts';

/** A name or topic older than this may have been replaced meanwhile: the room is asked before it is carried. */
const STALE_MS = 60_000;

export interface Receiver {
  /**
   * Hands events of one room to the hub, in order, and resolves when they are durable. Rejects when they are not.
   * `live`: pushed now, so they also change what we know of the room. `cursor` is saved in the same step.
   */
  receive(room: Room, events: readonly MatrixEvent[], live: boolean, cursor?: string): Promise<void>;
}

export function receiver(
  ctx: BridgeContext<MatrixSettings>,
  homeserver: Homeserver,
  ghosts: Ghosts,
): Receiver {
  const { ghostPrefix, serverName } = ctx.settings;
  const space = { ghostPrefix, serverName };
  const ignored = ctx.settings.ignoreSenders.map((source) => new RegExp(source, 'u'));

  /** Ghosts whose person only the store knows, looked up before the pure part. */
  async function hashedGhosts(event: MatrixEvent): Promise<ReadonlyMap<string, Remote>> {
    const known = new Map<string, Remote>();
    const text = JSON.stringify(event.content);
    if (!text.includes(`${ghostPrefix}==`)) return known;
    for (const [user] of text.matchAll(/@[a-z0-9._=-]{1,120}:[A-Za-z0-9.:[\]-]{1,120}/g)) {
      const remote = known.size < 50 ? await ghosts.remoteOf(user) : null;
      if (remote !== null) known.set(user, remote);
    }
    return known;
  }

  async function spaceOf(room: Room, event: MatrixEvent): Promise<IntakeSpace> {
    const hashed = await hashedGhosts(event);
    return {
      ...space,
      network: ctx.network,
      channel: room.channel,
      ignored,
      state: room.state,
      ghostOf: (user) => {
        const reading = readGhost(space, user);
        return reading.kind === 'ghost' ? reading.remote : (hashed.get(user) ?? null);
      },
    };
  }

  /** After a crash the homeserver may push an old event again, behind newer ones. */
  async function isOutdated(room: Room, event: MatrixEvent): Promise<boolean> {
    const isMeta = event.type === 'm.room.name' || event.type === 'm.room.topic';
    if (!isMeta || ctx.clock.now() - event.origin_server_ts < STALE_MS) return false;
    const state = path`/v3/rooms/${room.channel}/state/${event.type}`;
    const current = await homeserver.call({ as: ghosts.bot, method: 'GET', path: state });
    const name = event.type === 'm.room.name' ? 'name' : 'topic';
    return current.ok && textField(current.value, name) !== textField(event.content, name);
  }

  async function read(room: Room, event: MatrixEvent, live: boolean): Promise<IncomingEvent[]> {
    if (await isOutdated(room, event)) return [];
    const input = intake(event, await spaceOf(room, event));
    if (live) room.state.applyEvent(event);
    if (input === null) return [];
    const checked = IncomingEvent.safeParse(input);
    if (checked.success) return [checked.data];
    ctx.log.error('event.unreadable', { event: event.event_id, room: room.channel, feature: input.kind });
    return [];
  }

  return {
    async receive(room, events, live, cursor) {
      const incoming: IncomingEvent[] = [];
      for (const event of events) incoming.push(...(await read(room, event, live)));
      if (incoming.length === 0 && cursor === undefined) return;
      await ctx.accept({
        channel: room.channel,
        events: incoming,
        ...(cursor === undefined ? {} : { cursor }),
      });
    },
  };
}
