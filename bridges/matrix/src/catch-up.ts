import type { BridgeContext } from '@brygga/contract';
import { type Failure, hasStatus } from './errors.ts';
import { type Homeserver, path } from './homeserver.ts';
import { eventsOf, field, type MatrixEvent, textField } from './native.ts';
import type { Receiver } from './receive.ts';
import type { Room } from './rooms.ts';
import type { MatrixSettings } from './settings.ts';

const PAGE = 100;
/** Pages read in one go; the rest follows in the next one, from the cursor saved with the last page. */
const PAGES_MAX = 500;
/** Pages read backwards when the anchor is gone. */
const PAGES_BACK_MAX = 50;
const ANCHOR_GONE_MARGIN_MS = 60 * 60 * 1000;

/**
 * The cursor: the event up to which a *catch-up* has read, and its time. Pushed events do not move it: a homeserver
 * that crashes may push a later event and never an earlier one (element-hq/synapse#11637), so only reading along the
 * room's own history proves that nothing is missing.
 */
export interface Cursor {
  readonly event: string;
  readonly at: number;
}

export const writeCursor = (event: MatrixEvent): string => `${event.event_id} ${event.origin_server_ts}`;

export function readCursor(cursor: string): Cursor {
  const [event = '', at = '0'] = cursor.split(' ');
  return { event, at: Number.parseInt(at, 10) || 0 };
}

type Context = Pick<BridgeContext<MatrixSettings>, 'cursor' | 'store' | 'log'>;

export interface CatchUpParts {
  readonly ctx: Context;
  readonly homeserver: Homeserver;
  readonly receiver: Receiver;
  readonly bot: string;
}

interface Page {
  readonly events: readonly MatrixEvent[];
  readonly end: string | undefined;
}

/**
 * Reads what the room has had since the cursor, in order, and hands it over; what the hub knows already it leaves
 * out. Null when done. Rejects when the hub cannot store.
 */
export async function catchUp(parts: CatchUpParts, room: Room): Promise<Failure | null> {
  const saved = await parts.ctx.cursor(room.channel);
  if (saved === null) return begin(parts, room);
  const cursor = readCursor(saved);
  const from = await anchorEnd(parts, room, cursor.event);
  if (from.kind === 'failure') return from.failure;
  const failure = await (from.kind === 'gone'
    ? walkBack(parts, room, cursor)
    : walkForward(parts, room, from.token));
  return failure ?? overlap(parts, room);
}

/** A new link begins now: what was said before it is not carried. */
async function begin(parts: CatchUpParts, room: Room): Promise<Failure | null> {
  const page = await messages(parts, room, 'b', undefined, 1);
  if ('kind' in page) return page;
  const [last] = page.events;
  if (last === undefined) return null;
  await parts.ctx.store.set(beginning(room), last.event_id);
  await parts.receiver.receive(room, [], false, writeCursor(last));
  return null;
}

const beginning = (room: Room): string => `beginning.${room.channel}`;

type Anchor =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failure'; readonly failure: Failure };

async function anchorEnd(parts: CatchUpParts, room: Room, event: string): Promise<Anchor> {
  const answer = await parts.homeserver.call({
    as: parts.bot,
    method: 'GET',
    path: path`/v3/rooms/${room.channel}/context/${event}`,
    query: { limit: '0' },
    signal: room.stop.signal,
  });
  if (!answer.ok)
    return hasStatus(answer.failure, 404) ? { kind: 'gone' } : { kind: 'failure', failure: answer.failure };
  const token = textField(answer.value, 'end');
  return token === undefined ? { kind: 'gone' } : { kind: 'token', token };
}

async function walkForward(parts: CatchUpParts, room: Room, token: string): Promise<Failure | null> {
  let from: string | undefined = token;
  for (let pages = 0; from !== undefined; pages += 1) {
    const page: Page | Failure = await messages(parts, room, 'f', from, PAGE);
    if ('kind' in page) return page;
    const last = page.events.at(-1);
    if (last === undefined) return null;
    await parts.receiver.receive(room, page.events, false, writeCursor(last));
    if (pages >= PAGES_MAX) room.wake();
    if (pages >= PAGES_MAX) return null;
    from = page.end;
  }
  return null;
}

/** The anchor was purged: back from the newest to a while before it, then handed over in order. */
async function walkBack(parts: CatchUpParts, room: Room, cursor: Cursor): Promise<Failure | null> {
  parts.ctx.log.warn('catch-up.anchor-gone', { room: room.channel });
  const found: MatrixEvent[] = [];
  let from: string | undefined;
  for (let pages = 0; pages < PAGES_BACK_MAX; pages += 1) {
    const page: Page | Failure = await messages(parts, room, 'b', from, PAGE);
    if ('kind' in page) return page;
    found.push(...page.events.filter((event) => event.origin_server_ts > cursor.at - ANCHOR_GONE_MARGIN_MS));
    from = page.end;
    const oldest = page.events.at(-1)?.origin_server_ts ?? 0;
    if (from === undefined || oldest <= cursor.at - ANCHOR_GONE_MARGIN_MS) break;
  }
  const [newest] = found;
  if (newest === undefined) return null;
  await parts.receiver.receive(room, found.toReversed(), false, writeCursor(newest));
  return null;
}

/**
 * History is in the order of the room's graph: an event that came late from another server may stand before the
 * cursor. So the last ones are looked at again, but nothing from before the link began.
 */
async function overlap(parts: CatchUpParts, room: Room): Promise<Failure | null> {
  const first = await parts.ctx.store.get(beginning(room));
  if (first === null) return null;
  const page = await messages(parts, room, 'b', undefined, PAGE);
  if ('kind' in page) return page;
  const end = page.events.findIndex((event) => event.event_id === first);
  const recent = end < 0 ? page.events : page.events.slice(0, end);
  await parts.receiver.receive(room, recent.toReversed(), false);
  return null;
}

async function messages(
  parts: CatchUpParts,
  room: Room,
  dir: 'f' | 'b',
  from: string | undefined,
  limit: number,
): Promise<Page | Failure> {
  const answer = await parts.homeserver.call({
    as: parts.bot,
    method: 'GET',
    path: path`/v3/rooms/${room.channel}/messages`,
    query: { dir, limit: String(limit), ...(from === undefined ? {} : { from }) },
    signal: room.stop.signal,
  });
  if (!answer.ok) return answer.failure;
  return { events: eventsOf(field(answer.value, 'chunk')), end: textField(answer.value, 'end') };
}
