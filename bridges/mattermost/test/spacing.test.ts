import { ManualClock } from '@brygga/testkit';
import { expect, it } from 'vitest';
import { Spacing } from '../src/spacing.ts';

it('what is written in one channel waits until the one before has another date', async () => {
  const clock = new ManualClock();
  const spacing = new Spacing(clock);
  const signal = new AbortController().signal;
  const dates: number[] = [];
  const write = async (channel: string): Promise<void> => {
    await spacing.rest(channel, signal);
    dates.push(clock.now());
    spacing.wrote(channel);
  };
  const from = clock.now();
  await write('one');
  await write('other');
  const second = write('one');
  await clock.advance(10);
  await second;
  await write('one');
  expect(dates.map((date) => date - from)).toEqual([0, 0, 2, 10]);
});
