import { systemClock } from '@brygga/contract';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { A, accept, B, House, NET, outboxOfB, ROOM, recordOf, sealOf, won } from '../test/house.ts';
import { Desk, type Wake } from './index.ts';

let redis: RedisServer;
let house: House;
let desk: Desk;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(() => {
  house = new House(redis.url);
  desk = new Desk({
    url: redis.url,
    prefix: house.prefix,
    clock: systemClock,
    laneItemsMax: 3,
    laneBytesMax: 100_000,
    silentMs: 5000,
    seal: sealOf([]),
  });
});
afterEach(async () => {
  await desk.close();
  await house.close();
});

describe('a look', () => {
  it('at a room counts, and reads no item', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2', 'm3']);
    await accept(bus, ['m4']);
    const letter = { item: won(claim.items[0]), link: B, code: 'FORBIDDEN', at: 5000, tried: true };
    await bus.bury(claim, letter, null);
    await house.raw.rpush(house.key('aside'), 'one', 'two');
    expect(await desk.room(ROOM, [A, B])).toEqual({
      items: new Map([
        ['in', 1],
        ['out:a', 0],
        ['out:b', 2],
      ]),
      aside: 2,
      dead: 1,
    });
  });

  it('at a lane that is drained names its owner and its head', async () => {
    const bus = house.bus('hub-1');
    const claim = await outboxOfB(bus, ['m1']);
    const { id, acceptedAt } = won(claim.items[0]).event;
    const look = await desk.lane(ROOM, 'out:b');
    expect(look).toMatchObject({
      lane: 'out:b',
      items: 1,
      head: { event: id, kind: 'message', since: acceptedAt, replays: 0, failed: null },
      owner: { name: 'hub-1' },
      hold: null,
    });
    expect(look.owner?.leaseMs).toBeGreaterThan(0);
    expect(look.owner?.leaseMs).toBeLessThanOrEqual(4000);
  });

  it('at a lane held back says until when, and what its head has gone through', async () => {
    const bus = house.bus();
    let claim = await outboxOfB(bus, ['m1', 'm2']);
    const item = won(claim.items[0]);
    await bus.hold(claim, 60_000, { item, link: B, code: 'NETWORK_BUSY', at: 1000 });
    claim = won(await bus.takeOutbox(ROOM, B, '*'));
    await bus.hold(claim, 60_000, { item, link: B, code: 'NETWORK_DOWN', at: 2000 });
    const look = await desk.lane(ROOM, 'out:b');
    expect(look.owner).toBeNull();
    expect(look.hold?.paused).toBe(false);
    expect(look.hold?.leftMs).toBeGreaterThan(50_000);
    expect(look.head?.failed).toEqual({ tries: 2, since: 1000, last: 2000, code: 'NETWORK_DOWN' });
  });

  it('does not blame a head for the one before it', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2']);
    const item = won(claim.items[0]);
    await bus.hold(claim, 60_000, { item, link: B, code: 'NETWORK_BUSY', at: 1000 });
    const again = won(await bus.takeOutbox(ROOM, B, '*'));
    won(await bus.record(again, B, [recordOf(item)], 1, false));
    expect((await desk.lane(ROOM, 'out:b')).head?.failed).toBeNull();
  });

  it('at a lane says how much it takes, and whether that is as much as it may', async () => {
    const bus = house.bus();
    await outboxOfB(bus, ['m1', 'm2']);
    const some = await desk.lane(ROOM, 'out:b');
    expect(some).toMatchObject({ items: 2, full: false });
    expect(some.bytes).toBeGreaterThan(500);
    await accept(bus, ['m3', 'm4', 'm5']);
    expect(await desk.lane(ROOM, 'in')).toMatchObject({ items: 3, full: true });
    await house.raw.rpush(house.key('out:b'), 'x'.repeat(100_000));
    expect(await desk.lane(ROOM, 'out:b')).toMatchObject({ items: 3, full: true });
  });

  it('at a paused lane, an empty one, an inbox, and one it cannot read', async () => {
    const bus = house.bus();
    await bus.pauseLink(ROOM, B, true);
    expect(await desk.lane(ROOM, 'out:b')).toEqual({
      lane: 'out:b',
      items: 0,
      bytes: 0,
      full: false,
      head: null,
      owner: null,
      hold: { paused: true, leftMs: null },
    });
    await accept(bus, ['m1']);
    expect((await desk.lane(ROOM, 'in')).head).toMatchObject({ kind: 'message', failed: null });
    await house.raw.rpush(house.key('out:a'), '{"v":99}');
    expect(await desk.lane(ROOM, 'out:a')).toMatchObject({ items: 1, head: null });
  });
});

describe('a wake', () => {
  it('reaches the process that speaks to the network', async () => {
    const woken: Wake[] = [];
    house.bus().wakes.attend(NET, async (wake) => void woken.push(wake));
    expect(await desk.wake(NET, { room: ROOM, lane: 'out:b' })).toBe(true);
    await waitFor(() => woken.length === 1);
    expect(woken).toEqual([{ room: ROOM, lane: 'out:b' }]);
  });
});

describe('without Redis', () => {
  it('everything rejects or says no, soon', async () => {
    const away = new Desk({
      url: 'redis://127.0.0.1:1',
      prefix: 'x',
      clock: systemClock,
      laneItemsMax: 3,
      laneBytesMax: 100_000,
      silentMs: 500,
      seal: sealOf([]),
    });
    await expect(away.room(ROOM, [A])).rejects.toThrow();
    await expect(away.lane(ROOM, 'in')).rejects.toThrow();
    await expect(away.letters.newest(ROOM, 0, 1)).rejects.toThrow();
    expect(await away.wake(NET, { room: ROOM, lane: 'out:b' })).toBe(false);
    await away.close();
  });
});
