import type { Figures } from './job.ts';
import { type MeasureName, OFFERED } from './measures.ts';
import { spreadOf } from './statistics.ts';

/** What each repetition gave, by measure. */
export type Results = ReadonlyMap<MeasureName, readonly Figures[]>;

interface Side {
  readonly measure: MeasureName;
  readonly figure: string;
}

/**
 * A quotient of two figures of one run that shall be at least, or at most, so much. `by` a number: what the best
 * bridge known to us, which keeps everything in memory, does on a machine like ours (two cores).
 */
interface Goal {
  readonly says: string;
  readonly of: Side;
  readonly by: Side | number;
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
  {
    says: 'p99 beside a slow, a throttled, a dead link and a flood : alone',
    of: { measure: 'neighbours', figure: 'p99Ms' },
    by: { measure: 'neighbours', figure: 'quietP99Ms' },
    atMost: 1.3,
  },
  {
    says: 'memory of Redis after all messages : after a quarter of them',
    of: { measure: 'memory', figure: 'redisKilobytes' },
    by: { measure: 'memory', figure: 'earlyRedisKilobytes' },
    atMost: 1.1,
  },
  {
    says: 'memory in use by the hub process after all messages : after a quarter',
    of: { measure: 'memory', figure: 'heldMegabytes' },
    by: { measure: 'memory', figure: 'earlyHeldMegabytes' },
    atMost: 1.1,
  },
  {
    says: 'memory the machine gave it for that after all : after a quarter',
    of: { measure: 'memory', figure: 'rssMegabytes' },
    by: { measure: 'memory', figure: 'earlyRssMegabytes' },
    atMost: 1.2,
  },
  {
    says: 'XMPP to XMPP, idle p50 : 2.8 ms of the best bridge known',
    of: { measure: 'xmpp', figure: 'p50Ms' },
    by: 2.8,
    atMost: 1.5,
  },
  {
    says: 'XMPP to XMPP, idle p99 : its 7 to 14 ms (by 14)',
    of: { measure: 'xmpp', figure: 'p99Ms' },
    by: 14,
    atMost: 1.5,
  },
  {
    says: 'XMPP to XMPP, messages/s in one room : its 900',
    of: { measure: 'xmpp', figure: 'perSecond' },
    by: 900,
    atLeast: 1,
  },
  {
    says: 'XMPP to XMPP, messages/s over 20 rooms : its 550',
    of: { measure: 'xmpp-20', figure: 'perSecond' },
    by: 550,
    atLeast: 1,
  },
  {
    says: 'XMPP to Matrix, idle p50 : its 42 ms',
    of: { measure: 'matrix', figure: 'p50Ms' },
    by: 42,
    atMost: 1.5,
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
  const sides = typeof goal.by === 'number' ? [goal.of] : [goal.of, goal.by];
  if (sides.some(({ measure }) => lagged(measure, results))) {
    return { says, goal: bound, reached, verdict: 'did not keep up' };
  }
  return { says, goal: bound, reached, verdict: reached >= atLeast && reached <= atMost ? 'ok' : 'MISSED' };
}

/** Of the same repetition each: what else went on on the machine was then most alike. */
function quotientsOf({ of, by }: Goal, results: Results): number[] {
  const divisors =
    typeof by === 'number' ? null : (results.get(by.measure) ?? []).map((one) => one[by.figure]);
  return (results.get(of.measure) ?? []).flatMap((figures, index) => {
    const value = figures[of.figure];
    const divisor = typeof by === 'number' ? by : divisors?.[index];
    return value === undefined || divisor === undefined ? [] : [value / divisor];
  });
}

function lagged(measure: MeasureName, results: Results): boolean {
  return (results.get(measure) ?? []).some(
    ({ messagesPerSecond }) => messagesPerSecond !== undefined && messagesPerSecond < OFFERED * KEPT_UP,
  );
}
