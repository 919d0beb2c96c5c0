/** What `npm run faults` starts. See README.md. */
import { HELP, type Wish, wishOf } from './options.ts';
import { ownRedis, seeds, systematic } from './run.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function faults({ cases, seeds: which, atOnce }: Wish): Promise<number> {
  const redis = await ownRedis();
  const began = performance.now();
  const broken: string[] = [];
  try {
    if (cases !== null) {
      const finished = await systematic(redis, cases, atOnce, say);
      const steps = finished.reduce((sum, one) => sum + one.steps, 0);
      broken.push(...finished.flatMap((one) => one.broken ?? []));
      say(`\n${finished.length} cases, ${steps} steps broken`);
    }
    if (which.length > 0) {
      const played = await seeds(redis, which, atOnce, say);
      broken.push(
        ...played.flatMap(({ seed, broken: why }) => (why === null ? [] : [`seed ${seed}: ${why}`])),
      );
      say(`\n${played.length} random histories`);
    }
  } finally {
    await redis.close();
  }
  say(`${((performance.now() - began) / 1000).toFixed(0)} s`);
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
