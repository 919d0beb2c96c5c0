import type { LaneFull } from '@brygga/bus';
import type { Clock, Log } from '@brygga/contract';
import type { NetworkId, RoomId } from '@brygga/event';
import type { Metrics } from '../metrics.ts';
import { Seldom } from './seldom.ts';

export interface FullParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'full'>;
}

/** How often one lane is told of. */
const TOLD_MS = 60_000;

/** Lanes that hold as much as they may: what is new in their rooms waits on its network, and operators are told. */
export class FullLanes {
  readonly #parts: FullParts;
  readonly #seldom: Seldom;

  constructor(parts: FullParts) {
    this.#parts = parts;
    this.#seldom = new Seldom(parts.clock, TOLD_MS);
  }

  /** A network was told to wait with what is new in that room. */
  tell(network: NetworkId, room: RoomId, { lane }: LaneFull): void {
    const { log, metrics } = this.#parts;
    metrics.full.inc({ room, lane });
    if (this.#seldom.due(`${room} ${lane}`)) log.warn('lane.full', { network, room, lane });
  }
}
