import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { Pace } from './pace.ts';

let now: number;
let begun: number[];
let pace: Pace;
beforeEach(() => {
  now = 0;
  begun = [];
  pace = new Pace({ elapsed: () => now });
});

/** Task number `task`, which takes so long at once. */
const run = (task: number, ms: number): void =>
  pace.run(() => {
    begun.push(task);
    now += ms;
  });

const upTo = (tasks: number): number[] => Array.from({ length: tasks }, (_, task) => task);

it('begins at once what comes while the turn has time', () => {
  for (const task of upTo(10)) run(task, 1);
  expect(begun).toEqual(upTo(10));
});

it('leaves what comes after that to the turns that follow, in order', async () => {
  for (const task of upTo(10)) run(task, 9);
  expect(begun).toEqual(upTo(3));
  await turn();
  expect(begun).toEqual(upTo(6));
  run(10, 9);
  await turn();
  await turn();
  expect(begun).toEqual(upTo(11));
});

it('begins one in each turn at least', async () => {
  for (const task of upTo(4)) run(task, 1000);
  for (let turns = 1; turns <= 4; turns += 1) {
    expect(begun).toEqual(upTo(turns));
    await turn();
  }
});

it('lets timers in while there is no end of tasks', async () => {
  let ended = false;
  const started = performance.now();
  const endless = new Pace({ elapsed: () => performance.now() - started });
  const again = (): void => {
    if (!ended) void Promise.resolve().then(() => endless.run(again));
  };
  again();
  await new Promise<void>((resolve) => setTimeout(resolve, 1));
  ended = true;
});
