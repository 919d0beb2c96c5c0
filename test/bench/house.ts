import { setTimeout as sleep } from 'node:timers/promises';
import type { Bridge, Delivery, Intake, Log } from '@brygga/contract';
import { type NetworkId, networkId } from '@brygga/event';
import { type Hub, Settings, startHub } from '@brygga/hub';
import { type TincanNetwork, TincanSettings, TincanUser, TincanWorld, tincanKind } from '@brygga/tincan';
import { TEXT, type Tell, Wrong } from './job.ts';
import { type Channel, channelName, Ledger, LINKS } from './ledger.ts';
import { RedisWatch } from './redis-watch.ts';

const PREFIX = 'bench';
/** Messages a channel of the network remembers: nobody asks for what happened long ago. */
const REMEMBERED = 10;
const POLL_MS = 20;
/** How long everything that is under way may take to arrive once nothing new is said. */
const DRAIN_MS_MAX = 60_000;

export interface HouseOptions {
  readonly limits?: Partial<Settings['limits']>;
  readonly bad?: boolean;
}

export interface BadRoom {
  readonly from: TincanNetwork;
  readonly slow: TincanNetwork;
  readonly throttled: TincanNetwork;
  readonly dead: TincanNetwork;
  /** Somebody writes to the three others. */
  readonly say: () => void;
}

/** The networks of the bad room. */
const BAD = ['bad-from', 'bad-slow', 'bad-throttled', 'bad-dead'] as const;
const BAD_ROOM = 'bad';

interface Parts {
  readonly ledger: Ledger;
  readonly watch: RedisWatch;
  readonly world: TincanWorld;
  readonly complaints: Complaints;
  /** By channel: somebody who writes there, and how many changes the channel had before anybody did. */
  readonly people: readonly { readonly writer: TincanUser; readonly before: number }[];
}

/** A hub with `rooms` rooms of five links, one on each of five networks in memory, in this process. */
export class House {
  readonly ledger: Ledger;
  readonly watch: RedisWatch;
  readonly #parts: Parts;
  readonly #hub: Hub;

  private constructor(parts: Parts, hub: Hub) {
    this.ledger = parts.ledger;
    this.watch = parts.watch;
    this.#parts = parts;
    this.#hub = hub;
  }

  /** `limits`: laid over those of the settings. `bad`: with a room of bad neighbours. */
  static async open(
    redis: string,
    rooms: number,
    tell: Tell,
    { limits = {}, bad = false }: HouseOptions = {},
  ): Promise<House> {
    tell(`starting a hub with ${rooms} rooms`);
    const world = new TincanWorld({ keptMax: REMEMBERED });
    const people = Array.from({ length: rooms * LINKS }, (_, channel) => settle(world, channel));
    const ledger = new Ledger(rooms);
    const complaints = new Complaints();
    const attached = new Attached(rooms * LINKS);
    const kind = tincanKind(world);
    const bridges = new Map(
      Array.from({ length: LINKS }, (_, network) => {
        const settings = TincanSettings.parse({ world: nameOf(network) });
        const bridge = kind.create(nameOf(network), settings);
        return [
          nameOf(network),
          { bridge: watched(bridge, network, ledger, attached, complaints), settings },
        ];
      }),
    );
    const settings = withBad(settingsOf(redis, rooms, limits), bad);
    for (const id of bad ? BAD : []) {
      world.network(id).channel(BAD_ROOM); // opened
      const own = TincanSettings.parse({ world: id });
      bridges.set(networkId(id), { bridge: kind.create(networkId(id), own), settings: own });
    }
    const hub = await startHub({ settings, bridges, log: complaints.log });
    await attached.all;
    await ready(hub);
    return new House({ ledger, watch: new RedisWatch(redis), world, complaints, people }, hub);
  }

  get badLanes(): readonly string[] {
    return BAD.map((id) => `${PREFIX}:{${BAD_ROOM}}:out:${id}`);
  }

  /** A room of its own: one link from which somebody writes, and one each that is slow, throttled and dead. */
  get badRoom(): BadRoom {
    const [from, slow, throttled, dead] = BAD.map((id) => this.#parts.world.network(id));
    if (from === undefined || slow === undefined || throttled === undefined || dead === undefined)
      throw new Error('four networks');
    const writer = new TincanUser(from, BAD_ROOM, 'anna', 'Anna Svensson');
    return { from, slow, throttled, dead, say: () => writer.post({ text: TEXT }) };
  }

  /** Somebody says the next message in that channel. */
  say(channel: Channel): void {
    this.#parts.complaints.assertNone();
    this.#parts.people[channel]?.writer.post({ text: this.ledger.say(channel) });
  }

  /** Waits until so many messages have arrived. @throws Wrong when they do not */
  async arrived(messages: number): Promise<void> {
    const deadline = performance.now() + DRAIN_MS_MAX;
    while (this.ledger.complete < messages) {
      this.#parts.complaints.assertNone();
      if (performance.now() > deadline) throw new Wrong(`${messages} messages do not arrive in time`);
      await sleep(POLL_MS);
    }
  }

  /** Waits until all that was said has arrived and been recorded. @throws Wrong when it does not */
  async drained(): Promise<void> {
    const deadline = performance.now() + DRAIN_MS_MAX;
    while (
      this.ledger.complete < this.ledger.said ||
      (await this.watch.lists(`${PREFIX}:{room-`)).length > 0
    ) {
      this.#parts.complaints.assertNone();
      if (performance.now() > deadline) break;
      await sleep(POLL_MS);
    }
    this.#parts.complaints.assertNone();
    this.ledger.assertWhole();
    const lanes = await this.watch.lists(`${PREFIX}:{room-`);
    if (lanes.length > 0) throw new Wrong(`lanes do not get empty: ${lanes.slice(0, 3).join(', ')}`);
    this.#assertShown();
  }

  /** What the channels themselves show: what was said there and what came, and nothing else. */
  #assertShown(): void {
    for (const [channel, { before }] of this.#parts.people.entries()) {
      const shown = this.#parts.world.network(nameOf(channel % LINKS)).channel(channelName(channel)).latest;
      const meant = before + this.ledger.saidIn(channel) + this.ledger.gotten(channel);
      if (shown !== meant)
        throw new Wrong(
          `${channelName(channel)} on ${nameOf(channel % LINKS)} shows ${shown} changes instead of ${meant}; ` +
            `${this.ledger.repeated} deliveries of all rooms were made again`,
        );
    }
  }

  async close(): Promise<void> {
    await this.#hub.stop();
    this.watch.close();
  }
}

async function ready(hub: Hub): Promise<void> {
  while (!(await fetch(`${hub.url}/readyz`)).ok) await sleep(POLL_MS);
}

/** Somebody sits down at the can of a channel. */
function settle(world: TincanWorld, channel: Channel) {
  const network = world.network(nameOf(channel % LINKS));
  const writer = new TincanUser(network, channelName(channel), `anna-${channel}`, 'Anna Svensson');
  return { writer, before: network.channel(channelName(channel)).latest };
}

const nameOf = (network: number): NetworkId => networkId(`tin-${network}`);

function withBad(settings: Settings, bad: boolean): Settings {
  if (!bad) return settings;
  const organisation = settings.organisations[0]?.id ?? '';
  return Settings.parse({
    ...settings,
    networks: [...settings.networks, ...BAD.map((id) => ({ id, bridge: 'tincan', organisation }))],
    rooms: [
      ...settings.rooms,
      {
        id: BAD_ROOM,
        name: 'Bad',
        announce: false,
        links: BAD.map((network) => ({ network, channel: BAD_ROOM })),
      },
    ],
  });
}

function settingsOf(redis: string, rooms: number, limits: Partial<Settings['limits']>): Settings {
  const networks = Array.from({ length: LINKS }, (_, index) => index);
  return Settings.parse({
    hub: { http: { port: 0 } },
    redis: { url: redis, prefix: PREFIX },
    limits,
    organisations: networks.map((index) => ({ id: `agency-${index}`, name: `Agency ${index}` })),
    networks: networks.map((index) => ({
      id: nameOf(index),
      bridge: 'tincan',
      organisation: `agency-${index}`,
    })),
    rooms: Array.from({ length: rooms }, (_, room) => ({
      id: `room-${room}`,
      name: `Room ${room}`,
      announce: false,
      links: networks.map((index) => ({
        network: nameOf(index),
        channel: channelName(room * LINKS + index),
      })),
    })),
  });
}

/** Resolves `all` when every channel was attached. */
class Attached {
  readonly all: Promise<void>;
  readonly #resolve: () => void;
  #left: number;

  constructor(channels: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.all = promise;
    this.#resolve = resolve;
    this.#left = channels;
  }

  one(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#resolve();
  }
}

/** The first thing that went wrong, in the hub's own eyes or in ours. */
class Complaints {
  #first: string | null = null;
  readonly log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (code, fields) => {
      // Measured as it runs without a key; what is bad on purpose may be told of.
      const meant = code === 'redis.unsealed' || (fields?.network ?? '').startsWith('bad-');
      if (!meant) this.note(`the hub warned: ${code} ${JSON.stringify(fields ?? {})}`);
    },
    error: (code, fields) => this.note(`the hub reported: ${code} ${JSON.stringify(fields ?? {})}`),
  };

  note(what: string): void {
    this.#first ??= what;
  }

  /** @throws Wrong */
  assertNone(): void {
    if (this.#first !== null) throw new Wrong(this.#first);
  }
}

/** The same bridge, with the ledger told of what passes its door. */
function watched(
  bridge: Bridge,
  network: number,
  ledger: Ledger,
  attached: Attached,
  complaints: Complaints,
): Bridge {
  return {
    manifest: bridge.manifest,
    open: (ctx) =>
      bridge.open({
        ...ctx,
        accept: (intake: Intake) => {
          for (const event of intake.events) if (event.kind === 'message') ledger.handed(event.plain);
          return ctx.accept(intake);
        },
      }),
    close: () => bridge.close(),
    attach: async (channel) => {
      await bridge.attach(channel);
      attached.one();
    },
    detach: (channel) => bridge.detach(channel),
    send: (delivery: Delivery, signal) => {
      try {
        ledger.arrived(network, delivery);
      } catch (error) {
        complaints.note(error instanceof Error ? error.message : String(error));
      }
      return bridge.send(delivery, signal);
    },
    check: (ctx) => bridge.check(ctx),
  };
}
