import { type Bus, type Claim, Unreadable } from '@brygga/bus';
import type { Clock, Log } from '@brygga/contract';
import type { Metrics } from '../metrics.ts';

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
/** Lanes of which is remembered when they were told of. */
const REMEMBERED_MAX = 10_000;

/**
 * Lanes whose head cannot be read: nothing of them is lost. They are held, told of, and looked at again by the sweep,
 * until the key is back or the version that wrote the head. Nobody else waits for them.
 */
export class UnreadableLanes {
  readonly #parts: UnreadableParts;
  readonly #told = new Map<string, number>();

  constructor(parts: UnreadableParts) {
    this.#parts = parts;
  }

  /** Whether the lane was stopped by what cannot be read: then it is held. @throws when Redis did not answer */
  async held(claim: Claim<unknown>, error: unknown): Promise<boolean> {
    if (!(error instanceof Unreadable)) return false;
    this.#tell(claim, error);
    await this.#parts.bus.hold(claim, HOLD_MS);
    return true;
  }

  #tell({ room, lane }: Claim<unknown>, { code, key }: Unreadable): void {
    const { clock, log, metrics } = this.#parts;
    metrics.unreadable.inc({ room, code });
    const now = clock.elapsed();
    const before = this.#told.get(`${room} ${lane}`);
    if (before !== undefined && now - before < TOLD_MS) return;
    if (this.#told.size >= REMEMBERED_MAX) this.#told.clear();
    this.#told.set(`${room} ${lane}`, now);
    log.error('lane.unreadable', { room, lane, reason: code, key });
  }
}
