import { describe, expect, it } from 'vitest';
import { dice, latencyOf, percentile, spreadOf } from './statistics.ts';

describe('percentile', () => {
  it('gives values that occurred, by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0.5, 0.99, 1, 0].map((share) => percentile(hundred, share))).toEqual([50, 99, 100, 1]);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('does not ask for order', () => {
    expect(latencyOf([3, 1, 2])).toEqual({ p50: 2, p99: 3 });
  });
});

describe('spreadOf', () => {
  it('gives the middle one and the ends', () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, least: 1, most: 9 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
    expect(spreadOf([6])).toEqual({ median: 6, least: 6, most: 6 });
  });
});

describe('dice', () => {
  it('repeats itself for a seed, stays in [0, 1) and is spread evenly', () => {
    const [one, two] = [dice(7), dice(7)];
    const drawn = Array.from({ length: 10_000 }, () => one());
    expect(drawn.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => two()));
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => drawn.filter((v) => Math.floor(v * 10) === tenth).length,
    );
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
