import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const span = { firstMs: 100, mostMs: 5000 };

describe('backoffMs', () => {
  test('doubles its ceiling up to the bound', () => {
    const ceilings = [0, 1, 2, 3, 6, 1000].map((attempt) => backoffMs(attempt, span, () => 1));
    expect(ceilings).toEqual([100, 200, 400, 800, 5000, 5000]);
  });

  test('stays between nothing and the ceiling, whatever chance says', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), chance, (attempt, random) => {
        const pause = backoffMs(attempt, span, () => random);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThan(span.mostMs);
      }),
    );
  });
});
