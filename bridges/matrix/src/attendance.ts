import { type BridgeContext, faultOf, type HubNotice } from '@brygga/contract';
import type { ChannelId } from '@brygga/event';
import { type Backoff, backoffMs, Gate, Turns } from '@brygga/wire';
import { type CatchUpParts, catchUp } from './catch-up.ts';
import { messageContent } from './content.ts';
import { type Failure, failureFields } from './errors.ts';
import type { Ghosts } from './ghosts.ts';
import { type Homeserver, path } from './homeserver.ts';
import { putNotice, tellHubs } from './hubs.ts';
import type { Put } from './put.ts';
import { noticePart } from './render.ts';
import { applyState } from './room-state.ts';
import { doubt, doubtEvents, newRoom, type Room } from './rooms.ts';
import type { MatrixSettings } from './settings.ts';
import { wordsIn } from './words.ts';

const AGAIN: Backoff = { firstMs: 2_000, mostMs: 5 * 60_000 };
/** Rooms entered and caught up with at a time; many wait when the homeserver comes back. */
const AT_ONCE = 6;
const WAITING_MAX = 100_000;
/** Batches that wait for one room before the homeserver is told to come again. */
const TURNS_MAX = 100;

export interface AttendanceParts extends CatchUpParts {
  readonly ctx: BridgeContext<MatrixSettings>;
  readonly homeserver: Homeserver;
  readonly ghosts: Ghosts;
  readonly put: Put;
}

/** The rooms we are attached to: enters each, keeps it caught up, and gives each its turns. */
export class Attendance {
  readonly #parts: AttendanceParts;
  readonly #rooms = new Map<ChannelId, Room>();
  readonly #notices = new Map<ChannelId, HubNotice>();
  readonly #entering = new Turns(1_000);
  readonly #turns = new Turns(TURNS_MAX);
  readonly #gate = new Gate(AT_ONCE, WAITING_MAX);
  readonly #workers = new Set<Promise<void>>();
  #isUp = false;

  constructor(parts: AttendanceParts) {
    this.#parts = parts;
  }

  get(channel: string): Room | undefined {
    return this.#rooms.get(channel as ChannelId);
  }

  attach(channel: ChannelId): Room {
    const known = this.#rooms.get(channel);
    if (known !== undefined) return known;
    const room = newRoom(channel);
    room.notice = this.#notices.get(channel) ?? null;
    this.#rooms.set(channel, room);
    const worker = this.#attend(room).catch((error: unknown) => {
      this.#parts.ctx.log.error('channel.worker-failed', { room: channel, fault: faultOf(error) });
    });
    this.#workers.add(worker);
    void worker.finally(() => this.#workers.delete(worker));
    return room;
  }

  announce(channel: ChannelId, notice: HubNotice): void {
    this.#notices.set(channel, notice);
    const room = this.#rooms.get(channel);
    if (room === undefined) return;
    room.notice = notice;
    if (room.entered) void this.#announce(room);
  }

  async #announce(room: Room): Promise<void> {
    await this.#entering.run(room.channel, () => putNotice(this.#parts, room));
  }

  detach(channel: ChannelId): void {
    const room = this.#rooms.get(channel);
    this.#rooms.delete(channel);
    if (room === undefined) return;
    room.stop.abort();
    room.noteCaughtUp();
    for (const cancel of room.typing.values()) cancel();
    room.typing.clear();
  }

  up(): void {
    this.#isUp = true;
    for (const room of this.#rooms.values()) room.wake();
  }

  down(): void {
    this.#isUp = false;
    for (const room of this.#rooms.values()) doubt(room);
  }

  /** A push may be missing, of whichever room: each is read before its next live event. */
  doubtPushes(): void {
    for (const room of this.#rooms.values()) doubtEvents(room);
  }

  /** Reads all rooms once more, now. */
  lookAgain(): void {
    this.doubtPushes();
    for (const room of this.#rooms.values()) room.wake();
  }

  /** Ends the rooms' workers and waits for them. */
  async close(): Promise<void> {
    for (const channel of [...this.#rooms.keys()]) this.detach(channel);
    await Promise.all(this.#workers);
  }

  /** One piece of work on a room's events at a time, in order; null when too much waits. */
  inTurn<T>(room: Room, work: () => Promise<T>): Promise<T | null> {
    return this.#turns.run(room.channel, work);
  }

  /** The bot is in the room and has read its state. Null: it is. */
  async enter(room: Room): Promise<Failure | null> {
    if (room.entered) return null;
    const step = await this.#entering.run(room.channel, async () => ({
      failure: room.entered ? null : await this.#enter(room),
    }));
    return step === null ? { kind: 'trouble', reason: 'timeout', sent: false } : step.failure;
  }

  async #enter(room: Room): Promise<Failure | null> {
    const { homeserver, ghosts } = this.#parts;
    const joined = await ghosts.join(ghosts.bot, room.channel, room.state);
    if (joined !== null) return joined;
    const state = await homeserver.call({
      as: ghosts.bot,
      method: 'GET',
      path: path`/v3/rooms/${room.channel}/state`,
      signal: room.stop.signal,
    });
    if (!state.ok) return state.failure;
    applyState(room.state, state.value);
    room.entered = true;
    if (this.#rooms.get(room.channel) === room) {
      tellHubs(this.#parts.ctx, room);
      await putNotice(this.#parts, room);
    }
    if (room.state.encrypted) await this.noteEncrypted(room);
    return null;
  }

  /** Said once per room: else its people would wait in vain. */
  async noteEncrypted(room: Room): Promise<void> {
    const { ctx, put, ghosts } = this.#parts;
    ctx.log.warn('channel.encrypted', { room: room.channel });
    const name = `encrypted.${room.channel}`;
    if ((await ctx.store.get(name)) !== null) return;
    const words = wordsIn(ctx, room.channel).encrypted;
    const content = messageContent(noticePart(words), { key: 'encrypted', hub: ctx.hub, hops: [ctx.hub] });
    const actor = { user: ghosts.bot, persona: null };
    const write = { actor, room, key: 'encrypted', salt: '', signal: room.stop.signal };
    const said = await put.event(write, 'm.room.message', content);
    if (said.ok) await ctx.store.set(name, '1');
  }

  /** Until the room is detached: enter, catch up, pause, again. */
  async #attend(room: Room): Promise<void> {
    const { ctx } = this.#parts;
    const usual = ctx.settings.catchUpSeconds * 1000;
    for (let attempt = 0; !room.stop.signal.aborted; ) {
      if (!this.#isUp) {
        room.due = false; // coming up makes it due again
        await this.#pause(room, usual);
      }
      if (room.stop.signal.aborted || !this.#isUp) continue;
      room.due = false;
      const failed = await this.#gate.run(() => this.#once(room, attempt));
      attempt = failed === false ? 0 : attempt + 1;
      const ms = attempt === 0 ? usual : backoffMs(attempt, AGAIN, () => ctx.random());
      // What is known of the room is read anew each time: a push may have been lost that changed it.
      if (await this.#pause(room, ms)) room.entered = false;
    }
  }

  /** Until `ms` have passed (then true), the room is woken, or it is detached. */
  async #pause(room: Room, ms: number): Promise<boolean> {
    if (room.due) return false;
    const woken = new AbortController();
    room.endPause = () => woken.abort();
    await this.#parts.ctx.clock.sleep(ms, AbortSignal.any([room.stop.signal, woken.signal]));
    room.endPause = () => undefined;
    return !woken.signal.aborted;
  }

  /** True when it has to be tried again. */
  async #once(room: Room, attempt: number): Promise<boolean> {
    const { log } = this.#parts.ctx;
    // Doubts that come up from here on are for the next one.
    const { noteCaughtUp } = room;
    room.inDoubt = false;
    try {
      const failure = (await this.enter(room)) ?? (await this.#catchUp(room));
      if (failure !== null)
        log.warn('channel.not-attached', { room: room.channel, attempt, ...failureFields(failure) });
      return failure !== null;
    } catch (error) {
      log.warn('channel.catch-up-failed', { room: room.channel, attempt, fault: faultOf(error) });
      return true;
    } finally {
      noteCaughtUp();
    }
  }

  async #catchUp(room: Room): Promise<Failure | null> {
    const done = await this.inTurn(room, async () => ({ failure: await catchUp(this.#parts, room) }));
    return done === null ? { kind: 'trouble', reason: 'timeout', sent: false } : done.failure;
  }
}
