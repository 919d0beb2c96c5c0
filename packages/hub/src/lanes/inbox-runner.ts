import { type Bus, type Claim, type InboxItem, LOST, type OutboxItem } from '@brygga/bus';
import { faultOf, type Log } from '@brygga/contract';
import type { RoomId } from '@brygga/event';
import type { Link, Rooms } from '../rooms.ts';
import type { DecideStation } from '../stations/3-decide.ts';
import type { Runs } from './runs.ts';

export interface InboxParts {
  readonly bus: Bus;
  readonly rooms: Rooms;
  readonly decide: DecideStation;
  readonly runs: Runs;
  readonly log: Log;
  readonly stop: AbortSignal;
  /** Is given outbox lanes that fell to this process. */
  readonly drain: (claim: Claim<OutboxItem>) => void;
  /** Is told of links whose lanes are another process's to drain. */
  readonly elsewhere: (link: Link) => void;
  /** Events stepped aside: they are to be looked at again soon. */
  readonly aside: (room: RoomId) => void;
  /** The lane's state is not known, since Redis did not answer. */
  readonly abandoned: (claim: Claim<unknown>) => void;
}

/** Drains the inboxes of rooms: takes batches through stations 2 and 3 until the lane is empty. */
export class InboxRunner {
  readonly #parts: InboxParts;

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  start(claim: Claim<InboxItem>): void {
    this.#parts.runs.start(() => this.#drain(claim));
  }

  async #drain(claim: Claim<InboxItem>): Promise<void> {
    const { bus, log } = this.#parts;
    try {
      let items = claim.items.length > 0 ? claim.items : await this.#first(claim);
      while (items.length > 0) {
        if (this.#parts.stop.aborted) return void (await bus.hold(claim, 0));
        items = await this.#step(claim, items);
      }
    } catch (error) {
      log.warn('lane.abandoned', { room: claim.room, lane: claim.lane, fault: faultOf(error) });
      this.#parts.abandoned(claim);
    }
  }

  async #first(claim: Claim<InboxItem>): Promise<InboxItem[]> {
    const left = await this.#parts.bus.moreInbox(claim);
    return left === LOST ? [] : left.next;
  }

  async #step(claim: Claim<InboxItem>, items: readonly InboxItem[]): Promise<InboxItem[]> {
    const room = this.#parts.rooms.get(claim.room);
    if (room === undefined) {
      await this.#parts.bus.hold(claim, 0);
      return [];
    }
    const plan = await this.#parts.decide.decide(room, items);
    const planned = await this.#parts.bus.commitPlan(claim, plan);
    if (planned === LOST) return [];
    for (const out of planned.claims) this.#parts.drain(out);
    for (const id of planned.elsewhere) {
      const link = room.links.find((one) => one.id === id);
      if (link !== undefined) this.#parts.elsewhere(link);
    }
    if (plan.aside.length > 0) this.#parts.aside(claim.room);
    return planned.next;
  }
}
