import { RedisGate, waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { accept, B, House, NET, outboxOfB, ROOM, recordOf, won } from '../test/house.ts';

let redis: RedisServer;
let house: House;
beforeAll(async () => {
  // With `everysec` a Redis that is killed may lose what it has answered but not written yet.
  redis = await startRedis({ appendfsync: 'always' });
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(() => {
  house = new House(redis.url);
});
afterEach(async () => {
  await house.close();
  await redis.start().catch(() => undefined); // runs already
});

const never = new AbortController().signal;
const wake = { room: ROOM, lane: 'out:b' } as const;

describe('while Redis is away', () => {
  it('nobody waits for ever: what was under way rejects, and so does what comes', async () => {
    const bus = house.bus();
    await bus.ping();
    redis.suspend();
    const under = Array.from({ length: 20 }, (_, index) => accept(bus, [`m${index}`]));
    const settled = Promise.allSettled(under);
    await redis.stop({ signal: 'SIGKILL' });
    for (const one of await settled) expect(one.status).toBe('rejected');
    for (let index = 0; index < 3; index++) await expect(accept(bus, ['n'])).rejects.toThrow();
    expect(bus.ready).toBe(false);
    await redis.start();
    await waitFor(() => bus.ping().then(() => true), { withinMs: 10_000 });
    expect((await accept(bus, ['n'])).fresh).toHaveLength(1);
    expect(house.errors.every((code) => /^[A-Za-z]+$/.test(code))).toBe(true);
  });

  it('a Redis that says nothing counts as gone', async () => {
    const bus = house.bus();
    await bus.ping();
    redis.suspend();
    await expect(accept(bus, ['m1'])).rejects.toThrow();
    redis.resume();
    await waitFor(() => bus.ping().then(() => true), { withinMs: 10_000 });
    await accept(bus, ['m1']);
    expect(await house.raw.llen(house.key('in'))).toBe(1);
  });

  it('its leases are lost, and its return is told', async () => {
    const bus = house.bus('one', { leaseMs: 1000 });
    let returns = 0;
    bus.onReturn(() => {
      returns += 1;
    });
    const lease = won(await bus.lease('l', never));
    const claim = await outboxOfB(bus, ['m1']);
    await redis.stop();
    await waitFor(() => lease.lost.aborted && !bus.owns(claim));
    await expect(lease.release()).rejects.toThrow();
    expect(returns).toBe(0);
    await redis.start();
    await waitFor(() => returns === 1, { withinMs: 10_000 });
  });

  it('what is in the lanes, the id map and the cursors outlives a kill', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2']);
    const item = won(claim.items[0]);
    await bus.record(claim, B, [recordOf(item)], 1, false);
    await accept(bus, ['m3']);
    await redis.stop({ signal: 'SIGKILL' });
    await redis.start();
    await waitFor(() => bus.ping().then(() => true), { withinMs: 10_000 });
    expect(await house.raw.llen(house.key('out:b'))).toBe(1);
    expect(await house.raw.llen(house.key('in'))).toBe(1);
    expect(await bus.idMap.natives(ROOM, item.event.id, B)).toEqual([{ id: 'm1-on-b' }]);
    expect((await accept(bus, ['m1', 'm2', 'm3'])).fresh).toEqual([]);
  });

  it('signals are subscribed to again, and a close meanwhile is no unheard failure', async () => {
    const gate = await RedisGate.to(redis.url);
    try {
      const bus = house.bus('one', { url: gate.url });
      let asked = 0;
      gate.meet = (command) => {
        if (!/subscribe/i.test(command.toString())) return;
        asked += 1;
        return asked === 1 ? 'refuse' : asked === 3 ? 'hang' : undefined;
      };
      await bus.signals.subscribe(() => undefined);
      expect(asked).toBe(2);
      gate.cut();
      gate.heal();
      await waitFor(() => asked === 3, { withinMs: 10_000 });
      await bus.close(); // a rejection that nobody hears fails the run
    } finally {
      gate.close();
    }
  });

  it('closing takes no longer than it must', async () => {
    const bus = house.bus();
    const bystander = house.bus('two');
    let release = (): void => undefined;
    bus.wakes.attend(NET, () => new Promise<void>((resolve) => (release = resolve)));
    bystander.wakes.attend(NET, () => Promise.resolve());
    await bus.wakes.regularly('sweep', 60_000, () => Promise.resolve());
    await bus.signals.subscribe(() => undefined);
    await bus.wakes.wake(NET, wake, 0);
    await redis.stop();
    await waitFor(() => !bus.ready);
    const began = performance.now();
    await Promise.all([bus.close(), bystander.close()]);
    release();
    expect(performance.now() - began).toBeLessThan(4000);
  });
});
