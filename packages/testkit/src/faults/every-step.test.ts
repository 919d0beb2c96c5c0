import { expect, it } from 'vitest';
import { AtOnce, everyStep } from './every-step.ts';

it('breaks every step once, until a run passes unhurt', async () => {
  const broken: number[] = [];
  const steps = await everyStep(async (n) => {
    if (n <= 3) broken.push(n);
    return { struck: n <= 3 };
  });
  expect(steps).toBe(3);
  expect(broken).toEqual([1, 2, 3]);
});

it('tries some steps ahead, and counts none twice', async () => {
  const tried: number[] = [];
  const run = async (n: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    tried.push(n);
    return { struck: n <= 7 };
  };
  expect(await everyStep(run, { ahead: 3 })).toBe(7);
  expect(new Set(tried).size).toBe(tried.length);
  expect(tried.length).toBeLessThanOrEqual(7 + 3);
});

it('leaves out steps where it is told to', async () => {
  const broken: number[] = [];
  const run = async (n: number) => {
    if (n <= 9) broken.push(n);
    return { struck: n <= 9 };
  };
  expect(await everyStep(run, { every: 3, from: 2 })).toBe(3);
  expect(broken).toEqual([2, 5, 8]);
});

it('ends with the first run that fails, and where there is no end', async () => {
  const bad = everyStep((n) =>
    n === 2 ? Promise.reject(new Error('lost')) : Promise.resolve({ struck: true }),
  );
  await expect(bad).rejects.toThrow('lost');
  await expect(everyStep(async () => ({ struck: true }), { most: 5 })).rejects.toThrow('more than 5 steps');
});

it('runs no more at once than it may, and all in the end', async () => {
  const some = new AtOnce(2);
  let running = 0;
  let most = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    done += 1;
  };
  await Promise.all(Array.from({ length: 7 }, () => some.run(work)));
  expect([most, done]).toEqual([2, 7]);
});
