import type { BridgeContext } from '@brygga/contract';
import { IncomingEvent } from '@brygga/event';
import { Recent } from '@brygga/wire';
import type { Ghosts } from './ghosts.ts';
import { type Homeserver, path } from './homeserver.ts';
import { tellHubs } from './hubs.ts';
import { type Remote, readGhost } from './ids.ts';
import { type IntakeSpace, intake } from './intake.ts';
import { field, isJson, type MatrixEvent, replacedState, textField } from './native.ts';
import type { Room } from './rooms.ts';
import type { MatrixSettings } from './settings.ts';

/** A name or topic older than this may have been replaced meanwhile: the room is asked before it is carried. */
const STALE_MS = 60_000;

/** Event ids remembered per room and rooms remembered: what is handed in twice costs the hub a look-up each. */
const SEEN_PER_ROOM = 2_000;
const ROOMS_MAX = 5_000;
/** Ghosts looked up for one event. */
const HASHED_MAX = 50;

export interface Receiver {
  /**
   * Hands events of one room to the hub, in order, and resolves when they are durable. Rejects when they are not.
   * `live`: pushed now, so they also change what we know of the room. `cursor` is saved in the same step.
   */
  receive(room: Room, events: readonly MatrixEvent[], live: boolean, cursor?: string): Promise<void>;
}

type Context = Pick<
  BridgeContext<MatrixSettings>,
  'accept' | 'clock' | 'hubs' | 'log' | 'network' | 'settings'
>;

export function receiver(ctx: Context, homeserver: Homeserver, ghosts: Ghosts): Receiver {
  return new EventReceiver(ctx, homeserver, ghosts);
}

class EventReceiver implements Receiver {
  readonly #ctx: Context;
  readonly #homeserver: Homeserver;
  readonly #ghosts: Ghosts;
  readonly #ignored: readonly RegExp[];
  readonly #seen = new Recent<Recent<true>>(ROOMS_MAX);

  constructor(ctx: Context, homeserver: Homeserver, ghosts: Ghosts) {
    this.#ctx = ctx;
    this.#homeserver = homeserver;
    this.#ghosts = ghosts;
    this.#ignored = ctx.settings.ignoreSenders.map((source) => new RegExp(source, 'u'));
  }

  async receive(room: Room, events: readonly MatrixEvent[], live: boolean, cursor?: string): Promise<void> {
    const seen = this.#seenIn(room);
    const incoming: IncomingEvent[] = [];
    for (const event of events) {
      const known = seen.get(event.event_id) !== undefined;
      if (!known) incoming.push(...(await this.#read(room, event)));
      if (live || isUnknownMember(room, event)) room.state.applyEvent(event);
    }
    if (live && room.entered) tellHubs(this.#ctx, room);
    if (incoming.length > 0 || cursor !== undefined) {
      const saved = cursor === undefined ? {} : { cursor };
      await this.#ctx.accept({ channel: room.channel, events: incoming, ...saved });
    }
    for (const event of events) seen.set(event.event_id, true);
  }

  #seenIn(room: Room): Recent<true> {
    const known = this.#seen.get(room.channel) ?? new Recent<true>(SEEN_PER_ROOM);
    this.#seen.set(room.channel, known);
    return known;
  }

  async #read(room: Room, event: MatrixEvent): Promise<IncomingEvent[]> {
    if (await this.#isOutdated(room, event)) return [];
    const whole = await this.#withPrevious(room, event);
    const input = intake(whole, await this.#spaceOf(room, event));
    if (input === null) return [];
    const checked = IncomingEvent.safeParse(input);
    if (checked.success) return [checked.data];
    this.#ctx.log.error('event.unreadable', { event: event.event_id, feature: input.kind });
    return [];
  }

  /** A homeserver that was restarted may leave out what a membership was before. */
  async #withPrevious(room: Room, event: MatrixEvent): Promise<MatrixEvent> {
    const replaced = replacedState(event);
    if (event.type !== 'm.room.member' || replaced === undefined) return event;
    if (isJson(field(event.unsigned, 'prev_content'))) return event;
    const before = await this.#homeserver.call({
      as: this.#ghosts.bot,
      method: 'GET',
      path: path`/v3/rooms/${room.channel}/event/${replaced}`,
    });
    const content = before.ok ? field(before.value, 'content') : undefined;
    return isJson(content) ? { ...event, unsigned: { ...event.unsigned, prev_content: content } } : event;
  }

  /** After a crash the homeserver may push an old event again, behind newer ones. */
  async #isOutdated(room: Room, event: MatrixEvent): Promise<boolean> {
    const isMeta = event.type === 'm.room.name' || event.type === 'm.room.topic';
    if (!isMeta || this.#ctx.clock.now() - event.origin_server_ts < STALE_MS) return false;
    const current = await this.#homeserver.call({
      as: this.#ghosts.bot,
      method: 'GET',
      path: path`/v3/rooms/${room.channel}/state/${event.type}`,
    });
    const name = event.type === 'm.room.name' ? 'name' : 'topic';
    return current.ok && textField(current.value, name) !== textField(event.content, name);
  }

  async #spaceOf(room: Room, event: MatrixEvent): Promise<IntakeSpace> {
    const { network, settings } = this.#ctx;
    const { ghostPrefix, serverName } = settings;
    const hashed = await this.#hashedGhosts(event);
    return {
      ghostPrefix,
      serverName,
      network,
      channel: room.channel,
      ignored: this.#ignored,
      state: room.state,
      ghostOf: (user) => {
        const reading = readGhost(settings, user);
        return reading.kind === 'ghost' ? reading.remote : (hashed.get(user) ?? null);
      },
    };
  }

  /** Ghosts whose person only the store knows, looked up before the pure part. */
  async #hashedGhosts(event: MatrixEvent): Promise<ReadonlyMap<string, Remote>> {
    const found = new Map<string, Remote>();
    const text = JSON.stringify(event.content);
    if (!text.includes(`${this.#ctx.settings.ghostPrefix}==`)) return found;
    for (const [user] of text.matchAll(/@[a-z0-9._=-]{1,120}:[A-Za-z0-9.:[\]-]{1,120}/g)) {
      const remote = found.size < HASHED_MAX ? await this.#ghosts.remoteOf(user) : null;
      if (remote !== null) found.set(user, remote);
    }
    return found;
  }
}

/** Somebody who came after the room's state was read: history tells of them before the push does. */
const isUnknownMember = (room: Room, event: MatrixEvent): boolean =>
  event.type === 'm.room.member' &&
  event.state_key !== undefined &&
  room.state.member(event.state_key) === undefined;
