import { type Event, EventId, LinkId, type RoomId, upcast } from '@brygga/event';
import type { Redis } from 'ioredis';
import { field, personKey } from './id-map.ts';
import { deliveryName, type OutboxItem, writeOutbox } from './items.ts';
import { type Keys, outbox } from './keys.ts';
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
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #scripts: Scripts;

  constructor(redis: Redis, keys: Keys, scripts: Scripts) {
    this.#redis = redis;
    this.#keys = keys;
    this.#scripts = scripts;
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

  /** The letters of those names; null for what is none. As many are read at once as are asked for. */
  async read(room: RoomId, names: readonly string[]): Promise<readonly (DeadLetter | null)[]> {
    if (names.length === 0) return [];
    const texts = await this.#redis.hmget(this.#contents(room), ...names);
    return texts.map((text) => (text === null ? null : readLetter(text)));
  }

  /** Which of those names are dead letters of the room. Reads no contents. */
  async among(room: RoomId, names: readonly string[]): Promise<readonly boolean[]> {
    if (names.length === 0) return [];
    const dates = await this.#redis.zmscore(this.#dead(room), ...names);
    return dates.map((date) => date !== null);
  }

  /**
   * Puts letters of one link back to the end of its lane, in that order, each in one piece or not at all. The
   * delivery keeps its name and so its key; it goes out as one that may have arrived. `most`: items of the lane;
   * `dry`: says what would become of each, and changes nothing.
   */
  async replay(
    room: RoomId,
    link: LinkId,
    replays: readonly Replay[],
    { most, dry = false }: { readonly most: number; readonly dry?: boolean },
  ): Promise<readonly ReplayResult[]> {
    if (replays.length === 0) return [];
    const args: Argument[] = [this.#keys.room(room), most, dry ? '1' : '0', replays.length];
    for (const { letter, now } of replays) {
      const item = { ...letter.item, again: { at: now, times: (letter.item.again?.times ?? 0) + 1 } };
      args.push(deliveryName(item, link), letter.at, writeOutbox(item), ...guardOf(item));
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

  #dead(room: RoomId): string {
    return `${this.#keys.room(room)}dead`;
  }

  #contents(room: RoomId): string {
    return `${this.#keys.room(room)}letters`;
  }
}

function readLetter(text: string): DeadLetter {
  const letter = JSON.parse(text) as DeadLetter;
  const event = upcast({ ...letter.item.event }) as Event;
  return { ...letter, item: { ...letter.item, event } };
}

/**
 * What forbids to say it late: the event whose removal does, and the field of its entry in the id map that names
 * the change in force, with this one's value. A reaction that was cut for its link cannot be compared.
 */
function guardOf({ event, lost }: OutboxItem): [event: string, field: string, value: string] {
  if (event.kind === 'message') return [event.id, '', ''];
  if (event.kind === 'edit') return [event.target.event ?? '', field.edited, event.id];
  if (event.kind !== 'reaction') return ['', '', ''];
  const { target, origin, sender, emoji } = event;
  const person = personKey({ network: origin.network, person: sender.nativeId });
  const own = lost.length === 0 ? field.reactions(person) : '';
  return [target.event ?? '', own, JSON.stringify(emoji)];
}
