import { networkId } from '@brygga/event';
import { RedisGate, waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { House, NET, ROOM } from '../test/house.ts';
import type { Wake } from './wake.ts';

let redis: RedisServer;
let house: House;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(() => {
  house = new House(redis.url);
});
afterEach(() => house.close());

const wake: Wake = { room: ROOM, lane: 'out:b' };
const other: Wake = { room: ROOM, lane: 'out:c' };

/** Wake-ups worked here, with the time of each. */
function attended(owner = 'one', work: (wake: Wake) => Promise<void> = () => Promise.resolve()) {
  const { wakes } = house.bus(owner);
  const worked: { readonly wake: Wake; readonly at: number }[] = [];
  wakes.attend(NET, async (one) => {
    worked.push({ wake: one, at: performance.now() });
    await work(one);
  });
  return { wakes, worked };
}

const jobsLeft = async (): Promise<number> => {
  const keys = await house.raw.keys(`{${house.prefix}-jobs}:net.*:*`);
  return keys.filter((key) => !/:(?:meta|id|events|stalled-check|marker|limiter)$/.test(key)).length;
};

describe('wake-ups', () => {
  it('reach the process that attends the network, with what they carry, and leave nothing behind', async () => {
    const { wakes, worked } = attended();
    const asking = house.bus('two').wakes;
    const held = { ...wake, hold: 'two:7' };
    await asking.wake(NET, held, 0);
    await wakes.wake(networkId('net-c'), other, 0);
    await waitFor(() => worked.length === 1);
    expect(worked[0]?.wake).toEqual(held);
    house.bus('three').wakes.attend(networkId('net-c'), () => Promise.resolve());
    await waitFor(async () => (await jobsLeft()) === 0);
  });

  it('are closed within seconds also while Redis is away, and nobody knocks at it any more', async () => {
    const gate = await RedisGate.to(redis.url);
    const bus = house.bus('one', { url: gate.url });
    await bus.ping();
    for (const name of ['net-1', 'net-2']) bus.wakes.attend(networkId(name), () => Promise.resolve());
    await waitFor(() => gate.knocks >= 6);
    gate.cut();
    await waitFor(() => house.errors.length > 0);
    const began = performance.now();
    await bus.close();
    expect(performance.now() - began).toBeLessThan(10_000);
    // One each may have been on its way; who knocks for ever knocks again within two seconds.
    const enough = gate.knocks + 8;
    await waitFor(() => gate.knocks > enough, { withinMs: 6000 }).then(
      () => expect.unreachable('somebody still knocks'),
      () => undefined,
    );
    gate.close();
  });

  it('are asked for again when Redis falls silent on their connection alone: lanes wait for the answer', async () => {
    const gate = await RedisGate.to(redis.url);
    const { wakes } = house.bus('one', { url: gate.url, silentMs: 300 });
    const silent: string[] = [];
    await wakes.wake(NET, wake, 0);
    gate.meet = (command) => {
      const name = command.includes('limiter') ? 'limiter' : 'job';
      if (silent.includes(name)) return undefined;
      silent.push(name);
      return 'hang';
    };
    await wakes.pause(NET, 10_000);
    await wakes.wake(NET, other, 0);
    expect(silent).toEqual(['limiter', 'job']);
    gate.meet = null;
    await wakes.resume(NET);
    const { worked } = attended('two');
    await waitFor(() => worked.some((one) => one.wake.lane === other.lane));
    await house.close();
    gate.close();
  });

  it('come after their delay', async () => {
    const { wakes, worked } = attended();
    const began = performance.now();
    await wakes.wake(NET, wake, 400);
    await wakes.wake(NET, other, 0);
    await waitFor(() => worked.length === 2);
    expect(worked.map((one) => one.wake.lane)).toEqual(['out:c', 'out:b']);
    expect((worked[1]?.at ?? 0) - began).toBeGreaterThanOrEqual(390);
  });

  it('a later, shorter one is not swallowed by an earlier, longer one', async () => {
    const { wakes, worked } = attended();
    await wakes.wake(NET, { ...wake, hold: 'long' }, 60_000);
    await wakes.wake(NET, { ...wake, hold: 'short' }, 50);
    await waitFor(() => worked.length === 1);
    expect(worked[0]?.wake.hold).toBe('short');
  });

  it('one asked for while the former is being worked off comes as well', async () => {
    const { wakes, worked } = attended('one', async () => {
      if (worked.length === 1) await wakes.wake(NET, wake, 0);
    });
    await wakes.wake(NET, wake, 0);
    await waitFor(() => worked.length === 2);
  });

  it('nudges are one, however often they are asked for while nobody attends', async () => {
    const asking = house.bus('two').wakes;
    for (let index = 0; index < 5; index++) await asking.nudge(NET, wake);
    await asking.nudge(NET, other);
    const { worked } = attended();
    await waitFor(() => worked.length === 2);
    await waitFor(async () => (await jobsLeft()) === 0);
    await asking.nudge(NET, wake);
    await waitFor(() => worked.length === 3);
    expect(worked.map((one) => one.wake.lane)).toEqual(['out:b', 'out:c', 'out:b']);
  });

  it('one whose work fails is forgotten: the sweep finds the lane', async () => {
    const { wakes, worked } = attended('one', () => Promise.reject(new Error('no')));
    await wakes.wake(NET, wake, 0);
    await waitFor(() => worked.length === 1);
    await waitFor(async () => (await jobsLeft()) === 0);
  });

  it('of a paused network wait in all processes, until the pause is over or ended', async () => {
    const { wakes, worked } = attended();
    const asking = house.bus('two').wakes;
    await asking.pause(NET, 600);
    const began = performance.now();
    await asking.wake(NET, wake, 0);
    await waitFor(() => worked.length === 1);
    expect((worked[0]?.at ?? 0) - began).toBeGreaterThan(500);
    await wakes.pause(NET, 60_000);
    await wakes.resume(NET);
    await wakes.wake(NET, other, 0);
    await waitFor(() => worked.length === 2);
  });

  it('are worked soon after a long pause is ended that the worker has met already', async () => {
    const { wakes, worked } = attended();
    await wakes.pause(NET, 60_000);
    await wakes.wake(NET, wake, 0);
    await new Promise((resolve) => setTimeout(resolve, 300)); // it meets the pause
    expect(worked).toEqual([]);
    await wakes.resume(NET);
    await waitFor(() => worked.length === 1);
  });

  it('go to another process after one has stopped attending', async () => {
    const one = attended('one');
    await one.wakes.unattend(NET);
    const two = attended('two');
    await one.wakes.wake(NET, wake, 0);
    await waitFor(() => two.worked.length === 1);
    expect(one.worked).toEqual([]);
    await one.wakes.unattend(NET); // again: nothing
  });

  it('of a process that died over them come to another', async () => {
    const one = attended('one', () => new Promise<void>(() => undefined));
    await one.wakes.nudge(NET, wake);
    await waitFor(() => one.worked.length === 1);
    await one.wakes.close();
    const two = attended('two');
    await waitFor(() => two.worked.length === 1, { withinMs: 20_000 });
  });
});

describe('a job that fails', () => {
  it('leaves nothing of what it failed with, which may be what people wrote', async () => {
    const { wakes } = attended('one', () =>
      Promise.reject(new SyntaxError('Unexpected "the words of Anna"')),
    );
    await wakes.wake(NET, wake);
    const events = () => house.raw.xrange(`{${house.prefix}-jobs}:net.${NET}:events`, '-', '+');
    await waitFor(async () => JSON.stringify(await events()).includes('failed'));
    expect(JSON.stringify(await events())).not.toContain('Anna');
  });
});

describe('regular work', () => {
  it('rests while Redis is full, and goes on by itself when it is not', async () => {
    let done = 0;
    await house.bus().wakes.regularly('count', 200, async () => {
      done += 1;
    });
    await waitFor(() => done > 1);
    await house.raw.config('SET', 'maxmemory', '1');
    const refused = async (count: number): Promise<number> => {
      await waitFor(() => house.errors.length >= count, { withinMs: 20_000, what: 'Redis is asked again' });
      return performance.now();
    };
    const first = await refused(1);
    expect((await refused(4)) - first).toBeGreaterThan(900);
    await house.raw.config('SET', 'maxmemory', '0');
    const before = done;
    await waitFor(() => done > before + 1, { withinMs: 20_000 });
  });

  it('is done by one process at a time, again and again, by another after a close', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const done: string[] = [];
    const work = (who: string) => async (): Promise<void> => void done.push(who);
    await one.wakes.regularly('sweep', 100, work('one'));
    await two.wakes.regularly('sweep', 100, work('two'));
    const began = performance.now();
    await waitFor(() => done.length >= 5);
    expect(performance.now() - began).toBeGreaterThan(250);
    await one.wakes.close();
    const before = done.length;
    await waitFor(() => done.slice(before).filter((who) => who === 'two').length >= 3, { withinMs: 20_000 });
  });
});
