import { type Event, EventId, LinkId, type RoomId, upcast } from '@brygga/event';
import type { Client } from './connect.ts';
import { field, type IdMap, personKey } from './id-map.ts';
import { deliveryName, type Items, type OutboxItem } from './items.ts';
import { type Keys, outbox } from './keys.ts';
import type { LaneBounds } from './options.ts';
import type { DeadLetter } from './outbox.ts';
import type { Argument, Scripts } from './scripts.ts';

/** What a delivery's name is made of: see `deliveryName`. */
export interface DeliveryName {
  readonly event: EventId;
  readonly link: LinkId;
  readonly beside: boolean;
}

/** Takes the name of a delivery apart; null when it is none. */
export function nameOf(text: string): DeliveryName | null {
  const [event, link, beside, ...more] = text.split('/');
  const wellFormed = EventId.safeParse(event).success && LinkId.safeParse(link).success && more.length === 0;
  if (!wellFormed || (beside !== undefined && beside !== 'beside')) return null;
  return { event: event as EventId, link: link as LinkId, beside: beside !== undefined };
}

/** Where a dead letter lies: its name, and when it was given up (ms since 1970). */
export interface LetterPlace {
  readonly name: string;
  readonly at: number;
}

/** A dead letter to be put back. `now`: its time begins anew then. */
export interface Replay {
  readonly letter: DeadLetter;
  readonly now: number;
}

/**
 * `replayed`: it stands at the end of its lane. `gone`: it is no dead letter any more. `removed`: its message was
 * removed meanwhile. `overtaken`: a later change of the same thing stands. `full`: the lane holds as much as it may.
 */
export type ReplayResult = 'replayed' | 'gone' | 'removed' | 'overtaken' | 'full';

const RESULTS: Readonly<Record<number, ReplayResult>> = {
  1: 'replayed',
  0: 'gone',
  [-1]: 'removed',
  [-2]: 'overtaken',
  [-3]: 'full',
};

/** The dead letters of the rooms: by date in a sorted set of names, their contents in a hash beside it. */
export class Letters {
  readonly #redis: Client;
  readonly #keys: Keys;
  readonly #scripts: Scripts;
  readonly #items: Items;
  readonly #idMap: Pick<IdMap, 'stored'>;
  readonly #bounds: LaneBounds;

  constructor(
    redis: Client,
    keys: Keys,
    scripts: Scripts,
    items: Items,
    idMap: Pick<IdMap, 'stored'>,
    bounds: LaneBounds,
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#scripts = scripts;
    this.#items = items;
    this.#idMap = idMap;
    this.#bounds = bounds;
  }

  async count(room: RoomId): Promise<number> {
    return this.#redis.zcard(this.#dead(room));
  }

  /** `count` of the room's dead letters, newest first, from the `from`-th on. */
  async newest(room: RoomId, from: number, count: number): Promise<readonly LetterPlace[]> {
    const answer = await this.#redis.zrange(
      this.#dead(room),
      String(from),
      String(from + count - 1),
      'REV',
      'WITHSCORES',
    );
    return Array.from({ length: answer.length / 2 }, (_, index) => ({
      name: answer[2 * index] ?? '',
      at: Number(answer[2 * index + 1]),
    }));
  }

  /**
   * The letters of those names; null for what is none. As many are read at once as are asked for. @throws Unreadable
   * when one is sealed with a key that is not at hand.
   */
  async read(room: RoomId, names: readonly string[]): Promise<readonly (DeadLetter | null)[]> {
    if (names.length === 0) return [];
    const texts = await this.#redis.hmget(this.#contents(room), ...names);
    return texts.map((text) => (text === null ? null : readLetter(this.#items, room, text)));
  }

  /** Which of those names are dead letters of the room. Reads no contents. */
  async among(room: RoomId, names: readonly string[]): Promise<readonly boolean[]> {
    if (names.length === 0) return [];
    const dates = await this.#redis.zmscore(this.#dead(room), ...names);
    return dates.map((date) => date !== null);
  }

  /**
   * Puts letters of one link back to the end of its lane, in that order, each in one piece or not at all. The
   * delivery keeps its name and so its key; it goes out as one that may have arrived. `dry`: says what would become of
   * each, and changes nothing.
   */
  async replay(
    room: RoomId,
    link: LinkId,
    replays: readonly Replay[],
    dry = false,
  ): Promise<readonly ReplayResult[]> {
    if (replays.length === 0) return [];
    const { laneItemsMax, laneBytesMax } = this.#bounds;
    const args: Argument[] = [this.#keys.room(room), laneItemsMax, laneBytesMax];
    args.push(dry ? '1' : '0', replays.length);
    for (const { letter, now } of replays) {
      const item = { ...letter.item, again: { at: now, times: (letter.item.again?.times ?? 0) + 1 } };
      const guard = guardOf(item);
      const says = await this.#stored(room, guard);
      const text = this.#items.writeOutbox(room, item);
      args.push(deliveryName(item, link), letter.at, text, guard.event, guard.field, says);
    }
    const answers = await this.#scripts.run('replay', [this.#keys.lane(room, outbox(link))], args);
    return (answers as number[]).map((answer) => RESULTS[answer] ?? 'gone');
  }

  /** Removes letters for good; false for what was none (any more). */
  async drop(room: RoomId, names: readonly string[]): Promise<readonly boolean[]> {
    if (names.length === 0) return [];
    const answers = await this.#scripts.run('drop', [this.#dead(room)], [this.#keys.room(room), ...names]);
    return (answers as number[]).map((answer) => answer === 1);
  }

  async #stored(room: RoomId, { event, field: name, value }: Guard): Promise<string> {
    if (event === '' || name === '') return value;
    return (await this.#idMap.stored(room, event, name, value)) ?? value;
  }

  #dead(room: RoomId): string {
    return `${this.#keys.room(room)}dead`;
  }

  #contents(room: RoomId): string {
    return `${this.#keys.room(room)}letters`;
  }
}

/** @throws Unreadable */
function readLetter(items: Items, room: RoomId, text: string): DeadLetter {
  const { item, ...letter } = JSON.parse(text) as Omit<DeadLetter, 'item'> & { item: OutboxItem | string };
  if (typeof item === 'string') return { ...letter, item: items.readOutbox(room, item) };
  return { ...letter, item: { ...item, event: upcast({ ...item.event }) as Event } };
}

interface Guard {
  readonly event: EventId | '';
  readonly field: string;
  readonly value: string;
}

/**
 * What forbids to say it late: the event whose removal does, and the field of its entry in the id map that names
 * the change in force, with this one's value. A reaction that was cut for its link cannot be compared.
 */
function guardOf({ event, lost }: OutboxItem): Guard {
  if (event.kind === 'message') return { event: event.id, field: '', value: '' };
  if (event.kind === 'edit') return { event: event.target.event ?? '', field: field.edited, value: event.id };
  if (event.kind !== 'reaction') return { event: '', field: '', value: '' };
  const { target, origin, sender, emoji } = event;
  const person = personKey({ network: origin.network, person: sender.nativeId });
  const own = lost.length === 0 ? field.reactions(person) : '';
  return { event: target.event ?? '', field: own, value: JSON.stringify(emoji) };
}
