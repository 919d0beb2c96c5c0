import { type BridgeContext, faultOf } from '@brygga/contract';
import { personId } from '@brygga/event';
import { clip } from '@brygga/text';
import type { Attendance } from './attendance.ts';
import { isOurs, localpartOf } from './ids.ts';
import { eventsOf, field, listField, type MatrixEvent, textField } from './native.ts';
import type { PushGaps } from './push-gaps.ts';
import type { Receiver } from './receive.ts';
import type { Room } from './rooms.ts';
import type { MatrixSettings } from './settings.ts';
import type { Transaction } from './transactions.ts';

/** The homeserver gives up after 60 s; by then it has had its answer. */
const ANSWER_MS_MAX = 40_000;
/** How long somebody writes at most when nothing more is heard of them. */
const TYPING_MS_MAX = 60_000;

export interface DeliverParts {
  readonly ctx: BridgeContext<MatrixSettings>;
  readonly attendance: Attendance;
  readonly receiver: Receiver;
  readonly bot: string;
  readonly gaps: PushGaps;
}

/** Takes in one transaction. True when all its events are durable (or of no room of ours). */
export async function deliver(parts: DeliverParts, transaction: Transaction): Promise<boolean> {
  const events = eventsOf(transaction.events);
  if (parts.gaps.take(transaction.id, events)) {
    parts.ctx.log.info('transaction.left-out');
    parts.attendance.doubtPushes();
  }
  const stored = Promise.all([...byRoom(events)].map(([room, own]) => deliverRoom(parts, room, own)));
  const { promise: late, resolve } = Promise.withResolvers<boolean[]>();
  const cancel = parts.ctx.clock.after(ANSWER_MS_MAX, () => resolve([false]));
  const results = await Promise.race([stored, late]);
  cancel();
  for (const edu of transaction.ephemeral.slice(0, 1000)) typing(parts, edu);
  const whole = results.every((done) => done);
  if (!whole) parts.gaps.paused();
  return whole;
}

function byRoom(events: readonly MatrixEvent[]): ReadonlyMap<string, MatrixEvent[]> {
  const rooms = new Map<string, MatrixEvent[]>();
  for (const event of events) {
    const list = rooms.get(event.room_id);
    if (list === undefined) rooms.set(event.room_id, [event]);
    else list.push(event);
  }
  return rooms;
}

async function deliverRoom(
  { ctx, attendance, receiver, bot }: DeliverParts,
  roomId: string,
  events: readonly MatrixEvent[],
): Promise<boolean> {
  const room = attendance.get(roomId);
  if (room === undefined) return true;
  if (events.some((event) => isInvite(event, bot))) room.wake();
  if (room.inDoubt) room.wake();
  // Missed events first: a later one must not overtake them.
  await room.caughtUp;
  // Detached meanwhile: not stored here, so not acknowledged either.
  if (room.stop.signal.aborted) return false;
  const wasEncrypted = room.state.encrypted;
  try {
    const done = await attendance.inTurn(room, async () => {
      await receiver.receive(room, events, true);
      return true;
    });
    if (room.state.encrypted && !wasEncrypted) await attendance.noteEncrypted(room);
    if (room.entered && !room.state.isJoined(bot)) leaveBehind(room);
    return done === true;
  } catch (error) {
    ctx.log.warn('transaction.not-stored', { room: roomId, count: events.length, fault: faultOf(error) });
    return false;
  }
}

/** The bot was put out: it tries to come back at once, then ever more slowly. */
function leaveBehind(room: Room): void {
  room.entered = false;
  room.wake();
}

const isInvite = (event: MatrixEvent, bot: string): boolean =>
  event.type === 'm.room.member' &&
  event.state_key === bot &&
  textField(event.content, 'membership') === 'invite';

/** `m.typing` lists everybody who writes now: what differs from the last list is told. */
function typing({ ctx, attendance }: DeliverParts, edu: unknown): void {
  if (textField(edu, 'type') !== 'm.typing') return;
  const room = attendance.get(textField(edu, 'room_id') ?? '');
  if (room === undefined) return;
  const listed = listField(field(edu, 'content'), 'user_ids').filter((user) => typeof user === 'string');
  const now = new Set(listed.filter((user) => !isOurs(ctx.settings, user)).slice(0, 200));
  for (const user of now) if (!room.typing.has(user)) beginTyping(ctx, room, user);
  for (const user of [...room.typing.keys()]) if (!now.has(user)) endTyping(ctx, room, user);
}

/** Ends by itself: while the homeserver catches up with us it drops such news, the end of it too. */
function beginTyping(ctx: BridgeContext<MatrixSettings>, room: Room, user: string): void {
  room.typing.set(
    user,
    ctx.clock.after(TYPING_MS_MAX, () => endTyping(ctx, room, user)),
  );
  tell(ctx, room, user, true);
}

function endTyping(ctx: BridgeContext<MatrixSettings>, room: Room, user: string): void {
  room.typing.get(user)?.();
  room.typing.delete(user);
  tell(ctx, room, user, false);
}

function tell(ctx: BridgeContext<MatrixSettings>, room: Room, user: string, active: boolean): void {
  const displayName = clip(room.state.member(user)?.displayName ?? localpartOf(user), 250);
  ctx.signal({
    kind: 'typing',
    network: ctx.network,
    channel: room.channel,
    sender: { nativeId: personId(user), displayName, kind: 'person' },
    active,
    at: ctx.clock.now(),
  });
}
