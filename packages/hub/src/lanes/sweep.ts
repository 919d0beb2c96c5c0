import { type Bus, type Claim, INBOX, type InboxItem, type LaneName, type OutboxItem } from '@brygga/bus';
import { type Clock, faultOf, type Log } from '@brygga/contract';
import type { NetworkId, RoomId } from '@brygga/event';
import type { Link, Room, Rooms } from '../rooms.ts';

export interface SweepParts {
  readonly bus: Bus;
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly log: Log;
  readonly here: (network: NetworkId) => boolean;
  readonly startInbox: (claim: Claim<InboxItem>) => void;
  readonly startOutbox: (claim: Claim<OutboxItem>) => void;
}

/** Rooms looked at in one pipeline. */
const AT_ONCE = 200;
/** How soon events that stepped aside are looked at again. */
const ASIDE_MS = 250;
/** Tries to take a lane back whose state is not known; after that the sweep finds it. */
const RECOVERIES = 3;

/** Finds the lanes nobody drains: after a death, a lost wake-up, an answer of Redis that never came. */
export class Sweeper {
  readonly #parts: SweepParts;
  readonly #asides = new Set<RoomId>();

  constructor(parts: SweepParts) {
    this.#parts = parts;
  }

  async sweep(): Promise<void> {
    const rooms = [...this.#parts.rooms.all];
    while (rooms.length > 0) await Promise.all(rooms.splice(0, AT_ONCE).map((room) => this.#room(room)));
  }

  /** Drains the lane, or has the process woken that speaks to its network. */
  async wake(room: RoomId, lane: LaneName, force: boolean): Promise<void> {
    const { bus, startInbox, startOutbox } = this.#parts;
    if (lane === INBOX) {
      const claim = await bus.takeInbox(room);
      if (claim !== null) startInbox(claim);
      return;
    }
    const link = this.link(room, lane);
    if (link === undefined) return;
    if (!this.#parts.here(link.network)) return bus.wakes.wake(link.network, { room, lane }, 0);
    const claim = await bus.takeOutbox(room, link.id, force);
    if (claim !== null) startOutbox(claim);
  }

  link(room: RoomId, lane: string): Link | undefined {
    return this.#parts.rooms.get(room)?.links.find((link) => `out:${link.id}` === lane);
  }

  /** Looks again, soon, at what stepped aside. A crash meanwhile is mended by the sweep. */
  aside(room: RoomId): void {
    if (this.#asides.has(room)) return;
    this.#asides.add(room);
    this.#parts.clock.after(ASIDE_MS, () => {
      this.#asides.delete(room);
      void this.#guarded(room, () => this.#returnAside(room));
    });
  }

  /** Takes a lane back after Redis did not answer: gives up what may still be ours, then starts anew. */
  recover(claim: Claim<unknown>): void {
    void this.#guarded(claim.room, async () => {
      for (let attempt = 1; attempt <= RECOVERIES; attempt++) {
        try {
          await this.#parts.bus.hold(claim, 0);
          return await this.wake(claim.room, claim.lane, false);
        } catch (error) {
          this.#parts.log.warn('lane.recovery-failed', { room: claim.room, attempt, fault: faultOf(error) });
        }
      }
    });
  }

  async #room(room: Room): Promise<void> {
    const found = await this.#parts.bus.sweep(
      room.id,
      room.links.map((link) => link.id),
    );
    if (found.aside > 0) await this.#returnAside(room.id);
    for (const lane of found.lanes) await this.wake(room.id, lane, false);
  }

  async #returnAside(room: RoomId): Promise<void> {
    const claim = await this.#parts.bus.returnAside(room);
    if (claim !== null) this.#parts.startInbox(claim);
  }

  async #guarded(room: RoomId, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#parts.log.warn('sweep.failed', { room, fault: faultOf(error) });
    }
  }
}
