import { systemClock } from '@brygga/contract';
import { dice } from '@brygga/testkit';
import { perform } from './acts.ts';
import { Draft, type Words } from './random.ts';
import type { Stage } from './stage.ts';

/** How many act at the same time; each waits for what it acts on to be shown, so that an outage slows it down. */
const ACTORS = 4;
const ACT_MS = 20;
/** Between two messages of those who only write and wait for nothing. */
const SAY_MS = 10;

/**
 * People of all channels write and act until the given end is called, which resolves with how many acts it was.
 * `words`: of the whole stage.
 */
export function load(stage: Stage, words: Words, seed: number): () => Promise<number> {
  let over = false;
  let acts = 0;
  const go = async (salt: number, paceMs: number, draw: (draft: Draft) => ReturnType<Draft['act']>) => {
    const draft = new Draft(dice(seed * 100 + salt), stage.size, words);
    while (!over) {
      await perform(stage, draw(draft));
      acts += 1;
      await systemClock.sleep(paceMs);
    }
  };
  const all = Promise.all([
    go(0, SAY_MS, (draft) => draft.say()),
    ...Array.from({ length: ACTORS }, (_, actor) => go(actor + 1, ACT_MS, (draft) => draft.act())),
  ]);
  return async () => {
    over = true;
    await all;
    return acts;
  };
}
