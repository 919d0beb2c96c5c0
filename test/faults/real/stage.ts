import { RedisGate } from '@brygga/testkit';
import type { CallFault } from '@brygga/tincan';
import { Redis } from 'ioredis';
import { type House, openHouse } from '../../house/house.ts';
import { settingsOf, withSettings } from '../../house/settings-file.ts';
import { until } from '../../house/until.ts';
import { Relay, type RequestFault } from '../../servers/http-relay.ts';
import type { Progress } from '../../servers/index.ts';
import { type StanzaFault, StanzaGate } from '../../servers/stanza-gate.ts';
import { Broken } from '../history.ts';
import { type Scene, Strikes, type Victim } from '../strikes.ts';
import { MATRIX, PREFIX, RealRoom, XMPP } from './room.ts';

/** Longer than a lease. */
const STILL_MS = 3200;
const START_AGAIN_MS = 50;
const STARTS_MAX = 5000;
const LIMITS = {
  leaseSeconds: 2,
  retryMaxSeconds: 1,
  // Real servers take the processor from it now and then.
  redisSilentSeconds: 2,
  // Texts are compared letter by letter: nothing carries its time in words.
  lateSeconds: 86_400,
};

/** What stands between the hub and each of its surroundings. */
interface Gates {
  readonly redis: RedisGate;
  /** Of the bridge to the homeserver. */
  readonly requests: Relay;
  /** Of the bridge to the XMPP server. */
  readonly stanzas: StanzaGate;
  /** Of the homeserver to the bridge. */
  readonly pushes: Relay;
}

/**
 * A house with real servers whose hub, a process of its own, reaches Redis and both servers through gates where a
 * fault can strike, and is started again whenever it has ended. There is one hub for all histories, in some rooms
 * that are used in turn.
 */
export class RealStage implements Scene, Victim {
  readonly prefix = PREFIX;
  readonly house: House;
  readonly gates: Gates;
  readonly raw: Redis;
  #rooms: readonly RealRoom[];
  #strikes = new Strikes(this);
  #used = 0;
  #ended = false;
  readonly #kept: Promise<void>;

  private constructor(house: House, gates: Gates) {
    this.house = house;
    this.gates = gates;
    this.raw = new Redis(house.redisUrl);
    this.raw.on('error', () => undefined);
    this.#rooms = house.rooms.map((room) => new RealRoom(house, room, this.raw));
    gates.redis.meet = (command) => this.#strikes.command(this, command);
    gates.requests.meet = () => requestFault(this.#strikes.call('', MATRIX));
    gates.stanzas.meet = () => stanzaFault(this.#strikes.call('', XMPP));
    gates.pushes.meet = () => pushFault(this.#strikes.notice()?.kind);
    this.#kept = this.#keep();
  }

  /** Resolves when people of either side have been heard on the other in every room. */
  static async open(rooms: number, progress?: Progress): Promise<RealStage> {
    const pushes = new Relay('http://127.0.0.1:1');
    const url = await pushes.start();
    const house = await openHouse({
      rooms,
      names: (index) => ({ id: `r${index}`, name: `Room ${index}` }),
      redis: { appendfsync: 'always' },
      matrix: { url },
      // Whoever ends the runner ends it too.
      ownHub: true,
      settings: { limits: LIMITS },
      ...(progress === undefined ? {} : { progress }),
    });
    const stage = new RealStage(house, await gatesOf(house, pushes));
    await stage.ready();
    for (const room of stage.rooms) await room.warmUp();
    return stage;
  }

  /** Those in which nothing has gone wrong yet. */
  get rooms(): readonly RealRoom[] {
    return this.#rooms;
  }

  leave(room: RealRoom): void {
    this.#rooms = this.#rooms.filter((other) => other !== room);
  }

  get gate(): RedisGate {
    return this.gates.redis;
  }

  /** There is one process, whoever asks. */
  processOf(): Victim {
    return this;
  }

  /** The room for the next history, and the faults of that history alone. */
  next(): { readonly room: RealRoom; readonly strikes: Strikes } {
    const room = this.rooms[this.#used % this.rooms.length];
    if (room === undefined) throw new Broken('something has gone wrong in every room');
    this.#used += 1;
    this.#strikes = new Strikes(this);
    return { room, strikes: this.#strikes };
  }

  /** As by `kill -9`. What it has sent to Redis and is not there yet never comes there. */
  die(): void {
    this.gates.redis.cut();
    void this.house.hub.kill();
  }

  /** As by SIGTERM. */
  async stop(): Promise<void> {
    await this.house.hub.stop();
  }

  async standStill(): Promise<void> {
    this.house.hub.suspend();
    await new Promise((resolve) => setTimeout(resolve, STILL_MS));
    this.house.hub.goOn();
  }

  ready(): Promise<void> {
    const ask = async (): Promise<boolean> =>
      (await fetch(`${this.house.statusUrl}/readyz`).catch(() => null))?.status === 200;
    return until('the hub is ready', ask, { withinMs: 60_000 });
  }

  /** Ends the hub in good order. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.house.hub.stop();
    await this.#kept;
  }

  /** @throws when a log holds what somebody wrote */
  async close(): Promise<void> {
    await this.end();
    this.raw.disconnect();
    try {
      await this.house.close();
    } finally {
      this.gates.redis.close();
      this.gates.requests.stop();
      this.gates.stanzas.stop();
      this.gates.pushes.stop();
    }
  }

  async #keep(): Promise<void> {
    for (let starts = 0; !this.#ended; starts += 1) {
      if (starts > STARTS_MAX) throw new Error('the hub does not stay up');
      this.gates.redis.heal();
      await this.house.hub.start(false);
      await this.house.hub.ended();
      await new Promise((resolve) => setTimeout(resolve, START_AGAIN_MS));
    }
  }
}

async function gatesOf(house: House, pushes: Relay): Promise<Gates> {
  const redis = await RedisGate.to(house.redisUrl);
  const requests = new Relay(house.synapse.url);
  const homeserverUrl = await requests.start();
  const stanzas = await StanzaGate.to(house.prosody.componentPort);
  for (const { id, settings } of settingsOf(house).networks) {
    if (id === MATRIX) pushes.target = `http://127.0.0.1:${(settings.listen as { port: number }).port}`;
  }
  withSettings(house, null, (settings) => {
    settings.redis.url = redis.url;
    for (const { id, settings: own } of settings.networks)
      Object.assign(own, id === MATRIX ? { homeserverUrl } : { port: stanzas.port });
  });
  return { redis, requests, stanzas, pushes };
}

/** The fault of a call as a homeserver has it. What it cannot have passes unhurt. */
function requestFault(fault: CallFault | undefined): RequestFault | undefined {
  switch (fault?.kind) {
    case 'hangUp':
      return fault.commit ? 'loseAnswer' : 'refuse';
    case 'loseAnswer':
      return 'silence';
    case 'throttle': {
      const body = { errcode: 'M_LIMIT_EXCEEDED', error: 'slow', retry_after_ms: fault.afterMs };
      return { status: 429, body };
    }
    case 'internal':
      return { status: 502, body: { errcode: 'M_UNKNOWN', error: 'internal' } };
    default:
      return undefined;
  }
}

/** The same as an XMPP server has it: there a stream breaks, or falls silent. */
function stanzaFault(fault: CallFault | undefined): StanzaFault | undefined {
  if (fault?.kind === 'hangUp') return fault.commit ? 'lose' : 'refuse';
  return fault?.kind === 'loseAnswer' ? 'silence' : undefined;
}

/** A push whose answer is lost comes twice; one that did not come through comes later. */
function pushFault(kind: 'duplicate' | 'lag' | 'reorder' | 'forget' | undefined): RequestFault | undefined {
  if (kind === 'duplicate') return 'loseAnswer';
  return kind === undefined ? undefined : 'refuse';
}
