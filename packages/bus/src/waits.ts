import type { LinkId, NativeId, RoomId } from '@brygga/event';
import type { Client } from './connect.ts';
import { type Items, readAll } from './items.ts';
import { type Keys, nativeName, outbox } from './keys.ts';

const DATE_DIGITS = 16;
const dated = (name: string, acceptedAt: number): string =>
  `${name}\n${String(acceptedAt).padStart(DATE_DIGITS, '0')}`;

/** What is written while an event that concerns that native id has stepped aside. */
export const waitOf = (link: LinkId, native: NativeId, acceptedAt: number): string =>
  dated(nativeName(link, native), acceptedAt);

/**
 * The native ids that events which stepped aside concern, each with the event's date: what came later about the
 * same message must not overtake them. A sorted set read by its words; written by the plan script.
 */
export class Waits {
  readonly #redis: Client;
  readonly #keys: Keys;
  readonly #items: Items;

  constructor(redis: Client, keys: Keys, items: Items) {
    this.#redis = redis;
    this.#keys = keys;
    this.#items = items;
  }

  /** Whether something that was accepted before then is still to be delivered on that link, or being delivered. */
  async unsettled(room: RoomId, link: LinkId, before: number): Promise<boolean> {
    const heads = await this.#redis.lrange(this.#keys.lane(room, outbox(link)), 0, 0);
    const [head] = readAll(room, heads, this.#items.readOutbox);
    // One that cannot be read is still there.
    return head === undefined ? heads.length > 0 : head.event.acceptedAt < before;
  }

  /** Whether anything waits in that room. */
  async any(room: RoomId): Promise<boolean> {
    return (await this.#redis.exists(`${this.#keys.room(room)}waits`)) === 1;
  }

  /** The waits about that native id of events older than `acceptedAt`. */
  async before(room: RoomId, link: LinkId, native: NativeId, acceptedAt: number): Promise<readonly string[]> {
    const name = nativeName(link, native);
    const key = `${this.#keys.room(room)}waits`;
    return this.#redis.zrangebylex(key, `[${dated(name, 0)}`, `(${dated(name, acceptedAt)}`);
  }
}
