import type { NativeMessage } from '@brygga/contract';
import type { EventId, LinkId, NativeId, NetworkId, PersonId, RoomId } from '@brygga/event';
import type { Client } from './connect.ts';
import type { Facts } from './facts.ts';
import { type Keys, nativeName } from './keys.ts';

export interface Author {
  readonly network: NetworkId;
  readonly person: PersonId;
  /** How they were called: kept for reactions, since a moderator removes one in that name. */
  readonly name?: string;
}

/** What the id map keeps of one event: nothing of what was written but emoji. */
export interface Known {
  readonly event: EventId;
  readonly kind: string;
  readonly author: Author;
  /** Event this one belongs to: the message a reaction or an edit is about. */
  readonly about: EventId | null;
  readonly emoji: readonly string[];
  readonly deleted: boolean;
  /** The last edit of the message. */
  readonly edited: EventId | null;
  /**
   * Root of the thread the message is in, the message before it there, and the last one of the thread it is the
   * root of.
   */
  readonly threadRoot: EventId | null;
  readonly threadBefore: EventId | null;
  readonly threadLast: EventId | null;
}

export const personKey = (author: Author): string => `${author.network} ${author.person}`;

/** Fields of an event's hash. */
export const field = {
  kind: 'k',
  author: 'a',
  name: 'n',
  link: (link: LinkId): string => `l:${link}`,
  reactions: (person: string): string => `r:${person}`,
  reacted: (link: LinkId, person: string): string => `x:${link}:${person}`,
  about: 't',
  emoji: 'e',
  deleted: 'd',
  /** Of a message: the last edit of it that was admitted. */
  edited: 'ed',
  threadRoot: 'tr',
  threadBefore: 'tb',
  threadLast: 'tl',
} as const;

const KNOWN = [
  field.kind,
  field.author,
  field.name,
  field.about,
  field.emoji,
  field.deleted,
  field.edited,
  field.threadRoot,
  field.threadBefore,
  field.threadLast,
] as const;

/** Reads the id map: hub event to native messages on each link and back. Writing happens inside the scripts. */
export class IdMap {
  readonly #redis: Client;
  readonly #keys: Keys;
  readonly #facts: Facts;

  constructor(redis: Client, keys: Keys, facts: Facts) {
    this.#redis = redis;
    this.#keys = keys;
    this.#facts = facts;
  }

  /** The event that one of `natives` (best first) is on that link, or null. */
  async find(room: RoomId, link: LinkId, natives: readonly NativeId[]): Promise<EventId | null> {
    const names = natives.map((native) => `${this.#keys.room(room)}n:${nativeName(link, native)}`);
    const found = await this.#redis.mget(...names);
    return (found.find((id) => id !== null) as EventId | undefined) ?? null;
  }

  async known(room: RoomId, event: EventId): Promise<Known | null> {
    const fields = await this.#fields(room, event, KNOWN);
    const [kind, author, name, about, emoji, deleted, edited, ...thread] = fields;
    if (kind == null || author == null) return null;
    return {
      event,
      kind,
      author: authorOf(author, name),
      about: (about ?? null) as EventId | null,
      emoji: emoji == null ? [] : (JSON.parse(emoji) as string[]),
      deleted: deleted === '1',
      edited: (edited ?? null) as EventId | null,
      threadRoot: (thread[0] ?? null) as EventId | null,
      threadBefore: (thread[1] ?? null) as EventId | null,
      threadLast: (thread[2] ?? null) as EventId | null,
    };
  }

  /** The parts of the event on that link; empty when it is not there. */
  async natives(room: RoomId, event: EventId, link: LinkId): Promise<readonly NativeMessage[]> {
    const [json] = await this.#fields(room, event, [field.link(link)]);
    return json == null ? [] : (JSON.parse(json) as NativeMessage[]);
  }

  /** The set of emoji that person has on the message. */
  async reactions(room: RoomId, event: EventId, person: string): Promise<readonly string[]> {
    const [json] = await this.#fields(room, event, [field.reactions(person)]);
    return json == null ? [] : (JSON.parse(json) as string[]);
  }

  /** A field as it stands in Redis, sealed or not, when it says that; else null. */
  async stored(room: RoomId, event: EventId, name: string, value: string): Promise<string | null> {
    const text = await this.#redis.hget(`${this.#keys.room(room)}m:${event}`, name);
    const [says] = this.#facts.read(room, event, [name], [text]);
    return says === value ? text : null;
  }

  /** What of that set stands on that link: emoji to native id. */
  async reacted(
    room: RoomId,
    event: EventId,
    link: LinkId,
    person: string,
  ): Promise<Record<string, NativeId>> {
    const [json] = await this.#fields(room, event, [field.reacted(link, person)]);
    return json == null ? {} : (JSON.parse(json) as Record<string, NativeId>);
  }

  async #fields(room: RoomId, event: EventId, fields: readonly string[]): Promise<(string | null)[]> {
    const values = await this.#redis.hmget(`${this.#keys.room(room)}m:${event}`, ...fields);
    return this.#facts.read(room, event, fields, values);
  }
}

function authorOf(author: string, name: string | null | undefined): Author {
  const one = JSON.parse(author) as Author;
  return name == null ? one : { ...one, name: JSON.parse(name) as string };
}
