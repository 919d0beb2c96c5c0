import { type Bus, type Claim, INBOX, type InboxItem, type LaneName, type OutboxItem } from '@brygga/bus';
import { type Clock, faultOf, type Log } from '@brygga/contract';
import type { NetworkId, RoomId } from '@brygga/event';
import type { Link, Room, Rooms } from '../rooms.ts';
import type { MaybeSent } from './maybe-sent.ts';
import type { Runs } from './runs.ts';

export interface SweepParts {
  readonly bus: Pick<Bus, 'sweep' | 'takeInbox' | 'takeOutbox' | 'returnAside' | 'hold'> & {
    readonly wakes: Pick<Bus['wakes'], 'wake' | 'nudge'>;
  };
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly runs: Runs;
  readonly maybeSent: Pick<MaybeSent, 'begins'>;
  /** Aborts when the hub stops. */
  readonly stop: AbortSignal;
  readonly here: (network: NetworkId) => boolean;
  readonly startInbox: (claim: Claim<InboxItem>) => void;
  readonly startOutbox: (claim: Claim<OutboxItem>) => void;
  /** Asked whenever all rooms are swept: what else is to be looked after in each, if anything is due. */
  readonly beside: () => ((room: Room) => Promise<void>) | null;
}

/** Rooms looked at in one pipeline. */
const AT_ONCE = 200;
/** How soon events that stepped aside are looked at again. */
const ASIDE_MS = 250;
/** Tries to take a lane back whose state is not known; after that the sweep finds it. */
const RECOVERIES = 5;
/** Pauses before these, doubled each time; a lane that comes back here again and again waits ever longer. */
const RECOVER_MS = 100;
const RECOVER_MS_MAX = 30_000;
const CALM_MS = 60_000;
/** Lanes whose recoveries are remembered. */
const REMEMBERED_MAX = 10_000;

/** Finds the lanes nobody drains: after a death, a lost wake-up, an answer of Redis that never came. */
export class Sweeper {
  readonly #parts: SweepParts;
  readonly #asides = new Set<RoomId>();
  #sweptAt = 0;
  readonly #recovered = new Map<string, { readonly count: number; readonly at: number }>();

  constructor(parts: SweepParts) {
    this.#parts = parts;
  }

  /** Looks at all rooms, or at those with a channel on that network. */
  async sweep(network?: NetworkId): Promise<void> {
    if (network === undefined) this.#sweptAt = this.#parts.clock.elapsed();
    const beside = network === undefined ? this.#parts.beside() : null;
    const rooms = this.#parts.rooms.all.filter(
      (room) => network === undefined || room.links.some((link) => link.network === network),
    );
    while (rooms.length > 0 && !this.#parts.stop.aborted)
      await Promise.all(
        rooms.splice(0, AT_ONCE).map((room) => this.#guarded(room.id, () => this.#room(room, beside))),
      );
  }

  /**
   * Sweeps by a timer of its own whenever no sweep ran here for `everyMs`: the scheduled job stands still for a
   * while when the process that worked it was killed over it. Ends with the stop.
   */
  async keepSwept(everyMs: number): Promise<void> {
    const { clock, stop } = this.#parts;
    while (!stop.aborted) {
      await clock.sleep(everyMs, stop);
      if (clock.elapsed() - this.#sweptAt >= everyMs) await this.sweep();
    }
  }

  /** Drains the lane, if it is free once `hold` is ended; an outbox only where its network is spoken to. */
  async wake(room: RoomId, lane: LaneName, hold = ''): Promise<void> {
    const { bus, startInbox, startOutbox } = this.#parts;
    if (this.#parts.stop.aborted) return;
    if (lane === INBOX) {
      const claim = await bus.takeInbox(room);
      if (claim !== null) startInbox(claim);
      return;
    }
    const link = this.link(room, lane);
    if (link === undefined || !this.#parts.here(link.network)) return;
    const claim = await bus.takeOutbox(room, link.id, hold);
    if (claim !== null) startOutbox(claim);
  }

  /** Has the process woken that speaks to the link's network. Does not wait; the sweep mends what fails. */
  elsewhere(link: Link): void {
    const wake = { room: link.room, lane: `out:${link.id}` } as const;
    void this.#guarded(link.room, () => this.#parts.bus.wakes.wake(link.network, wake));
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
      if (!this.#parts.stop.aborted) void this.#guarded(room, () => this.#returnAside(room));
    });
  }

  /**
   * Takes a lane back after Redis did not answer or something went wrong: gives up what may still be ours, then
   * has it begun anew. Waits before, the longer the more often it comes to that.
   */
  recover(claim: Claim<unknown>): void {
    void this.#guarded(claim.room, async () => {
      const { bus, clock, stop, log } = this.#parts;
      for (let attempt = 0; attempt < RECOVERIES; attempt++) {
        await clock.sleep(this.#pause(claim), stop);
        if (stop.aborted) return;
        try {
          await bus.hold(claim, 0);
          return await this.#find(claim.room, claim.lane);
        } catch (error) {
          log.warn('lane.recovery-failed', { room: claim.room, attempt, fault: faultOf(error) });
        }
      }
    });
  }

  #pause({ room, lane }: Claim<unknown>): number {
    const { clock, random } = this.#parts;
    const now = clock.elapsed();
    const before = this.#recovered.get(`${room} ${lane}`);
    const count = before !== undefined && now - before.at < CALM_MS ? before.count + 1 : 0;
    if (this.#recovered.size >= REMEMBERED_MAX) this.#recovered.clear();
    this.#recovered.set(`${room} ${lane}`, { count, at: now });
    return Math.min(RECOVER_MS * 2 ** Math.min(count, 20), RECOVER_MS_MAX) * (0.5 + random() / 2);
  }

  async #room(room: Room, beside: ((room: Room) => Promise<void>) | null): Promise<void> {
    const found = await this.#parts.bus.sweep(
      room.id,
      room.links.map((link) => link.id),
    );
    if (found.aside > 0) await this.#returnAside(room.id);
    for (const lane of found.lanes) await this.#find(room.id, lane);
    await beside?.(room);
  }

  /** A lane nobody drains: drained here, or the process nudged that can. */
  async #find(room: RoomId, lane: LaneName): Promise<void> {
    if (lane === INBOX) this.#orphaned(room);
    const link = this.link(room, lane);
    if (link === undefined || this.#parts.here(link.network)) return this.wake(room, lane);
    await this.#parts.bus.wakes.nudge(link.network, { room, lane });
  }

  /** Whoever left the inbox may have left outboxes too, with deliveries that are answered by what lies in it. */
  #orphaned(room: RoomId): void {
    for (const link of this.#parts.rooms.get(room)?.links ?? []) this.#parts.maybeSent.begins(link);
  }

  async #returnAside(room: RoomId): Promise<void> {
    const claim = await this.#parts.bus.returnAside(room);
    if (claim !== null) this.#parts.startInbox(claim);
  }

  /** A stop waits for it: a lane claimed meanwhile must still be given up. */
  #guarded(room: RoomId, run: () => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#parts.runs.start(async () => {
      try {
        await run();
      } catch (error) {
        this.#parts.log.warn('sweep.failed', { room, fault: faultOf(error) });
      } finally {
        resolve();
      }
    });
    return promise;
  }
}
