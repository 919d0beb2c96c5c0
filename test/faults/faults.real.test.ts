import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnRedis, ownRedis, seeds, systematic } from './run.ts';

/** Of the random histories that every change has to pass; `npm run faults -- --seeds N` plays more. */
const SEEDS = 300;
const AT_ONCE = 24;
const LONG_MS = 900_000;
const silent = (): void => undefined;

let redis: OwnRedis;
beforeAll(async () => {
  redis = await ownRedis();
});
afterAll(() => redis.close());

describe('nothing is lost, doubled or out of order', () => {
  it(
    'whichever step is broken, of every kind of operation and of the start',
    async () => {
      const finished = await systematic(redis, '', AT_ONCE, silent);
      expect(finished.flatMap(({ broken }) => broken ?? [])).toEqual([]);
      // A case without a step has broken nothing.
      expect(finished.filter(({ steps }) => steps === 0)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    `in ${SEEDS} random histories`,
    async () => {
      const which = Array.from({ length: SEEDS }, (_, index) => index + 1);
      const played = await seeds(redis, which, AT_ONCE, silent);
      expect(played.filter(({ broken }) => broken !== null)).toEqual([]);
    },
    LONG_MS,
  );
});
