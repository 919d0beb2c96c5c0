import type { Figures } from './job.ts';
import { type MeasureName, OFFERED } from './measures.ts';
import { spreadOf } from './statistics.ts';

/** What each repetition gave, by measure. */
export type Results = ReadonlyMap<MeasureName, readonly Figures[]>;

interface Side {
  readonly measure: MeasureName;
  readonly figure: string;
}

/** A quotient of two figures of one run that shall be at least, or at most, so much. */
interface Goal {
  readonly says: string;
  readonly of: Side;
  readonly by: Side;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Reached {
  readonly says: string;
  readonly goal: string;
  /** Median over the repetitions of the quotient within one; null when a side of it was not measured. */
  readonly reached: number | null;
  readonly verdict: 'ok' | 'MISSED' | 'not measured' | 'did not keep up';
}

const jobs: Side = { measure: 'jobs', figure: 'perSecond' };

const GOALS: readonly Goal[] = [
  {
    says: 'deliveries/s over 50 rooms : BullMQ no-op jobs/s',
    of: { measure: 'hub-50', figure: 'deliveriesPerSecond' },
    by: jobs,
    atLeast: 2,
  },
  {
    says: 'deliveries/s over 2,000 rooms : BullMQ no-op jobs/s',
    of: { measure: 'hub-2000', figure: 'deliveriesPerSecond' },
    by: jobs,
    atLeast: 1.5,
  },
  {
    says: 'idle latency p50 : BullMQ add-to-process p50',
    of: { measure: 'hub-idle', figure: 'p50Ms' },
    by: { measure: 'jobs-idle', figure: 'p50Ms' },
    atMost: 1.5,
  },
  {
    says: 'CPU per message of the hub process at 2,000 rooms : at 10',
    of: { measure: 'cost-2000', figure: 'hubCpuMicros' },
    by: { measure: 'cost-10', figure: 'hubCpuMicros' },
    atMost: 2.5,
  },
];

/** Carrying less than this share of what was offered is no steady state, and its cost no cost. */
const KEPT_UP = 0.95;

export function goalsOf(results: Results): Reached[] {
  return GOALS.map((goal) => reachedOf(goal, results));
}

function reachedOf(goal: Goal, results: Results): Reached {
  const { says, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = goal;
  const bound = goal.atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
  const quotients = quotientsOf(goal, results);
  if (quotients.length === 0) return { says, goal: bound, reached: null, verdict: 'not measured' };
  const reached = spreadOf(quotients).median;
  if (lagged(goal.of.measure, results) || lagged(goal.by.measure, results)) {
    return { says, goal: bound, reached, verdict: 'did not keep up' };
  }
  return { says, goal: bound, reached, verdict: reached >= atLeast && reached <= atMost ? 'ok' : 'MISSED' };
}

/** Of the same repetition each: what else went on on the machine was then most alike. */
function quotientsOf({ of, by }: Goal, results: Results): number[] {
  const divisors = results.get(by.measure) ?? [];
  return (results.get(of.measure) ?? []).flatMap((figures, index) => {
    const value = figures[of.figure];
    const divisor = divisors[index]?.[by.figure];
    return value === undefined || divisor === undefined ? [] : [value / divisor];
  });
}

function lagged(measure: MeasureName, results: Results): boolean {
  return (results.get(measure) ?? []).some(
    ({ messagesPerSecond }) => messagesPerSecond !== undefined && messagesPerSecond < OFFERED * KEPT_UP,
  );
}
