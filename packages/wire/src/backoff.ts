/** How pauses between tries grow: from `firstMs`, doubling, never above `mostMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Doublings after which the ceiling is far behind; keeps 2 ** n finite. */
const DOUBLINGS_MAX = 30;

/**
 * Pause before try number `attempt` (0 is the first try *after* a failure), with full jitter: uniform between 0
 * and the ceiling, so that many clients of one server do not come back together
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). `random` is uniform in [0, 1).
 */
export function backoffMs(attempt: number, backoff: Backoff, random: () => number): number {
  const ceiling = Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(attempt, DOUBLINGS_MAX));
  return Math.floor(random() * ceiling);
}
