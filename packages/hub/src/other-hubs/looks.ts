import type { Clock, ConnectionState, Log } from '@brygga/contract';
import type { NetworkId } from '@brygga/event';
import type { Link } from '../rooms.ts';

export interface LooksParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly state: (network: NetworkId) => ConnectionState | 'standby';
}

/** How long a room waits until it is known which hubs are in its channels. */
const WAIT_MS = 30_000;
/** And for a network that nobody or another process speaks to: one that nobody does is this one's in a moment. */
const STANDBY_MS = 2_000;

/** Which channels were not looked at yet since this process speaks to their network. */
export class Looks {
  readonly #parts: LooksParts;
  readonly #due = new Map<NetworkId, { readonly from: number; readonly links: Set<string> }>();

  constructor(parts: LooksParts) {
    this.#parts = parts;
  }

  begins(links: readonly Link[]): void {
    const [first] = links;
    if (first === undefined) return;
    const from = this.#parts.clock.elapsed();
    this.#due.set(first.network, { from, links: new Set(links.map(nameOf)) });
  }

  /** The channel was looked at. Whether that was waited for. */
  done(link: Link): boolean {
    const due = this.#due.get(link.network);
    if (due?.links.delete(nameOf(link)) !== true) return false;
    if (due.links.size === 0) this.#due.delete(link.network);
    return true;
  }

  /** Whether one of the channels is still to be looked at. */
  isDue(links: readonly Link[]): boolean {
    if (this.#due.size === 0) return false;
    return links.some((link) => this.#due.get(link.network)?.links.has(nameOf(link)));
  }

  /** A network that cannot be looked at now is not waited for: the sweep finds the rooms that did. */
  tend(): void {
    const { clock, state, log } = this.#parts;
    for (const [network, { from, links }] of this.#due) {
      const reason = state(network);
      const ms = clock.elapsed() - from;
      const most = { up: WAIT_MS, connecting: WAIT_MS, standby: STANDBY_MS, down: 0, refused: 0 }[reason];
      if (ms < most) continue;
      this.#due.delete(network);
      log.info('hubs.not-seen', { network, reason, count: links.size, ms });
    }
  }
}

const nameOf = ({ room, id }: Link): string => `${room} ${id}`;
