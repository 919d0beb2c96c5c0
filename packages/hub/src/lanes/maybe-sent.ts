import type { Clock } from '@brygga/contract';
import type { EventId } from '@brygga/event';
import type { Link } from '../rooms.ts';

export interface MaybeSentParts {
  readonly clock: Clock;
  /** After that a doubt is over, settled or not. */
  readonly doubtMs: number;
}

type Lane = Pick<Link, 'room' | 'id'>;

/**
 * Links in whose channels may stand what nobody has recorded: the process that sent it is dead, its answer did not come,
 * or Redis kept silent over the record. People may answer it already. Known to the process that speaks to the network,
 * which also accepts these answers, and to one that takes a room over. One entry a link.
 */
export class MaybeSent {
  readonly #parts: MaybeSentParts;
  readonly #doubts = new Map<string, { readonly since: number; readonly over: EventId | null }>();

  constructor(parts: MaybeSentParts) {
    this.#parts = parts;
  }

  /** `over`: the one delivery that is in doubt; tried again and again, it does not begin anew. */
  begins({ room, id }: Lane, over: EventId | null = null): void {
    const lane = `${room} ${id}`;
    if (over !== null && this.#doubts.get(lane)?.over === over) return;
    this.#doubts.set(lane, { since: this.#parts.clock.elapsed(), over });
  }

  /** Until when (ms since 1970) an answer to something unknown is worth to wait; null when it is not, just now. */
  until({ room, id }: Lane): number | null {
    const { clock, doubtMs } = this.#parts;
    const doubt = this.#doubts.get(`${room} ${id}`);
    const left = doubt === undefined ? 0 : doubtMs - (clock.elapsed() - doubt.since);
    return left > 0 ? clock.now() + Math.ceil(left) : null;
  }
}
