import { expect, it } from 'vitest';
import { waitFor } from '../wait.ts';
import { FaultClock } from './fault-clock.ts';

it('jumps with its date alone', () => {
  const clock = new FaultClock();
  const [date, time] = [clock.now(), clock.elapsed()];
  clock.jump(3_600_000);
  expect(clock.now() - date).toBeGreaterThanOrEqual(3_600_000);
  expect(clock.elapsed() - time).toBeLessThan(60_000);
});

it('stands still with its time, and its date goes on', async () => {
  const clock = new FaultClock();
  clock.freeze();
  const [date, time] = [clock.now(), clock.elapsed()];
  let rang = false;
  clock.after(1, () => {
    rang = true;
  });
  const slept = clock.sleep(1);
  await waitFor(() => clock.now() > date + 20);
  expect(clock.elapsed()).toBe(time);
  expect(rang).toBe(false);
  clock.thaw();
  await slept;
  await waitFor(() => rang);
  expect(clock.elapsed() - time).toBeLessThan(clock.now() - date);
});

it('lets timers be called off, frozen or not', async () => {
  const clock = new FaultClock();
  const rang: string[] = [];
  clock.after(1, () => rang.push('first'))();
  clock.freeze();
  clock.after(1, () => rang.push('second'))();
  clock.after(1, () => rang.push('third'));
  clock.thaw();
  await waitFor(() => rang.length > 0);
  expect(rang).toEqual(['third']);
});

it('wakes whoever sleeps when a signal says so', async () => {
  const clock = new FaultClock();
  const stop = new AbortController();
  clock.freeze();
  const slept = clock.sleep(60_000, stop.signal);
  stop.abort();
  await slept;
  await clock.sleep(60_000, stop.signal);
});
