import type { LinkId, NativeId, RoomId } from '@brygga/event';
import type { Client } from './connect.ts';
import { type Keys, nativeName } from './keys.ts';

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

  constructor(redis: Client, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
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
