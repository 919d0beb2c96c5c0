import { type Bus, type Claim, Unreadable } from '@brygga/bus';
import type { Clock, Log } from '@brygga/contract';
import type { Metrics } from '../metrics.ts';
import { Seldom } from './seldom.ts';

export interface UnreadableParts {
  readonly bus: Pick<Bus, 'hold'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'unreadable'>;
}

/** How soon a lane is looked at again whose head could not be read. */
const HOLD_MS = 10_000;
/** How often one lane is told of. */
const TOLD_MS = 60_000;

/**
 * Lanes whose head cannot be read: nothing of them is lost. They are held, told of, and looked at again by the sweep,
 * until the key is back or the version that wrote the head. Nobody else waits for them.
 */
export class UnreadableLanes {
  readonly #parts: UnreadableParts;
  readonly #seldom: Seldom;

  constructor(parts: UnreadableParts) {
    this.#parts = parts;
    this.#seldom = new Seldom(parts.clock, TOLD_MS);
  }

  /** Whether the lane was stopped by what cannot be read: then it is held. @throws when Redis did not answer */
  async held(claim: Claim<unknown>, error: unknown): Promise<boolean> {
    if (!(error instanceof Unreadable)) return false;
    this.#tell(claim, error);
    await this.#parts.bus.hold(claim, HOLD_MS);
    return true;
  }

  #tell({ room, lane }: Claim<unknown>, { code, key }: Unreadable): void {
    const { log, metrics } = this.#parts;
    metrics.unreadable.inc({ room, code });
    if (this.#seldom.due(`${room} ${lane}`)) log.error('lane.unreadable', { room, lane, reason: code, key });
  }
}
