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
  if (from.kind === 'gone') return walkBack(parts, room, cursor);
  const walked = await walkForward(parts, room, { known: cursor.event, token: from.token });
  return 'kind' in walked ? walked : walked.isWhole ? tail(parts, room, walked.known) : null;
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

/** The last event handed over, and whether only the newest ones are left. */
interface Walked {
  readonly known: string;
  readonly isWhole: boolean;
}

/** Hands over page by page, a page only when another follows it: the newest are not for here (see `tail`). */
async function walkForward(
  parts: CatchUpParts,
  room: Room,
  start: { readonly known: string; readonly token: string },
): Promise<Failure | Walked> {
  let { known } = start;
  let held: readonly MatrixEvent[] = [];
  let from: string | undefined = start.token;
  for (let pages = 0; from !== undefined; pages += 1) {
    if (pages > PAGES_MAX) {
      room.wake();
      return { known, isWhole: false };
    }
    const page: Page | Failure = await messages(parts, room, 'f', from, PAGE);
    if ('kind' in page) return page;
    if (page.events.length === 0) break;
    const last = held.at(-1);
    if (last !== undefined) {
      await parts.receiver.receive(room, held, false, writeCursor(last));
      known = last.event_id;
    }
    held = page.events;
    from = page.end;
  }
  return { known, isWhole: true };
}

/**
 * The newest events back to the known one and a page beyond it, handed over in order. History is in the order of the
 * room's graph: an event written at the same time as another, or come late from another server, may get its place
 * before one that was read already. Reading backwards meets it wherever it stands, and never a later one of the same
 * sender without it, as reading forwards while people write may. Nothing from before the link began.
 */
async function tail(parts: CatchUpParts, room: Room, known: string): Promise<Failure | null> {
  const first = await parts.ctx.store.get(beginning(room));
  const found: MatrixEvent[] = [];
  let from: string | undefined;
  for (let pages = 0; pages < PAGES_BACK_MAX; pages += 1) {
    const page: Page | Failure = await messages(parts, room, 'b', from, PAGE);
    if ('kind' in page) return page;
    found.push(...page.events);
    const begun = found.findIndex((event) => event.event_id === first);
    if (begun >= 0) found.length = begun;
    const at = found.findIndex((event) => event.event_id === known);
    from = page.end;
    if (begun >= 0 || from === undefined || (at >= 0 && found.length > at + PAGE)) break;
  }
  const [newest] = found;
  if (newest === undefined) return null;
  const cursor = newest.event_id === known ? undefined : writeCursor(newest);
  await parts.receiver.receive(room, found.toReversed(), false, cursor);
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
