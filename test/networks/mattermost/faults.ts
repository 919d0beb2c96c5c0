import { SocketFaults } from './socket-faults.ts';

/**
 * What may befall one request.
 * - `refuse`: the connection breaks and the server never sees it. `hang`: nobody sees it and nobody answers.
 * - `proxyError`: a page of HTML from something in front, with the request carried out or not.
 * - `rateLimit`, `unauthorized`: as the server says it, not carried out.
 * - `slowSave`: the server is slow before it commits: a repeat with the same key meets the first one.
 * - `delayAnswer`, `loseAnswer`, `silence`, `errorAfter`: carried out and published, then late, cut off, mute, or 500.
 * - `commitTwice`: carried out on two nodes of a cluster. `otherNode`: carried out by the second one.
 */
export type Fault =
  | { readonly kind: 'refuse' | 'hang' | 'loseAnswer' | 'silence' | 'unauthorized' }
  | { readonly kind: 'commitTwice' | 'otherNode' }
  | { readonly kind: 'slowSave' | 'delayAnswer'; readonly ms: number }
  | { readonly kind: 'errorAfter'; readonly status?: number }
  | { readonly kind: 'proxyError'; readonly status?: number; readonly isCarriedOut?: boolean }
  | { readonly kind: 'rateLimit'; readonly retryAfterSec: number };

export interface Selection {
  readonly method?: string;
  readonly path: RegExp;
  /** The first that is hit, counted from 1 among those that fit; 1 by default. */
  readonly nth?: number;
  /** How many are hit in a row; 1 by default. */
  readonly times?: number;
}

interface Planned {
  readonly selection: Selection;
  readonly fault: Fault;
  seen: number;
}

/** What is to go wrong. */
export class Faults {
  readonly sockets = new SocketFaults();
  /** Reads with `since` come from a replica that is so much behind. */
  replicaLagMs = 0;
  #planned: Planned[] = [];

  /** From the `nth` request that fits on, `times` requests meet the fault. */
  next(selection: Selection, fault: Fault): void {
    this.#planned.push({ selection, fault, seen: 0 });
  }

  clear(): void {
    this.#planned = [];
    this.replicaLagMs = 0;
    this.sockets.clear();
  }

  /** Asked once for each request. */
  meet(method: string, path: string): Fault | undefined {
    const fitting = this.#planned.filter(
      ({ selection }) => (selection.method ?? method) === method && selection.path.test(path),
    );
    for (const planned of fitting) {
      planned.seen += 1;
      const { nth = 1, times = 1 } = planned.selection;
      if (planned.seen >= nth && planned.seen < nth + times) return planned.fault;
    }
    return undefined;
  }
}
