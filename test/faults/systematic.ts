import { AtOnce, type Dice, everyStep, type Run, type Stride } from '@brygga/testkit';
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
  readonly name: string;
  readonly steps: number;
  /** Mean of its runs. */
  readonly ms: number;
  readonly broken: string | null;
}

export interface HowToRun<C> {
  readonly name: (one: C) => string;
  /** One run, broken at the n-th step. @throws Broken */
  readonly play: (one: C, n: number) => Promise<Run>;
  readonly atOnce: number;
  /** Which steps of that case, and how many of them at the same time. */
  readonly stride: (one: C, index: number) => Stride;
  readonly told: (one: Finished) => void;
}

/** Steps of one case that are broken at the same time. */
export const AHEAD = 8;
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
  `${fromStart ? 'start and ' : ''}${script}: ${faultName(fault)}`;

export function faultName(fault: Fault): string {
  const about = fault.on === 'command' ? fault.of : fault.on === 'call' ? fault.to : undefined;
  return `${fault.on}${about === undefined ? '' : ` (${about})`} ${fault.what}`;
}

/** Runs one case of the tincan networks with its fault at the n-th step. @throws Broken */
export const playOn =
  (redis: RedisAt, dice: Dice) =>
  ({ script, fault, fromStart }: Case, n: number): Promise<Run> =>
    brokenAt(redis, dice, SCRIPTS[script], { fault, n, fromStart });

/** Runs the cases, some steps at once; tells of each that is finished. Never rejects over a broken promise. */
export async function runCases<C>(cases: readonly C[], how: HowToRun<C>): Promise<readonly Finished[]> {
  const places = new AtOnce(how.atOnce);
  return Promise.all(
    cases.map(async (one, index) => {
      const finished = await runCase(one, index, how, places);
      how.told(finished);
      return finished;
    }),
  );
}

async function runCase<C>(
  one: C,
  index: number,
  { name, play, stride }: HowToRun<C>,
  places: AtOnce,
): Promise<Finished> {
  const times: number[] = [];
  const run = async (n: number): Promise<Run> => {
    const began = performance.now();
    try {
      const result = await play(one, n);
      times.push(performance.now() - began);
      return result;
    } catch (error) {
      throw new Broken(`${name(one)}, step ${n}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  try {
    const steps = await everyStep((n) => places.run(() => run(n)), stride(one, index));
    const ms = times.reduce((sum, each) => sum + each, 0) / times.length;
    return { name: name(one), steps, ms, broken: null };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { name: name(one), steps: 0, ms: 0, broken: error.message };
  }
}
