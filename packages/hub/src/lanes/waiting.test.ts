import { eventId, linkId, networkId, roomId } from '@brygga/event';
import { ManualClock } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { Waiting, type WaitingLane } from './waiting.ts';

const NET = networkId('n');
const lane: WaitingLane = { room: roomId('r'), link: linkId('b'), network: NET };
const other: WaitingLane = { ...lane, link: linkId('c') };
const [one, two] = [eventId('1'), eventId('2')];

let clock: ManualClock;
let asked: unknown[][];
let waiting: Waiting;
beforeEach(() => {
  clock = new ManualClock();
  asked = [];
  const note =
    (what: string) =>
    async (...args: unknown[]): Promise<void> =>
      void asked.push([what, ...args]);
  const wakes = { wake: note('wake'), pause: note('pause'), resume: note('resume') };
  waiting = new Waiting({ bus: { wakes }, clock, random: () => 0.9999999, retryMaxMs: 10_000 });
});

describe('the next try', () => {
  it('comes after a growing time, up to a bound', () => {
    const delays = Array.from({ length: 8 }, () => waiting.nextDelay(lane, 0));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });

  it('never comes earlier than the network asked for', () => {
    expect(waiting.nextDelay(lane, 30_000)).toBe(30_000);
    expect(waiting.nextDelay(lane, 0)).toBe(1000);
  });

  it('is soon again once something got through, each lane by itself', () => {
    waiting.nextDelay(lane, 0);
    waiting.nextDelay(lane, 0);
    waiting.nextDelay(other, 0);
    waiting.through(lane);
    expect(waiting.nextDelay(lane, 0)).toBe(500);
    expect(waiting.nextDelay(other, 0)).toBe(1000);
  });

  it('has jitter', () => {
    const low = new Waiting({
      bus: { wakes: { wake: async () => {}, pause: async () => {}, resume: async () => {} } },
      clock,
      random: () => 0,
      retryMaxMs: 10_000,
    });
    expect(low.nextDelay(lane, 0)).toBe(1);
  });
});

describe('faults of the bridge', () => {
  it('are counted over one delivery', () => {
    expect([waiting.fault(lane, one), waiting.fault(lane, one)]).toEqual([1, 2]);
    expect(waiting.fault(other, one)).toBe(1);
    expect(waiting.fault(lane, two)).toBe(1);
    waiting.through(lane);
    expect(waiting.fault(lane, two)).toBe(1);
  });
});

describe('a paused network', () => {
  it('is paused here and for the wake-ups, the longest pause standing', async () => {
    await waiting.pause(NET, 1000, 0);
    await waiting.pause(NET, 500, 0);
    expect(waiting.pausedFor(NET)).toBe(1000);
    await waiting.pause(NET, 2000.5, 0);
    await clock.advance(1000);
    expect(waiting.pausedFor(NET)).toBe(1000.5);
    await clock.advance(5000);
    expect(waiting.pausedFor(NET)).toBe(0);
    expect(asked).toEqual([
      ['pause', NET, 1000],
      ['pause', NET, 2001],
    ]);
  });
});

describe('a network that is back', () => {
  it('gives the lanes that waited for it, once, and ends its pause', async () => {
    await waiting.pause(NET, 60_000, 0);
    await waiting.wakeAfter(lane, 1000, 'h1', 0);
    await waiting.wakeAfter(lane, 1500.2, 'h2', 0);
    await waiting.wakeAfter(other, 1000, 'h3', 0);
    waiting.awake(other);
    expect(await waiting.back(NET)).toEqual([lane]);
    expect(waiting.pausedFor(NET)).toBe(0);
    expect(await waiting.back(NET)).toEqual([]);
    expect(asked).toContainEqual(['wake', NET, { room: 'r', lane: 'out:b', hold: 'h2' }, 1501]);
    expect(asked.filter(([what]) => what === 'resume')).toHaveLength(1);
  });

  it('has a lane woken at once whose hold was being written while it came back', async () => {
    const before = waiting.returns(NET);
    expect(await waiting.back(NET)).toEqual([]);
    await waiting.wakeAfter(lane, 60_000, 'h1', before);
    expect(asked).toEqual([['wake', NET, { room: 'r', lane: 'out:b', hold: 'h1' }, 0]]);
  });

  it('is not paused by what it said before it came back', async () => {
    const before = waiting.returns(NET);
    await waiting.back(NET);
    await waiting.pause(NET, 60_000, before);
    expect(waiting.pausedFor(NET)).toBe(0);
    expect(asked).toEqual([]);
  });
});
