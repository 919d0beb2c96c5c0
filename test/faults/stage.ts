import { randomUUID } from 'node:crypto';
import { networkId } from '@brygga/event';
import { Settings } from '@brygga/hub';
import { checkedLog, type Dice, waitFor } from '@brygga/testkit';
import { type TincanChannel, TincanUser, TincanWorld } from '@brygga/tincan';
import type { Redis } from 'ioredis';
import { HubProcess } from './hub-process.ts';
import { shown, wordOf } from './view.ts';

export interface Size {
  readonly rooms: number;
  readonly links: number;
}

/** A channel: the link of that number of the room of that number. */
export interface Place {
  readonly room: number;
  readonly link: number;
}

/** A delivery given up on, by what it was about. */
export interface Letter {
  readonly link: number;
  readonly kind: string;
  readonly word: string | null;
}

type Limits = Partial<Settings['limits']>;

interface RawLetter {
  readonly link: string;
  readonly item: { readonly event: { readonly kind: string; readonly target?: { readonly event?: string } } };
}

export const HUB = 'hub';
const READY_MS = 30_000;
const END_MS = 20_000;
const START_AGAIN_MS = 50;
const PROCESSES_MAX = 1000;

/** Leases and pauses of a house that has no time to lose. */
const HURRIED: Limits = {
  leaseSeconds: 2,
  retryMaxSeconds: 1,
  asideSeconds: 5,
  redisSilentSeconds: 1.5,
};

export const networkName = (link: number) => networkId(`n${link}`);
export const roomName = (room: number): string => `r${room}`;

/**
 * Some rooms with a channel on each of some tincan networks, one person at each, and hub processes that a
 * supervisor starts again when they have died. Every second network knows delivery keys, the others are asked.
 */
export class Stage {
  readonly prefix = `f${randomUUID().slice(0, 8)}`;
  readonly world = new TincanWorld();
  readonly problems: string[] = [];
  readonly raw: Redis;
  readonly size: Size;
  /** Asked about every command of every process. */
  onCommand: (process: HubProcess, command: Buffer) => ReturnType<NonNullable<HubProcess['gate']['meet']>> =
    () => undefined;
  readonly #url: string;
  readonly #dice: Dice;
  readonly #log = checkedLog(this.problems);
  readonly #people = new Map<string, TincanUser>();
  readonly #processes = new Map<string, HubProcess>();
  readonly #slots: Promise<void>[] = [];
  #started = 0;
  #ended = false;

  constructor(redis: { readonly url: string; readonly raw: Redis }, size: Size, dice: Dice) {
    this.#url = redis.url;
    this.raw = redis.raw;
    this.size = size;
    this.#dice = dice;
    for (const place of this.places) this.person(place, 'ada');
  }

  get places(): Place[] {
    const { rooms, links } = this.size;
    return Array.from({ length: rooms * links }, (_, index) => ({
      room: Math.floor(index / links),
      link: index % links,
    }));
  }

  channel({ room, link }: Place): TincanChannel {
    return this.world.network(networkName(link)).channel(roomName(room));
  }

  /** Somebody of that channel; who is new to it joins it. */
  person(place: Place, name: string): TincanUser {
    const id = personAt(place, name);
    const known = this.#people.get(id);
    if (known !== undefined) return known;
    const network = this.world.network(networkName(place.link));
    const person = new TincanUser(network, roomName(place.room), id, `${name} ${place.room}`);
    this.#people.set(id, person);
    return person;
  }

  /** Processes that run now, the oldest first. */
  get processes(): readonly HubProcess[] {
    return [...this.#processes.values()];
  }

  processOf(password: string): HubProcess | undefined {
    return this.#processes.get(password);
  }

  /** Of a hub of this stage, with that address of Redis. */
  settings(redis: string, limits: Limits = HURRIED): Settings {
    const { rooms, links } = this.size;
    const networks = Array.from({ length: links }, (_, link) => networkName(link));
    return Settings.parse({
      hub: { id: HUB, http: { port: 0 } },
      redis: { url: redis, prefix: this.prefix },
      organisations: networks.map((id) => ({ id, name: `Agency ${id}` })),
      networks: networks.map((id, link) => ({
        id,
        bridge: 'tincan',
        organisation: id,
        settings: { idempotency: link % 2 === 0 ? 'key' : 'lookup' },
      })),
      rooms: Array.from({ length: rooms }, (_, room) => ({
        id: roomName(room),
        name: roomName(room),
        announce: false,
        links: networks.map((network) => ({ network, channel: roomName(room) })),
      })),
      // Texts are compared letter by letter: nothing carries its time in words.
      limits: { ...limits, lateSeconds: 86_400 },
    });
  }

  /** Keeps one more process running: when it dies, another takes its place. */
  keepOne(): void {
    this.#slots.push(this.#keep());
  }

  /** Resolves when every link is open. */
  async ready(): Promise<void> {
    const open = async (): Promise<boolean> => {
      const counts = await Promise.all(this.#rooms.map((room) => this.raw.hlen(`${room}cursors`)));
      return counts.every((count) => count === this.size.links);
    };
    await waitFor(open, { withinMs: READY_MS, everyMs: 20, what: 'all links are open' });
  }

  /** Lanes that are not empty. */
  async busyLanes(): Promise<string[]> {
    const lanes = ['in', 'aside', ...Array.from({ length: this.size.links }, (_, link) => `out:n${link}`)];
    const keys = this.#rooms.flatMap((room) => lanes.map((lane) => room + lane));
    if ((await this.raw.exists(...keys)) === 0) return [];
    const pipeline = this.raw.pipeline();
    for (const key of keys) pipeline.exists(key);
    const answers = (await pipeline.exec()) ?? [];
    return keys.filter((_, index) => answers[index]?.[1] === 1);
  }

  async deadLetters(room: number): Promise<Letter[]> {
    const key = this.#rooms[room] ?? '';
    const letters = await this.raw.hgetall(`${key}letters`);
    return Promise.all(
      Object.values(letters).map(async (text) => {
        const { link, item } = JSON.parse(text) as RawLetter;
        const { kind, target } = item.event;
        const there = Number(link.slice(1));
        const natives =
          target?.event === undefined ? null : await this.raw.hget(`${key}m:${target.event}`, `l:${link}`);
        const [native] = natives === null ? [] : (JSON.parse(natives) as { id: string }[]);
        const about = shown(this.channel({ room, link: there })).find(({ id }) => id === native?.id);
        return { link: there, kind, word: wordOf(JSON.stringify(item)) ?? about?.word ?? null };
      }),
    );
  }

  /** Stops every process in good order; nothing is sent any more afterwards. */
  async end(): Promise<void> {
    this.#ended = true;
    const stopped = Promise.all(this.processes.map((process) => process.stop())).then(() =>
      Promise.all(this.#slots),
    );
    let done = false;
    stopped.then(
      () => {
        done = true;
      },
      () => undefined,
    );
    await waitFor(() => done, { withinMs: END_MS, everyMs: 20, what: 'every process stops' });
    await stopped;
  }

  /** Removes everything of this stage from Redis. */
  async wipe(): Promise<void> {
    for (const keys of await this.keys()) if (keys.length > 0) await this.raw.unlink(...keys);
  }

  /** All keys of this stage, in pieces. */
  async keys(): Promise<string[][]> {
    const pieces: string[][] = [];
    let cursor = '0';
    do {
      const [next, keys] = await this.raw.scan(cursor, 'MATCH', `*${this.prefix}*`, 'COUNT', 1000);
      pieces.push(keys);
      cursor = next;
    } while (cursor !== '0');
    return pieces;
  }

  get #rooms(): string[] {
    return Array.from({ length: this.size.rooms }, (_, room) => `${this.prefix}:{${roomName(room)}}:`);
  }

  async #keep(): Promise<void> {
    while (!this.#ended) {
      this.#started += 1;
      if (this.#started > PROCESSES_MAX) throw new Error('the hub does not stay up');
      const process = await this.#process(`process-${this.#started}`);
      try {
        await process.start();
        await process.gone;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, START_AGAIN_MS));
      } finally {
        this.#processes.delete(process.password);
        process.gate.close();
      }
    }
  }

  async #process(password: string): Promise<HubProcess> {
    const process = await HubProcess.create({
      world: this.world,
      redis: this.#url,
      settings: (redis) => this.settings(redis),
      log: this.#log.log,
      dice: this.#dice,
      password,
    });
    process.gate.meet = (command) => this.onCommand(process, command);
    this.#processes.set(password, process);
    return process;
  }
}

export const personAt = ({ room, link }: Place, name: string): string => `${name}-${room}-${link}`;
