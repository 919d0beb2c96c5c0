import type { Clock } from '@brygga/contract';
import type { Event, LinkId, NetworkId, RoomId } from '@brygga/event';
import { type Client, connect, type RedisPlace } from './connect.ts';
import { Facts } from './facts.ts';
import { IdMap } from './id-map.ts';
import { deliveryName, Items, type OutboxItem } from './items.ts';
import { INBOX, Keys, type LaneName, outbox } from './keys.ts';
import { Letters } from './letters.ts';
import type { LaneBounds } from './options.ts';
import { replicationOf, Scripts } from './scripts.ts';
import type { Seal } from './seal.ts';
import { type Wake, Wakes } from './wake.ts';

export interface DeskOptions extends RedisPlace, LaneBounds {
  readonly clock: Clock;
  /** Without an answer for that long, Redis counts as gone. */
  readonly silentMs: number;
  /** As of the hub: what it sealed is opened with the same keys. */
  readonly seal: Seal;
}

/** The first item of a lane: nothing of what was written. Times in ms since 1970. */
export interface HeadLook {
  readonly event: Event['id'];
  readonly kind: Event['kind'];
  /** When it was accepted, or put back from the dead letters. */
  readonly since: number;
  /** How often it came back from the dead letters. */
  readonly replays: number;
  /** Its tries that failed; null when there was none. */
  readonly failed: {
    readonly tries: number;
    readonly since: number;
    readonly last: number;
    readonly code: string;
  } | null;
}

/** A lane at one moment. */
export interface LaneLook {
  readonly lane: LaneName;
  readonly items: number;
  /** As Redis counts them. */
  readonly bytes: number;
  /** It holds as much as it may: nothing more is accepted in its room. */
  readonly full: boolean;
  /** Null of an empty lane, and of an item this version cannot read. */
  readonly head: HeadLook | null;
  readonly owner: { readonly name: string; readonly leaseMs: number } | null;
  /** `leftMs` null: until the operator ends it. */
  readonly hold: { readonly paused: boolean; readonly leftMs: number | null } | null;
}

/** How much lies in a room's lanes and beside them. */
export interface RoomLook {
  readonly items: ReadonlyMap<LaneName, number>;
  readonly aside: number;
  readonly dead: number;
}

type LookAnswer = [
  items: number,
  bytes: number,
  full: number,
  first: string | null,
  own: string | null,
  ownMs: number,
  hold: string | null,
  holdMs: number,
  failed: (string | null)[],
];

/** How long a wake-up may take; the sweep makes up for one that does not get through. */
const WAKE_MS = 2000;

/**
 * An operator's place at the bus: looks at lanes and has dead letters in hand. Owns no lane, holds no lease. What is
 * asked for rejects when Redis cannot be reached.
 */
export class Desk {
  readonly letters: Letters;
  readonly idMap: IdMap;
  readonly #options: DeskOptions;
  readonly #redis: Client;
  readonly #keys: Keys;
  readonly #scripts: Scripts;
  readonly #items: Items;
  #wakes: Wakes | null = null;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#redis = connect(options, options.silentMs, () => undefined, true);
    this.#keys = new Keys(options.prefix);
    this.#scripts = new Scripts(this.#redis, replicationOf(options));
    this.#items = new Items(options.seal);
    this.idMap = new IdMap(this.#redis, this.#keys, new Facts(options.seal, () => undefined));
    this.letters = new Letters(this.#redis, this.#keys, this.#scripts, this.#items, this.idMap, options);
  }

  /** How much lies in the room's lanes. Reads no item. */
  async room(room: RoomId, links: readonly LinkId[]): Promise<RoomLook> {
    const lanes = [INBOX, ...links.map(outbox)];
    const [aside, dead, ...items] = await Promise.all([
      this.#redis.llen(`${this.#keys.room(room)}aside`),
      this.letters.count(room),
      ...lanes.map((lane) => this.#redis.llen(this.#keys.lane(room, lane))),
    ]);
    return { items: new Map(lanes.map((lane, index) => [lane, items[index] ?? 0])), aside, dead };
  }

  /** One lane: its first item alone is read. */
  async lane(room: RoomId, lane: LaneName): Promise<LaneLook> {
    const { laneItemsMax, laneBytesMax } = this.#options;
    const most = [laneItemsMax, laneBytesMax];
    const answer = (await this.#scripts.run('look', [this.#keys.lane(room, lane)], most)) as LookAnswer;
    const [items, bytes, full, first, own, ownMs, hold, holdMs, failed] = answer;
    return {
      lane,
      items,
      bytes,
      full: full === 1,
      head: first === null ? null : this.#head(room, lane, first, failed),
      owner: own === null ? null : { name: own.slice(0, own.lastIndexOf(':')), leaseMs: Math.max(0, ownMs) },
      hold: hold === null ? null : { paused: hold === 'paused', leftMs: holdMs < 0 ? null : holdMs },
    };
  }

  /** Wakes a lane's process. False when that did not get through: the sweep finds the lane a little later. */
  async wake(network: NetworkId, wake: Wake): Promise<boolean> {
    this.#wakes ??= new Wakes({ ...this.#options, onError: () => undefined });
    const patience = new AbortController();
    const late = this.#options.clock.sleep(WAKE_MS, patience.signal).then(() => false);
    const woken = this.#wakes.wake(network, wake).then(
      () => true,
      () => false,
    );
    const through = await Promise.race([woken, late]);
    patience.abort();
    return through;
  }

  async close(): Promise<void> {
    await this.#wakes?.close();
    this.#redis.disconnect();
  }

  #head(room: RoomId, lane: LaneName, text: string, failed: readonly (string | null)[]): HeadLook | null {
    let item: OutboxItem;
    try {
      item =
        lane === INBOX
          ? { event: this.#items.readInbox(room, text).event, lost: [], hub: false }
          : this.#items.readOutbox(room, text);
    } catch {
      return null; // of another version of the hub, or sealed with a key that is not at hand
    }
    const { event, again } = item;
    const [delivery, tries, since, last, code] = failed;
    const link = lane.slice(outbox('' as LinkId).length) as LinkId;
    const its = lane !== INBOX && delivery === deliveryName(item, link);
    return {
      event: event.id,
      kind: event.kind,
      since: again?.at ?? event.acceptedAt,
      replays: again?.times ?? 0,
      failed: its
        ? { tries: Number(tries), since: Number(since), last: Number(last), code: code ?? '' }
        : null,
    };
  }
}
