import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnRedis, ownRedis, systematic } from './run.ts';

/** Of the random histories that every change has to pass; `npm run faults -- --seeds N` plays more. */
const SEEDS = 300;
const AT_ONCE = 16;
const LONG_MS = 900_000;
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const silent = (): void => undefined;

let redis: OwnRedis;
beforeAll(async () => {
  redis = await ownRedis();
});
afterAll(() => redis.close());

/** What the command says of random histories, in a process of its own. */
async function random(count: number): Promise<string> {
  const child = spawn(process.execPath, [MAIN, '--seeds', String(count), '--at-once', String(AT_ONCE)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  return said;
}

// Either keeps one core busy.
describe.concurrent('nothing is lost, doubled or out of order', () => {
  it('whichever step is broken, of every kind of operation and of the start', {
    timeout: LONG_MS,
  }, async () => {
    const finished = await systematic(redis, '', AT_ONCE, silent);
    expect(finished.flatMap(({ broken }) => broken ?? [])).toEqual([]);
    // A case without a step has broken nothing.
    expect(finished.filter(({ steps }) => steps === 0)).toEqual([]);
  });

  it(`in ${SEEDS} random histories`, { timeout: LONG_MS }, async () => {
    const said = (await random(SEEDS)).split('\n').filter((line) => !/^(seed \d+: whole|\d+ s|)$/.test(line));
    expect(said).toEqual([`${SEEDS} random histories`, 'nothing lost, doubled or out of order']);
  });
});
