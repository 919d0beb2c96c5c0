import type { Event } from '@brygga/event';
import { type OutboxItem, type Read, SEALED } from './items.ts';

/** Events of each of the two generations; and what one may hold at most, so that all together stay small. */
const EVENTS_MAX = 4096;
const LETTERS_MAX = 2000;
const MENTIONS_MAX = 16;

/** How an event ends in a lane: ids are the hub's, and no text of anybody's can end an object. */
const END = /,"id":"([0-9a-f-]{36})","acceptedAt":(\d+)\}$/;
const END_CHARS = 90;

/**
 * Events that this process has just put behind others in several outboxes: read from there, each would be parsed
 * once for every link. Holds the newest few thousand short messages; what is not here is parsed.
 */
export class Recall {
  readonly #readOutbox: Read<OutboxItem>;
  #young = new Map<string, Event>();
  #old = new Map<string, Event>();

  constructor(readOutbox: Read<OutboxItem>) {
    this.#readOutbox = readOutbox;
  }

  put(event: Event): void {
    if (!isSmall(event)) return;
    if (this.#young.size >= EVENTS_MAX) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(event.id, event);
  }

  /** @throws what makes it unreadable */
  readonly read: Read<OutboxItem> = (room, text) => {
    const event = text.startsWith(SEALED) ? this.#sealed(text) : this.#bare(text);
    return event === undefined ? this.#readOutbox(room, text) : { event, lost: [], hub: false };
  };

  // Only an event that went as it was ends with its date; with another date it is not the one put here.

  #bare(text: string): Event | undefined {
    const [, id = '', date] = END.exec(text.slice(-END_CHARS)) ?? [];
    return this.#of(id, Number(date));
  }

  #sealed(text: string): Event | undefined {
    const [first, last] = [text.indexOf(' '), text.lastIndexOf(' ')];
    return first === last ? undefined : this.#of(text.slice(1, first), Number(text.slice(last + 1)));
  }

  #of(id: string, date: number): Event | undefined {
    const event = this.#young.get(id) ?? this.#old.get(id);
    return event?.acceptedAt === date ? event : undefined;
  }
}

const isSmall = (event: Event): boolean =>
  event.kind === 'message' &&
  event.plain.length <= LETTERS_MAX &&
  event.attachments.length === 0 &&
  event.mentions.length <= MENTIONS_MAX;
