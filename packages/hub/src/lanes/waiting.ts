import { type Bus, type LaneName, outbox } from '@brygga/bus';
import type { Clock, Log } from '@brygga/contract';
import type { LinkId, NetworkId, RoomId } from '@brygga/event';

export interface WaitingLane {
  readonly room: RoomId;
  readonly link: LinkId;
  readonly network: NetworkId;
}

export interface WaitingParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly retryMaxMs: number;
}

const FIRST_MS = 500;
const keyOf = (lane: WaitingLane): string => `${lane.room} ${lane.link}`;

/**
 * Lanes whose head could not be delivered: how often it was tried, until when a whole network is paused, and
 * which lanes wait for their network to come back. The hold itself rests in Redis; what is kept here only makes
 * the next try come at the right time.
 */
export class Waiting {
  readonly #parts: WaitingParts;
  readonly #tries = new Map<string, number>();
  readonly #waiting = new Map<NetworkId, Map<string, WaitingLane>>();
  readonly #pausedUntil = new Map<NetworkId, number>();

  constructor(parts: WaitingParts) {
    this.#parts = parts;
  }

  /** ms the network is still paused. */
  pausedFor(network: NetworkId): number {
    return Math.max(0, (this.#pausedUntil.get(network) ?? 0) - this.#parts.clock.now());
  }

  tries(lane: WaitingLane): number {
    return this.#tries.get(keyOf(lane)) ?? 0;
  }

  /** The head got through. */
  through(lane: WaitingLane): void {
    if (this.#tries.size > 0) this.#tries.delete(keyOf(lane));
  }

  /** Growing delay with full jitter, never shorter than the network asked for. */
  nextDelay(lane: WaitingLane, atLeastMs: number): number {
    const tries = this.tries(lane);
    this.#tries.set(keyOf(lane), tries + 1);
    const ceiling = Math.min(FIRST_MS * 2 ** Math.min(tries, 20), this.#parts.retryMaxMs);
    return Math.max(atLeastMs, 1 + Math.floor(ceiling * this.#parts.random()));
  }

  /** The whole network must wait. */
  async pause(network: NetworkId, ms: number): Promise<void> {
    this.#pausedUntil.set(network, this.#parts.clock.now() + ms);
    await this.#parts.bus.wakes.pause(network, ms);
  }

  /** Notes the lane as waiting and has it woken after `ms`. */
  async wakeAfter(lane: WaitingLane, ms: number): Promise<void> {
    const lanes = this.#waiting.get(lane.network) ?? new Map<string, WaitingLane>();
    lanes.set(keyOf(lane), lane);
    this.#waiting.set(lane.network, lanes);
    const name: LaneName = outbox(lane.link);
    await this.#parts.bus.wakes.wake(lane.network, { room: lane.room, lane: name }, ms);
  }

  awake(lane: WaitingLane): void {
    this.#waiting.get(lane.network)?.delete(keyOf(lane));
  }

  /** The network is back: the lanes that waited for it, to be tried at once. */
  back(network: NetworkId): readonly WaitingLane[] {
    const lanes = [...(this.#waiting.get(network)?.values() ?? [])];
    this.#waiting.delete(network);
    this.#pausedUntil.delete(network);
    for (const lane of lanes) this.#tries.delete(keyOf(lane));
    return lanes;
  }
}
