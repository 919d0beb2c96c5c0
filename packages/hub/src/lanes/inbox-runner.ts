import {
  type AcceptResult,
  type Bus,
  type Claim,
  type InboxItem,
  LOST,
  type Lost,
  type OutboxItem,
  type Plan,
  type Planned,
} from '@brygga/bus';
import { faultOf, type Log } from '@brygga/contract';
import type { RoomId } from '@brygga/event';
import type { OtherHubs } from '../other-hubs/other-hubs.ts';
import type { Link, Room, Rooms } from '../rooms.ts';
import type { DecideStation } from '../stations/3-decide.ts';
import { Gathering } from './gathering.ts';
import type { Runs } from './runs.ts';
import { Turns } from './turns.ts';
import type { UnreadableLanes } from './unreadable.ts';

export interface InboxParts {
  readonly bus: Bus;
  readonly rooms: Rooms;
  readonly decide: DecideStation;
  readonly runs: Runs;
  readonly log: Log;
  readonly unreadable: UnreadableLanes;
  readonly stop: AbortSignal;
  readonly otherHubs: Pick<OtherHubs, 'waits'>;
  /** Is given outbox lanes that fell to this process. */
  readonly drain: (claim: Claim<OutboxItem>) => void;
  /** Is told of links whose lanes are another process's to drain. */
  readonly elsewhere: (link: Link) => void;
  /** Events stepped aside: they are to be looked at again soon. */
  readonly aside: (room: RoomId) => void;
  /** The lane's state is not known, since Redis did not answer. */
  readonly abandoned: (claim: Claim<unknown>) => void;
}

/**
 * Drains the inboxes of rooms: takes batches through stations 2 and 3 until the lane is empty. Under load a room
 * waits for its turn, and what comes meanwhile goes with it.
 */
export class InboxRunner {
  readonly #parts: InboxParts;
  readonly #turns = new Turns();
  /** Of the inboxes that are drained here. */
  readonly #gatherings = new Map<RoomId, Gathering>();

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  start(claim: Claim<InboxItem>): void {
    this.#parts.runs.start(() => this.#drain(claim));
  }

  /** Events came to a room's inbox that some process owns already. */
  came(room: RoomId, { fresh, before }: Pick<AcceptResult, 'fresh' | 'before'>): void {
    if (fresh.length > 0) this.#gatherings.get(room)?.add({ items: fresh, before });
  }

  async #drain(claim: Claim<InboxItem>): Promise<void> {
    const { bus, stop } = this.#parts;
    const gathering = new Gathering(claim.items, !claim.fromRedis);
    this.#gatherings.set(claim.room, gathering);
    try {
      do {
        await this.#turns.next();
        if (stop.aborted || this.#waits(claim.room)) return void (await bus.hold(claim, 0));
      } while (await this.#step(claim, gathering));
    } catch (error) {
      await this.#failed(claim, error);
    } finally {
      if (this.#gatherings.get(claim.room) === gathering) this.#gatherings.delete(claim.room);
    }
  }

  /** Then the sweep, or what ends the wait, has the lane drained anew. */
  #waits(id: RoomId): boolean {
    const room = this.#parts.rooms.get(id);
    return room !== undefined && this.#parts.otherHubs.waits(room);
  }

  async #failed(claim: Claim<InboxItem>, error: unknown): Promise<void> {
    const { unreadable, log, abandoned } = this.#parts;
    if (await unreadable.held(claim, error).catch(() => false)) return;
    log.warn('lane.abandoned', { room: claim.room, lane: claim.lane, fault: faultOf(error) });
    abandoned(claim);
  }

  /** False when nothing is left, or the lane is somebody else's. */
  async #step(claim: Claim<InboxItem>, gathering: Gathering): Promise<boolean> {
    const gathered = gathering.take();
    const items = gathered.length > 0 ? gathered : await this.#first(claim);
    if (items.length === 0) return false;
    const room = this.#parts.rooms.get(claim.room);
    const plan = room === undefined ? null : await this.#parts.decide.decide(room, items);
    if (room === undefined || plan === null) {
      await this.#parts.bus.hold(claim, 0);
      return false;
    }
    const planned = await this.#commit(room, claim, plan, !gathering.whole);
    if (planned === LOST || planned.left === 0) return false;
    gathering.planned(items, planned);
    return true;
  }

  async #first(claim: Claim<InboxItem>): Promise<readonly InboxItem[]> {
    const left = await this.#parts.bus.moreInbox(claim);
    return left === LOST ? [] : left.next;
  }

  async #commit(room: Room, claim: Claim<InboxItem>, plan: Plan, wanted: boolean): Promise<Planned | Lost> {
    const planned = await this.#parts.bus.commitPlan(claim, plan, wanted);
    if (planned === LOST) return LOST;
    for (const out of planned.claims) this.#parts.drain(out);
    for (const id of planned.elsewhere) {
      const link = room.links.find((one) => one.id === id);
      if (link !== undefined) this.#parts.elsewhere(link);
    }
    if (plan.aside.length > 0) this.#parts.aside(claim.room);
    return planned;
  }
}
