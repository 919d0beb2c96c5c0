import { type Dice, waitFor } from '@brygga/testkit';
import type { Redis } from 'ioredis';
import { type Act, perform } from './acts.ts';
import { complaints, remains } from './oracle.ts';
import { type Size, Stage } from './stage.ts';
import { type Fault, type Strike, type Strikes, strikesOn } from './strikes.ts';

export interface RedisAt {
  readonly url: string;
  readonly raw: Redis;
}

/** Something went wrong that never may: what, said for whoever has to mend it. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

const SETTLED_MS = 60_000;
const LOOK_MS = 40;

/** A stage with one history on it: opened, played, judged, closed. */
export async function onStage<T>(
  redis: RedisAt,
  { size, processes, dice }: { readonly size: Size; readonly processes: number; readonly dice: Dice },
  play: (stage: Stage, strikes: Strikes) => Promise<T>,
): Promise<T> {
  const stage = new Stage(redis, size, dice);
  const strikes = strikesOn(stage);
  try {
    const result = await play(stage, withProcesses(stage, processes, strikes));
    await judge(stage, () => strikes.struck);
    return result;
  } catch (error) {
    await stage.end();
    throw error;
  } finally {
    await stage.wipe();
  }
}

function withProcesses(stage: Stage, processes: number, strikes: Strikes): Strikes {
  for (let count = 0; count < processes; count += 1) stage.keepOne();
  return strikes;
}

/** Waits until all is as it must be, then ends every process, so that nothing can come later, and looks again. */
async function judge(stage: Stage, hurt: () => boolean): Promise<void> {
  let wrong: readonly string[] = [];
  try {
    await waitFor(
      async () => {
        wrong = await stage.busyLanes();
        if (wrong.length === 0) wrong = await complaints(stage, hurt());
        return wrong.length === 0;
      },
      { withinMs: SETTLED_MS, everyMs: LOOK_MS },
    );
  } catch {
    throw new Broken(`after ${SETTLED_MS / 1000} s:\n${wrong.slice(0, 12).join('\n')}`);
  }
  await stage.end();
  const late = [...(await complaints(stage, hurt())), ...(await remains(stage)), ...stage.problems];
  if (late.length > 0) throw new Broken(`in the end:\n${late.slice(0, 12).join('\n')}`);
}

/** One script with one fault at the n-th step of its kind; whether it came to that. */
export async function brokenAt(
  redis: RedisAt,
  dice: Dice,
  script: readonly Act[],
  {
    fault,
    n,
    fromStart = false,
  }: { readonly fault: Fault; readonly n: number; readonly fromStart?: boolean },
): Promise<{ readonly struck: boolean }> {
  // Only where a process stands still does another one have to be there: a dead one is started again.
  const processes = fault.what === 'freeze' ? 2 : 1;
  const play = async (stage: Stage, strikes: Strikes): Promise<Strike> => {
    const early = fromStart ? strikes.arm(fault, n) : null;
    await stage.ready();
    const strike = early ?? strikes.arm(fault, n);
    for (const act of script) await perform(stage, act);
    return strike;
  };
  const strike = await onStage(redis, { size: { rooms: 1, links: 3 }, processes, dice }, play);
  return { struck: strike.struck };
}
