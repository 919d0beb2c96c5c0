import { AtOnce, type Dice, everyStep } from '@brygga/testkit';
import { Broken, brokenAt, type RedisAt } from './history.ts';
import { SCRIPTS, type ScriptName } from './scripts.ts';
import type { Fault } from './strikes.ts';

/** One script, one fault: run with the fault at step 1, 2, 3, … until a run passes unhurt. */
export interface Case {
  readonly script: ScriptName;
  readonly fault: Fault;
  /** Steps count from the start of the hub, not from the first act on. */
  readonly fromStart: boolean;
}

export interface Finished {
  readonly case: Case;
  readonly steps: number;
  /** Mean of its runs. */
  readonly ms: number;
  readonly broken: string | null;
}

/** Steps of one case that are broken at the same time. */
const AHEAD = 8;
const COMMANDS = ['refuse', 'lose', 'error', 'hang', 'die', 'dieAfter', 'freeze'] as const;
const CALLS = [
  ...(['before', 'commit', 'loseAnswer', 'lateAnswer', 'lag', 'throttle', 'internal', 'refuse'] as const),
  ...(['die', 'dieAfter', 'freeze'] as const),
];
const NOTICES = ['duplicate', 'lag', 'reorder', 'forget'] as const;

/** All of them: every operation with every fault, and the start of the hub with those that can befall it. */
export function allCases(): Case[] {
  const faults: Fault[] = [
    ...COMMANDS.map((what): Fault => ({ on: 'command', of: 'room', what })),
    ...CALLS.map((what): Fault => ({ on: 'call', what })),
    ...NOTICES.map((what): Fault => ({ on: 'notice', what })),
  ];
  const scripts = Object.keys(SCRIPTS) as ScriptName[];
  const whole = scripts.flatMap((script) => faults.map((fault) => ({ script, fault, fromStart: false })));
  const starts: Fault[] = (['refuse', 'lose', 'error', 'die'] as const).flatMap((what): Fault[] =>
    (['room', 'lease', 'jobs'] as const).map((of) => ({ on: 'command', of, what })),
  );
  return [...whole, ...starts.map((fault): Case => ({ script: 'message', fault, fromStart: true }))];
}

export const nameOf = ({ script, fault, fromStart }: Case): string =>
  `${fromStart ? 'start and ' : ''}${script}: ${fault.on}${fault.on === 'command' ? ` (${fault.of})` : ''} ${fault.what}`;

/** Runs the cases, some steps at once; tells of each that is finished. Never rejects over a broken promise. */
export async function runCases(
  redis: RedisAt,
  cases: readonly Case[],
  {
    atOnce,
    dice,
    told,
  }: { readonly atOnce: number; readonly dice: Dice; readonly told: (one: Finished) => void },
): Promise<readonly Finished[]> {
  const places = new AtOnce(atOnce);
  return Promise.all(
    cases.map(async (one) => {
      const finished = await runCase(redis, one, dice, places);
      told(finished);
      return finished;
    }),
  );
}

async function runCase(redis: RedisAt, one: Case, dice: Dice, places: AtOnce): Promise<Finished> {
  const { fault, fromStart, script } = one;
  const times: number[] = [];
  const run = async (n: number) => {
    const began = performance.now();
    try {
      const result = await brokenAt(redis, dice, SCRIPTS[script], { fault, n, fromStart });
      times.push(performance.now() - began);
      return result;
    } catch (error) {
      throw new Broken(
        `${nameOf(one)}, step ${n}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  try {
    const steps = await everyStep((n) => places.run(() => run(n)), { ahead: AHEAD });
    return { case: one, steps, ms: times.reduce((sum, ms) => sum + ms, 0) / times.length, broken: null };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { case: one, steps: 0, ms: 0, broken: error.message };
  }
}
