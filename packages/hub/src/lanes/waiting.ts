import { type Bus, type LaneName, outbox } from '@brygga/bus';
import type { Clock } from '@brygga/contract';
import type { EventId, LinkId, NetworkId, RoomId } from '@brygga/event';

export interface WaitingLane {
  readonly room: RoomId;
  readonly link: LinkId;
  readonly network: NetworkId;
}

export interface WaitingParts {
  readonly bus: { readonly wakes: Pick<Bus['wakes'], 'wake' | 'pause' | 'resume'> };
  readonly clock: Clock;
  readonly random: () => number;
  readonly retryMaxMs: number;
}

const FIRST_MS = 500;
const keyOf = (lane: WaitingLane): string => `${lane.room} ${lane.link}`;

/**
 * Lanes whose head could not be delivered: how often it was tried, until when a whole network is paused, and
 * which lanes wait for their network to come back. The hold itself rests in Redis; what is kept here only makes
 * the next try come at the right time. No more than one entry a lane.
 */
export class Waiting {
  readonly #parts: WaitingParts;
  readonly #tries = new Map<string, number>();
  readonly #faults = new Map<string, { readonly event: EventId; readonly count: number }>();
  readonly #waiting = new Map<NetworkId, Map<string, WaitingLane>>();
  readonly #pausedUntil = new Map<NetworkId, number>();
  readonly #returns = new Map<NetworkId, number>();

  constructor(parts: WaitingParts) {
    this.#parts = parts;
  }

  /**
   * How often the network has come back. Whoever sends reads it before, and says it with what the send led to:
   * what a network said before it came back holds nothing after.
   */
  returns(network: NetworkId): number {
    return this.#returns.get(network) ?? 0;
  }

  /** ms the network is still paused. */
  pausedFor(network: NetworkId): number {
    if (this.#pausedUntil.size === 0) return 0;
    return Math.max(0, (this.#pausedUntil.get(network) ?? 0) - this.#parts.clock.elapsed());
  }

  /** The head got through, or was given up. */
  through(lane: WaitingLane): void {
    if (this.#tries.size > 0) this.#tries.delete(keyOf(lane));
    if (this.#faults.size > 0) this.#faults.delete(keyOf(lane));
  }

  /** How often the bridge has failed over that very delivery, this time included. */
  fault(lane: WaitingLane, event: EventId): number {
    const before = this.#faults.get(keyOf(lane));
    const count = before?.event === event ? before.count + 1 : 1;
    this.#faults.set(keyOf(lane), { event, count });
    return count;
  }

  /** Growing delay with full jitter, never shorter than the network asked for. */
  nextDelay(lane: WaitingLane, atLeastMs: number): number {
    const tries = this.#tries.get(keyOf(lane)) ?? 0;
    this.#tries.set(keyOf(lane), tries + 1);
    const ceiling = Math.min(FIRST_MS * 2 ** Math.min(tries, 20), this.#parts.retryMaxMs);
    return Math.max(atLeastMs, 1 + Math.floor(ceiling * this.#parts.random()));
  }

  /** The whole network must wait, unless it has come back since it said so. */
  async pause(network: NetworkId, ms: number, returns: number): Promise<void> {
    const until = this.#parts.clock.elapsed() + ms;
    if (returns !== this.returns(network) || until <= (this.#pausedUntil.get(network) ?? 0)) return;
    this.#pausedUntil.set(network, until);
    await this.#parts.bus.wakes.pause(network, Math.ceil(ms));
  }

  /**
   * Notes the lane as waiting and has it woken after `ms`, which ends that hold of it; at once if its network
   * came back before the hold was written, since it passed this lane by.
   */
  async wakeAfter(lane: WaitingLane, ms: number, hold: string, returns: number): Promise<void> {
    const lanes = this.#waiting.get(lane.network) ?? new Map<string, WaitingLane>();
    lanes.set(keyOf(lane), lane);
    this.#waiting.set(lane.network, lanes);
    const name: LaneName = outbox(lane.link);
    const delayMs = returns === this.returns(lane.network) ? Math.ceil(ms) : 0;
    await this.#parts.bus.wakes.wake(lane.network, { room: lane.room, lane: name, hold }, delayMs);
  }

  awake(lane: WaitingLane): void {
    this.#waiting.get(lane.network)?.delete(keyOf(lane));
  }

  /** The network is back: the lanes that waited for it, to be tried at once. */
  async back(network: NetworkId): Promise<readonly WaitingLane[]> {
    this.#returns.set(network, this.returns(network) + 1);
    const lanes = [...(this.#waiting.get(network)?.values() ?? [])];
    this.#waiting.delete(network);
    for (const lane of lanes) this.#tries.delete(keyOf(lane));
    if (this.#pausedUntil.delete(network)) await this.#parts.bus.wakes.resume(network);
    return lanes;
  }
}
