import type { Feature, MessageStatus } from '@brygga/contract';
import {
  type Event,
  type EventId,
  type IncomingEvent,
  type LinkId,
  type RoomId,
  readStored,
  upcast,
} from '@brygga/event';
import { type Seal, Unreadable } from './seal.ts';

/**
 * An event in the inbox. `until` (ms since 1970): until then it is worth to wait for what it refers to. Of a message: in
 * its place, since what it answers may have arrived without being recorded; of any other: it stepped aside.
 */
export interface InboxItem {
  readonly event: Event;
  readonly until: number | null;
}

/** A decided event in an outbox. `lost`: features already replaced by something readable. */
export interface OutboxItem {
  readonly event: Event;
  readonly lost: readonly Feature[];
  /** The hub itself speaks, not the event's sender. */
  readonly hub: boolean;
  /** Goes out beside another item of the same event on this lane. */
  readonly beside?: true;
  /** Of a notice by the hub: what became of the message that it answers. */
  readonly status?: MessageStatus;
  /** Came back from the dead letters: when last (ms since 1970, its time runs from there), and how often. */
  readonly again?: { readonly at: number; readonly times: number };
}

/** Names a delivery within its room, and its dead letter: `<event>/<link>`, with `/beside` for one beside another. */
export const deliveryName = ({ event, beside }: Pick<OutboxItem, 'event' | 'beside'>, link: LinkId): string =>
  `${event.id}/${link}${beside === true ? '/beside' : ''}`;

/** Reads an item of a room's lane. @throws what makes it unreadable */
export type Read<Item> = (room: RoomId, text: string) => Item;

/** How something sealed begins; JSON and `@` do not. */
export const SEALED = '!';
const SEALED_CODE = SEALED.charCodeAt(0);
const isSealed = (text: string): boolean => text.charCodeAt(0) === SEALED_CODE;

/** A clock may have been set back by so much between an event's id and its date. */
const CLOCK_BACK_MS_MAX = 3_600_000;
const DATE = /^\d{1,16}$/;

/**
 * How items stand in lanes: an event as JSON, `@<until> <event>` for one that may wait, an outbox item as JSON;
 * or one of these sealed, as `!<event id> <sealed>`. Sealed by `accept` it is `!<event id> <sealed> <acceptedAt>`:
 * the date is given in Redis, so it stands outside. An item is bound to its room and event, not to one link, since
 * the same text lies in the inbox and in all outboxes.
 */
export class Items {
  readonly #seal: Seal;

  constructor(seal: Seal) {
    this.#seal = seal;
  }

  readonly readInbox: Read<InboxItem> = (room, text) => {
    const item = this.#open(room, text);
    if (!item.startsWith('@')) return { event: readStored(item), until: null };
    const space = item.indexOf(' ');
    return { event: readStored(item.slice(space + 1)), until: Number(item.slice(1, space)) };
  };

  /** An event that goes as it is lies in an outbox as it lay in the inbox. */
  readonly readOutbox: Read<OutboxItem> = (room, text) => {
    const whole = this.#open(room, text);
    if (!whole.startsWith('{"event":')) return { event: readStored(whole), lost: [], hub: false };
    const item = JSON.parse(whole) as OutboxItem & { event: Record<string, unknown> };
    return { ...item, event: upcast(item.event) as Event };
  };

  /** The event without its date, which the accept script puts behind it. */
  writeAccepted(room: RoomId, id: EventId, event: IncomingEvent, until: InboxItem['until']): string {
    const undated = `${JSON.stringify(event).slice(0, -1)},"id":${JSON.stringify(id)}`;
    return this.#sealed(room, id, until === null ? undated : waiting(until, undated));
  }

  writeAside(room: RoomId, { event, until }: InboxItem): string {
    return this.#sealed(room, event.id, waiting(until, JSON.stringify(event)));
  }

  writeOutbox(room: RoomId, item: OutboxItem): string {
    return this.#sealed(room, item.event.id, JSON.stringify(item));
  }

  #sealed(room: RoomId, event: EventId, text: string): string {
    if (!this.#seal.seals) return text;
    return `${SEALED}${event} ${this.#seal.seal(text, room, event)}`;
  }

  #open(room: RoomId, text: string): string {
    if (!isSealed(text)) return text;
    const [event = '', sealed = '', date] = text.slice(1).split(' ');
    const open = this.#seal.open(sealed, room, event);
    return date === undefined ? open : `${open},"acceptedAt":${dateOf(date, event)}}`;
  }
}

const waiting = (until: InboxItem['until'], event: string): string => `@${until} ${event}`;

/** Nothing vouches for the date: it must be one, and no earlier than its event's id (RFC 9562 §5.7). */
function dateOf(date: string, event: string): string {
  const made = Number.parseInt(event.slice(0, 8) + event.slice(9, 13), 16);
  if (!DATE.test(date) || Number(date) < made - CLOCK_BACK_MS_MAX) throw new Unreadable('SEAL_BROKEN');
  return date;
}

/** Whether an item is about that event. */
export const isOf = (text: string, event: EventId): boolean =>
  isSealed(text) ? text.startsWith(`${SEALED}${event} `) : text.includes(`"id":"${event}"`);

/** The items up to the first that cannot be read. */
export function readAll<Item>(room: RoomId, texts: readonly string[], read: Read<Item>): Item[] {
  const items: Item[] = [];
  try {
    for (const text of texts) items.push(read(room, text));
  } catch {
    // Whoever gets there without an item in hand reads it again, and is told: `readSome`.
  }
  return items;
}

/** The same, at least one. @throws Unreadable when there is none because the first cannot be read. */
export function readSome<Item>(room: RoomId, texts: readonly string[], read: Read<Item>): Item[] {
  const items = readAll(room, texts, read);
  const [first] = texts;
  if (items.length > 0 || first === undefined) return items;
  try {
    return [read(room, first)];
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable('NOT_READABLE');
  }
}
