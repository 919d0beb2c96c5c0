import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('whoever comes while few are there begins at once, the others in their order', async () => {
    const turns = new Turns();
    const begun: number[] = [];
    for (let one = 0; one < 100; one++) void turns.next().then(() => begun.push(one));
    await Promise.resolve();
    const first = begun.length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(100);
    for (let round = 0; round < 50; round++) await turn();
    expect(begun).toEqual(Array.from({ length: 100 }, (_, one) => one));
  });

  it('whoever comes later does not overtake those that wait', async () => {
    const turns = new Turns();
    const begun: string[] = [];
    for (let one = 0; one < 50; one++) void turns.next().then(() => begun.push('early'));
    await turn();
    void turns.next().then(() => begun.push('late'));
    for (let round = 0; round < 50; round++) await turn();
    expect(begun.indexOf('late')).toBe(50);
  });
});
