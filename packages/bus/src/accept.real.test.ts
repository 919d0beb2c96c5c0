import { eventId, nativeId, roomId } from '@brygga/event';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { A, accept, B, fresh, House, place, ROOM, won } from '../test/house.ts';
import type { NewEvent } from './accept.ts';
import { LaneFull } from './index.ts';

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

const find = (native: string, link = A) => house.bus().idMap.find(ROOM, link, [nativeId(native)]);

describe('accept', () => {
  it('writes an event once under channel, native id and revision', async () => {
    const bus = house.bus();
    expect((await bus.accept(place(), [fresh('m1'), fresh('m2')])).fresh).toHaveLength(2);
    expect((await bus.accept(place(), [fresh('m2'), fresh('m3'), fresh('m3')])).fresh).toHaveLength(1);
    expect((await bus.accept(place(), [fresh('m1', { revision: '2', kind: 'edit' })])).fresh).toHaveLength(1);
    expect((await bus.accept(place(), [fresh('m1', { revision: '2', kind: 'edit' })])).fresh).toHaveLength(0);
    expect((await bus.accept(place(1000, '', B), [fresh('m1')])).fresh).toHaveLength(1);
    expect((await bus.accept({ ...place(), room: roomId('r2') }, [fresh('m1')])).fresh).toHaveLength(1);
    expect(await house.raw.llen(house.key('in'))).toBe(5);
  });

  it('keeps a native id apart from a revision that looks like one', async () => {
    const bus = house.bus();
    const events = [
      fresh('m', { revision: '2', kind: 'edit' }),
      fresh('m@2'),
      fresh('2m', { revision: '1 ', kind: 'edit' }),
      fresh('m', { revision: '1 2', kind: 'edit' }),
    ];
    expect((await bus.accept(place(), events)).fresh).toHaveLength(4);
  });

  it('dates grow strictly in a room, also when the clock stands or goes back', async () => {
    const bus = house.bus();
    await accept(bus, ['m1', 'm2'], 5000);
    await accept(bus, ['m3'], 5000);
    await accept(bus, ['m4', 'm5'], 10);
    await accept(bus, ['m6'], 9000);
    const texts = await house.raw.lrange(house.key('in'), 0, -1);
    const dates = texts.map((text) => (JSON.parse(text) as { acceptedAt: number }).acceptedAt);
    expect(dates).toEqual([5000, 5001, 5002, 5003, 5004, 9000]);
  });

  it('saves the cursor in the same step, also without events, and leaves it when there is none', async () => {
    const bus = house.bus();
    expect(await bus.cursor(ROOM, A)).toBeNull();
    await bus.accept(place(1000, 'k1'), [fresh('m1')]);
    expect(await bus.cursor(ROOM, A)).toBe('k1');
    await bus.accept(place(), [fresh('m2')]);
    expect(await bus.cursor(ROOM, A)).toBe('k1');
    expect(await bus.accept(place(1000, 'k2'), [])).toMatchObject({ fresh: [], claim: null });
    expect(await bus.cursor(ROOM, A)).toBe('k2');
    expect(await bus.cursor(ROOM, B)).toBeNull();
  });

  it('a full lane writes nothing, not even the cursor', async () => {
    const bus = house.bus('one', { laneItemsMax: 3 });
    await bus.accept(place(1000, 'k1'), [fresh('m1'), fresh('m2')]);
    await expect(bus.accept(place(1000, 'k2'), [fresh('m3'), fresh('m4')])).rejects.toThrow(LaneFull);
    await expect(bus.accept(place(), [fresh('m3'), fresh('m4')])).rejects.toMatchObject({ lane: 'in' });
    expect(await house.raw.llen(house.key('in'))).toBe(2);
    expect(await bus.cursor(ROOM, A)).toBe('k1');
    expect(await find('m3')).toBeNull();
    expect((await bus.accept(place(1000, 'k2'), [fresh('m3')])).fresh).toHaveLength(1);
    expect(await bus.accept(place(1000, 'k3'), [])).toMatchObject({ fresh: [] });
    expect(await bus.cursor(ROOM, A)).toBe('k3');
  });
});

it('an empty lane takes more at once than it may hold', async () => {
  const bus = house.bus('one', { laneItemsMax: 3 });
  expect((await accept(bus, ['m1', 'm2', 'm3', 'm4'])).fresh).toHaveLength(4);
  await expect(accept(bus, ['m5'])).rejects.toThrow(LaneFull);
});

describe('the claim of an inbox', () => {
  it('an empty lane comes with its items in memory, exactly as they stand in Redis', async () => {
    const { claim } = await accept(house.bus(), ['m1', 'm2']);
    expect(claim).toMatchObject({ lane: 'in', fromRedis: false });
    const texts = await house.raw.lrange(house.key('in'), 0, -1);
    expect(claim?.items.map(({ event }) => event)).toEqual(texts.map((text) => JSON.parse(text)));
  });

  it('a lane somebody owns does not fall to anybody else', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const first = won((await accept(one, ['m1'])).claim);
    expect((await accept(two, ['m2'])).claim).toBeNull();
    expect((await accept(one, ['m3'])).claim).toBeNull();
    expect(one.owns(first)).toBe(true);
  });

  it('a lane with items and without owner has to be read', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    await one.hold(won((await accept(one, ['m1'])).claim), 0);
    const claim = won((await accept(two, ['m2'])).claim);
    expect(claim).toMatchObject({ items: [], fromRedis: true });
    const left = won(await two.moreInbox(claim));
    expect(left.next.map(({ event }) => event.origin.nativeId)).toEqual(['m1', 'm2']);
  });

  it('known events alone claim nothing', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    await one.hold(won((await accept(one, ['m1'])).claim), 0);
    expect(await accept(two, ['m1'])).toMatchObject({ fresh: [], claim: null });
  });
});

describe('what later events may refer to', () => {
  const idOf = (events: readonly NewEvent[], index: number) => events[index]?.id;

  it('is found by the native id and by every alias', async () => {
    const events = [fresh('m1', { aliases: ['o1', 's1'] }), fresh('m2')];
    await house.bus().accept(place(), events);
    for (const name of ['m1', 'o1', 's1']) expect(await find(name)).toBe(idOf(events, 0));
    expect(await find('m2')).toBe(idOf(events, 1));
    expect(await find('m3')).toBeNull();
    expect(await find('m1', B)).toBeNull();
  });

  it('knows kind, author and native message', async () => {
    const event = fresh('m1', { person: 'ben' });
    const bus = house.bus();
    await bus.accept(place(), [event]);
    expect(await bus.idMap.known(ROOM, event.id)).toMatchObject({
      event: event.id,
      kind: 'message',
      author: { network: 'net-a', person: 'ben' },
      deleted: false,
    });
    expect(await bus.idMap.natives(ROOM, event.id, A)).toEqual([{ id: 'm1' }]);
  });

  it('holds no text, and nothing of who came and went', async () => {
    const event = fresh('m1', { kind: 'membership' });
    const bus = house.bus();
    await bus.accept(place(), [event, fresh('m2', { text: 'a secret' })]);
    expect(await bus.idMap.known(ROOM, event.id)).toBeNull();
    const maps = await house.raw.keys(house.key('m:*'));
    for (const map of maps) expect(JSON.stringify(await house.raw.hgetall(map))).not.toContain('secret');
  });

  it('an alias is kept by whoever used it first, who may use it again', async () => {
    const bus = house.bus();
    const mine = [fresh('m1', { aliases: ['x'] }), fresh('m2', { aliases: ['x'] })];
    const theirs = fresh('m3', { person: 'eve', aliases: ['x', 'm1'] });
    await bus.accept(place(), mine.slice(0, 1));
    await bus.accept(place(), [theirs]);
    expect(await find('x')).toBe(idOf(mine, 0));
    expect(await find('m1')).toBe(idOf(mine, 0));
    await bus.accept(place(), mine.slice(1));
    expect(await find('x')).toBe(idOf(mine, 1));
  });

  it('is forgotten after its time: what may be referred to later than the mere notification', async () => {
    const bus = house.bus('one', { knownSeconds: 10, mapSeconds: 1000 });
    await bus.accept(place(), [fresh('m1'), fresh('m2', { kind: 'membership' })]);
    expect(await house.raw.ttl(house.key(`n:${A} m1`))).toBeGreaterThan(900);
    expect(await house.raw.ttl(house.key(`n:${A} m2`))).toBeLessThanOrEqual(10);
    const id = won(await find('m1'));
    expect(await house.raw.ttl(house.key(`m:${eventId(id)}`))).toBeGreaterThan(900);
  });
});
