import type { LinkId, RoomId } from '@brygga/event';
import { type Client, connect, type RedisPlace } from './connect.ts';
import { Keys } from './keys.ts';

/** Rooms written of in one go. */
const AT_ONCE = 500;

/** What was seen in the channel of a link, as JSON. */
export interface SeenAt {
  readonly room: RoomId;
  readonly link: LinkId;
  readonly text: string;
}

/** All of it. */
export interface Installed {
  readonly instance: string;
  /** ms since 1970 from which each room is carried. */
  readonly since: ReadonlyMap<RoomId, number>;
  readonly seen: readonly SeenAt[];
}

/** How long Redis may take to answer. */
const ANSWER_MS = 5000;

/** What a hub there has written down of itself and of other hubs; null when none has, or Redis does not answer. */
export async function readInstallation(
  place: RedisPlace,
  rooms: readonly RoomId[],
): Promise<Installed | null> {
  const redis = connect(place, ANSWER_MS, () => undefined);
  try {
    return await new Installation(redis, new Keys(place.prefix)).read(rooms);
  } catch {
    return null;
  } finally {
    redis.disconnect();
  }
}

/** What tells this installation from others: its name, since when it carries which room, and whom it has seen. */
export class Installation {
  readonly #redis: Client;
  readonly #keys: Keys;

  constructor(redis: Client, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** The name given to it at the first start; `name` when this is the first. */
  async id(name: string): Promise<string> {
    await this.#redis.set(this.#keys.instance, name, 'NX');
    return (await this.#redis.get(this.#keys.instance)) ?? name;
  }

  /** All that is written down; null when no hub was here yet. */
  async read(rooms: readonly RoomId[]): Promise<Installed | null> {
    const instance = await this.#redis.get(this.#keys.instance);
    return instance === null ? null : { instance, since: await this.#since(rooms), seen: await this.seen() };
  }

  /** Since when each room is carried: `now` for new ones. Rooms that are not named are forgotten. */
  async open(rooms: readonly RoomId[], now: number): Promise<ReadonlyMap<RoomId, number>> {
    const key = this.#keys.since;
    const known = new Set(await this.#redis.hkeys(key));
    const fresh = rooms.filter((room) => !known.has(room));
    for (const room of rooms) known.delete(room);
    for (let at = 0; at < fresh.length; at += AT_ONCE)
      await Promise.all(fresh.slice(at, at + AT_ONCE).map((room) => this.#redis.hsetnx(key, room, now)));
    if (known.size > 0) await this.#redis.hdel(key, ...known);
    return this.#since(rooms);
  }

  async #since(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, number>> {
    if (rooms.length === 0) return new Map();
    const found = await this.#redis.hmget(this.#keys.since, ...rooms);
    return new Map(
      rooms.flatMap((room, index) => {
        const text = found[index];
        return text == null ? [] : [[room, Number(text)] as const];
      }),
    );
  }

  /** Keeps what was seen there, an array as JSON. */
  async see({ room, link, text }: SeenAt): Promise<void> {
    const name = `${room} ${link}`;
    if (text === '[]') await this.#redis.hdel(this.#keys.seen, name);
    else await this.#redis.hset(this.#keys.seen, name, text);
  }

  async seen(): Promise<readonly SeenAt[]> {
    const all = await this.#redis.hgetall(this.#keys.seen);
    return Object.entries(all).map(([name, text]) => {
      const [room = '', link = ''] = name.split(' ');
      return { room: room as RoomId, link: link as LinkId, text };
    });
  }
}
