import { ManualClock } from '@brygga/testkit';
import { expect, it } from 'vitest';
import { Seldom } from './seldom.ts';

it('lets each thing be told of once in a while', async () => {
  const clock = new ManualClock();
  const seldom = new Seldom(clock, 1000);
  expect([seldom.due('one'), seldom.due('one'), seldom.due('other')]).toEqual([true, false, true]);
  await clock.advance(999);
  expect(seldom.due('one')).toBe(false);
  await clock.advance(1);
  expect([seldom.due('one'), seldom.due('one')]).toEqual([true, false]);
});
