import type { BridgeStore } from '@brygga/contract';
import type { Client } from './connect.ts';
import { SEALED } from './items.ts';
import { type Seal, Unreadable } from './seal.ts';

/** Names read at once when all are gone through. */
const AT_ONCE = 500;

/** What became of a store's values. `keys`: ids of keys that are missing. */
export interface Resealed {
  readonly resealed: number;
  readonly unreadable: number;
  readonly keys: readonly string[];
}

/** As a bridge has it, and for the hub: */
export interface KeptStore extends BridgeStore {
  /**
   * Writes anew what is not as it would be written now: after a key came or took another's place, or on the way back
   * to none. For whoever alone may write here. What cannot be read stays. @throws an error when Redis did not answer
   */
  reseal(): Promise<Resealed>;
}

/**
 * What a bridge remembers: a hash of the network's. A value stands there as it is or as `!<sealed>`; one that itself
 * begins with `!` as `!!…`.
 */
export class Store implements KeptStore {
  readonly #redis: Client;
  readonly #key: string;
  readonly #seal: Seal;
  readonly #place: string;

  constructor(redis: Client, key: string, network: string, seal: Seal) {
    this.#redis = redis;
    this.#key = key;
    this.#seal = seal;
    this.#place = `network ${network}`;
  }

  /** @throws Unreadable, or an error when Redis did not answer */
  async get(name: string): Promise<string | null> {
    const value = await this.#redis.hget(this.#key, name);
    return value === null ? null : this.#read(name, value);
  }

  async set(name: string, value: string): Promise<void> {
    await this.#redis.hset(this.#key, name, this.#written(name, value));
  }

  async delete(name: string): Promise<void> {
    await this.#redis.hdel(this.#key, name);
  }

  async reseal(): Promise<Resealed> {
    const keys = new Set<string>();
    let [resealed, unreadable, cursor] = [0, 0, '0'];
    do {
      const [next, found] = await this.#redis.hscan(this.#key, cursor, 'COUNT', AT_ONCE);
      const changed: string[] = [];
      for (let at = 0; at < found.length; at += 2) {
        const [name = '', value = ''] = found.slice(at, at + 2);
        try {
          if (!this.#isNew(value)) changed.push(name, this.#written(name, this.#read(name, value)));
        } catch (error) {
          unreadable += 1;
          if (error instanceof Unreadable && error.code === 'KEY_UNKNOWN') keys.add(error.key);
        }
      }
      if (changed.length > 0) await this.#redis.hset(this.#key, ...changed);
      resealed += changed.length / 2;
      cursor = next;
    } while (cursor !== '0');
    return { resealed, unreadable, keys: [...keys] };
  }

  #isNew(value: string): boolean {
    if (!isSealed(value)) return !this.#seal.seals;
    return this.#seal.seals && this.#seal.isNew(value.slice(1));
  }

  #read(name: string, value: string): string {
    if (isSealed(value)) return this.#seal.open(value.slice(1), this.#place, name);
    return value.startsWith(SEALED) ? value.slice(1) : value;
  }

  #written(name: string, value: string): string {
    if (this.#seal.seals) return SEALED + this.#seal.seal(value, this.#place, name);
    return value.startsWith(SEALED) ? SEALED + value : value;
  }
}

const isSealed = (value: string): boolean => value.startsWith(SEALED) && value[1] !== SEALED;
