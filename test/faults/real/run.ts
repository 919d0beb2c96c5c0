import { type Finished, faultName, runCases } from '../systematic.ts';
import { lineOf, type SeedResult, type Told } from '../told.ts';
import { REAL_FAULTS } from './cases.ts';
import { talkWith } from './history.ts';
import { playOnReal } from './play.ts';
import type { RealStage } from './stage.ts';

/** Every kind of step comes at least so often in the conversation. */
const STEPS_MIN = 4;

/** Each of that many steps of every case whose name contains `filter`; which ones differs from case to case. */
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
      stride: (index) => ({ every, from: 1 + (index % Math.min(every, STEPS_MIN)) }),
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
