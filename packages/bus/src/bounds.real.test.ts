import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import {
  A,
  accept,
  B,
  C,
  fresh,
  House,
  outboxOfB,
  place,
  planFor,
  ROOM,
  recordOf,
  won,
} from '../test/house.ts';
import { type Bus, LaneFull } from './index.ts';

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

let number = 0;
/** Something new from that link, with a cursor. */
const write = (bus: Bus, link: typeof A) => bus.accept(place(1000, 'k', link), [fresh(`new ${++number}`)]);
const sweep = (bus: Bus, links = [A, B, C]) => bus.sweep(ROOM, links);
const fullOf = (lane: string) => expect.objectContaining({ name: 'LaneFull', lane });
const natives = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`);

describe('an outbox that holds as many items as it may', () => {
  it('has nothing accepted in its room, which writes nothing, but for what comes from its own link', async () => {
    const bus = house.bus('one', { laneItemsMax: 3 });
    await outboxOfB(bus, natives(3));
    await sweep(bus);
    await expect(write(bus, A)).rejects.toThrow(LaneFull);
    await expect(write(bus, A)).rejects.toEqual(fullOf('out:b'));
    await expect(write(bus, C)).rejects.toEqual(fullOf('out:b'));
    expect(await house.raw.llen(house.key('in'))).toBe(0);
    expect(await bus.cursor(ROOM, A)).toBeNull();
    expect((await write(bus, B)).fresh).toHaveLength(1);
    expect(await bus.accept(place(1000, 'k2'), [])).toMatchObject({ fresh: [] });
    expect(await bus.cursor(ROOM, A)).toBe('k2');
  });

  it('is looked at again by the sweep, and then things go on', async () => {
    const bus = house.bus('one', { laneItemsMax: 3 });
    const claim = await outboxOfB(bus, natives(3));
    await sweep(bus);
    await bus.record(claim, B, [recordOf(won(claim.items[0]))], 1, false);
    await expect(write(bus, A)).rejects.toThrow(LaneFull);
    await sweep(bus);
    expect((await write(bus, A)).fresh).toHaveLength(1);
  });

  it("stands in nobody's way when its link is not in the settings any more", async () => {
    const bus = house.bus('one', { laneItemsMax: 3 });
    await outboxOfB(bus, natives(3));
    await sweep(bus);
    await sweep(bus, [A, C]);
    expect((await write(bus, A)).fresh).toHaveLength(1);
  });

  it('takes what was accepted before: nothing of it is dropped', async () => {
    const bus = house.bus('one', { laneItemsMax: 3 });
    const claim = won((await accept(bus, natives(3))).claim);
    await house.raw.rpush(house.key('out:b'), 'one', 'two', 'three');
    await sweep(bus);
    const events = claim.items.map(({ event }) => event);
    won(await bus.commitPlan(claim, planFor(events, [B])));
    expect(await house.raw.llen(house.key('out:b'))).toBe(6);
  });

  it('is noted when Redis is full as well', async () => {
    const bus = house.bus('one', { laneItemsMax: 3 });
    await outboxOfB(bus, natives(3));
    await house.raw.config('SET', 'maxmemory', '1');
    try {
      expect(await sweep(bus)).toEqual({ aside: 0, lanes: [] });
    } finally {
      await house.raw.config('SET', 'maxmemory', '0');
    }
    await expect(write(bus, A)).rejects.toEqual(fullOf('out:b'));
  });
});

describe('a lane that takes as many bytes as it may', () => {
  const BYTES = 200_000;
  /** Its words stand in it twice, as text and as tree. */
  const big = (native: string) => fresh(native, { text: 'x'.repeat(30_000) });

  it('is full, however few its items', async () => {
    const bus = house.bus('one', { laneBytesMax: BYTES });
    const claim = won((await bus.accept(place(), [big('m1'), big('m2')])).claim);
    await sweep(bus);
    expect((await bus.accept(place(), [big('m3')])).fresh).toHaveLength(1);
    await bus.accept(place(), [big('m4')]);
    await sweep(bus);
    for (const link of [A, B, C]) await expect(write(bus, link)).rejects.toEqual(fullOf('in'));
    const all = won(await bus.moreInbox(claim)).next.map(({ event }) => event);
    expect(all).toHaveLength(4);
    won(await bus.commitPlan(claim, planFor(all, [B])));
    await sweep(bus);
    await expect(write(bus, A)).rejects.toEqual(fullOf('out:b'));
    expect((await write(bus, B)).fresh).toHaveLength(1);
  });

  it('is measured whole: small items at its head do not hide large ones behind', async () => {
    const bus = house.bus('one', { laneBytesMax: BYTES });
    await house.raw.rpush(house.key('out:b'), ...natives(900).map((native) => native.padEnd(100)));
    await sweep(bus);
    expect((await write(bus, A)).fresh).toHaveLength(1);
    await house.raw.rpush(house.key('out:b'), ...Array.from({ length: 4 }, () => 'y'.repeat(60_000)));
    await sweep(bus);
    await expect(write(bus, A)).rejects.toEqual(fullOf('out:b'));
  });
});
