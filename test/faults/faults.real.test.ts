import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnRedis, ownRedis, systematic } from './run.ts';

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
});
