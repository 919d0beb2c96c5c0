/** What `npm run faults` starts. See README.md. */
import { HELP, type Wish, wishOf } from './options.ts';
import { lastLook, realSeeds, realSystematic } from './real/run.ts';
import { RealStage } from './real/stage.ts';
import { ownRedis, seeds, systematic } from './run.ts';
import type { Finished } from './systematic.ts';
import type { SeedResult } from './told.ts';

/** Used in turn, so that the histories of each stay short enough to be read again and again. */
const REAL_ROOMS = 8;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What was played of either kind, and what was broken. */
interface Played {
  readonly cases: readonly Finished[];
  readonly histories: readonly SeedResult[];
  /** Of no history of its own. */
  readonly beside: readonly string[];
}

async function onTincan({ cases, seeds: which, atOnce }: Wish): Promise<Played> {
  const redis = await ownRedis();
  try {
    return {
      cases: cases === null ? [] : await systematic(redis, cases, atOnce, say),
      histories: await seeds(redis, which, atOnce, say),
      beside: [],
    };
  } finally {
    await redis.close();
  }
}

async function onReal({ cases, seeds: which, every }: Wish): Promise<Played> {
  const stage = await RealStage.open(REAL_ROOMS, say);
  const beside: string[] = [];
  try {
    const finished = cases === null ? [] : await realSystematic(stage, { filter: cases, every, told: say });
    const histories = await realSeeds(stage, which, say);
    beside.push(...(await lastLook(stage)));
    return { cases: finished, histories, beside };
  } finally {
    await stage.close().catch((error: unknown) => beside.push(String(error)));
  }
}

async function faults(wish: Wish): Promise<number> {
  const began = performance.now();
  const { cases, histories, beside } = wish.tier === 'real' ? await onReal(wish) : await onTincan(wish);
  if (cases.length > 0) {
    const steps = cases.reduce((sum, one) => sum + one.steps, 0);
    say(`\n${cases.length} cases, ${steps} steps broken`);
  }
  if (histories.length > 0) say(`\n${histories.length} random histories`);
  say(`${((performance.now() - began) / 1000).toFixed(0)} s`);
  const broken = [
    ...cases.flatMap((one) => one.broken ?? []),
    ...histories.flatMap(({ seed, broken: why }) => (why === null ? [] : [`seed ${seed}: ${why}`])),
    ...beside,
  ];
  if (broken.length === 0) say('nothing lost, doubled or out of order');
  for (const one of broken) say(`\nBROKEN ${one}`);
  return broken.length === 0 ? 0 : 1;
}

async function main(words: string[]): Promise<number> {
  let wish: Wish | 'help';
  try {
    wish = wishOf(words);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (wish === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  return faults(wish);
}

// What a process of a history that died had begun is not waited for.
process.exit(await main(process.argv.slice(2)));
