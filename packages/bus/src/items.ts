import type { Feature, MessageStatus } from '@brygga/contract';
import { type Event, type LinkId, readStored, upcast } from '@brygga/event';

/** An event in the inbox. `until`: it stepped aside and waits for its target until then (ms since 1970). */
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

/** `@<until> <event>` for one that stepped aside, the bare event else. */
export function readInbox(text: string): InboxItem {
  if (!text.startsWith('@')) return { event: readStored(text), until: null };
  const space = text.indexOf(' ');
  return { event: readStored(text.slice(space + 1)), until: Number(text.slice(1, space)) };
}

export const writeAside = (event: Event, until: number): string => `@${until} ${JSON.stringify(event)}`;

/** An event that goes as it is lies in an outbox as it lay in the inbox. */
export function readOutbox(text: string): OutboxItem {
  if (!text.startsWith('{"event":')) return { event: readStored(text), lost: [], hub: false };
  const item = JSON.parse(text) as OutboxItem & { event: Record<string, unknown> };
  return { ...item, event: upcast(item.event) as Event };
}

export const writeOutbox = (item: OutboxItem): string => JSON.stringify(item);
