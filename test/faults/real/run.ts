import type { Stride } from '@brygga/testkit';
import type { Fault } from '../strikes.ts';
import { type Finished, faultName, runCases } from '../systematic.ts';
import { lineOf, type SeedResult, type Told } from '../told.ts';
import { REAL_FAULTS } from './cases.ts';
import { talkWith } from './history.ts';
import { playOnReal } from './play.ts';
import type { RealStage } from './stage.ts';

/** Every kind of step comes at least so often in the conversation. */
const STEPS_MIN = 4;

/** There are so many times fewer calls and pushes than commands, so that more of them are broken. */
const FEWER = 5;

/** What is never answered is waited for by the minute. */
function strideOf(fault: Fault, index: number, every: number): Stride {
  const few = fault.on !== 'command' && fault.what !== 'loseAnswer';
  const step = few ? Math.ceil(every / FEWER) : every;
  return { every: step, from: 1 + (index % Math.min(step, STEPS_MIN)) };
}

/** Every case whose name contains `filter`, in strides: which steps it breaks differs from case to case. */
export async function realSystematic(
  stage: RealStage,
  { filter, every, told }: { readonly filter: string; readonly every: number; readonly told: Told },
): Promise<readonly Finished[]> {
  const name = faultName;
  return runCases(
    REAL_FAULTS.filter((fault) => name(fault).includes(filter)),
    {
      name,
      play: (fault, n) => talkWith(stage, fault, n),
      // There is one hub.
      atOnce: 1,
      stride: (fault, index) => strideOf(fault, index, every),
      told: (one) => told(lineOf(one)),
    },
  );
}

/** The random histories of these seeds, one after the other. */
export async function realSeeds(
  stage: RealStage,
  which: readonly number[],
  told: Told,
): Promise<readonly SeedResult[]> {
  const results: SeedResult[] = [];
  for (const seed of which) {
    const broken = await playOnReal(stage, seed).then(
      () => null,
      (error: unknown) => String(error),
    );
    told(`seed ${seed}: ${broken ?? 'whole'}`);
    results.push({ seed, broken });
  }
  return results;
}

/** Ends the hub, so that nothing can come any more, and looks again; what is wrong then. */
export async function lastLook(stage: RealStage): Promise<readonly string[]> {
  await stage.end();
  const found = await Promise.all(stage.rooms.map((room) => room.complaints(true)));
  return found.flat();
}
