import { eventId, networkId, personId } from '@brygga/event';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { A, accept, B, House, newEventId, outboxOfB, planFor, ROOM, recordOf, won } from '../test/house.ts';
import {
  type Bus,
  type DeadLetter,
  deliveryName,
  field,
  nameOf,
  type OutboxItem,
  personKey,
} from './index.ts';

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

const nativesOf = (items: readonly OutboxItem[]): string[] => items.map(({ event }) => event.origin.nativeId);
const laneOfB = async (): Promise<OutboxItem[]> =>
  (await house.raw.lrange(house.key('out:b'), 0, -1)).map((text) => {
    const read = JSON.parse(text);
    return 'event' in read ? read : { event: read, lost: [], hub: false };
  });

/** Dead letters of B's lane, oldest first; the lane is empty and nobody's. */
async function dead(
  bus: Bus,
  natives: readonly string[],
  as = (item: OutboxItem) => item,
): Promise<DeadLetter[]> {
  const claim = await outboxOfB(bus, natives);
  for (const [index, item] of claim.items.entries())
    won(
      await bus.bury(
        claim,
        { item: as(item), link: B, code: 'FORBIDDEN', at: 5000 + index, tried: true },
        null,
      ),
    );
  return letters(bus);
}

async function letters(bus: Bus): Promise<DeadLetter[]> {
  const places = (await bus.letters.newest(ROOM, 0, 100)).toReversed();
  const read = await bus.letters.read(
    ROOM,
    places.map(({ name }) => name),
  );
  return read.map(won);
}

/** The item's event as one of another kind. */
const other = ({ event }: OutboxItem, more: object): OutboxItem['event'] =>
  JSON.parse(JSON.stringify({ ...event, ...more }));

const replay = (bus: Bus, all: readonly DeadLetter[], dry = false) =>
  bus.letters.replay(
    ROOM,
    B,
    all.map((letter) => ({ letter, now: 9000 })),
    dry,
  );

describe('names', () => {
  it('say event and link, and whether it went out beside another', () => {
    const event = newEventId();
    for (const beside of [false, true]) {
      const item = { event: { id: event } as OutboxItem['event'], ...(beside ? { beside } : {}) };
      expect(nameOf(deliveryName(item, B))).toEqual({ event, link: B, beside });
    }
  });

  it.each([
    '',
    'b',
    'x/b',
    '/b',
    `${newEventId()}`,
    `${newEventId()}/B!`,
    `${newEventId()}/b/x`,
    `${newEventId()}/b/beside/x`,
  ])('are not %j', (text) => {
    expect(nameOf(text)).toBeNull();
  });
});

describe('history', () => {
  it('is gathered over tries and processes, and goes with the letter', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    let claim = await outboxOfB(one, ['m1', 'm2']);
    const item = won(claim.items[0]);
    for (const [bus, code, at] of [
      [one, 'NETWORK_DOWN', 1000],
      [two, 'NETWORK_DOWN', 2000],
      [one, 'NO_ANSWER', 3000],
    ] as const) {
      await bus.hold(claim, 60_000, { item, link: B, code, at });
      claim = won(await (bus === one ? two : one).takeOutbox(ROOM, B, '*'));
    }
    won(await two.bury(claim, { item, link: B, code: 'TOO_OLD', at: 4000, tried: false }, null));
    const [letter] = await letters(one);
    expect(letter?.history).toEqual({
      tries: 3,
      since: 1000,
      last: 3000,
      codes: { NETWORK_DOWN: 2, NO_ANSWER: 1 },
    });
  });

  it('of another head is another one', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2']);
    const [first, second] = [won(claim.items[0]), won(claim.items[1])];
    await bus.hold(claim, 60_000, { item: first, link: B, code: 'NETWORK_DOWN', at: 1000 });
    const again = won(await bus.takeOutbox(ROOM, B, '*'));
    won(await bus.record(again, B, [recordOf(first)], 1, false));
    won(await bus.bury(again, { item: second, link: B, code: 'TOO_OLD', at: 4000, tried: false }, null));
    expect((await letters(bus))[0]?.history).toEqual({ tries: 0, since: null, last: null, codes: {} });
  });
});

describe('replay', () => {
  it('puts letters to the end of their lane in order, under the same names, their time anew', async () => {
    const bus = house.bus();
    const all = await dead(bus, ['m1', 'm2']);
    const claim = await outboxOfB(bus, ['m3']);
    expect(await replay(bus, all)).toEqual(['replayed', 'replayed']);
    const lane = await laneOfB();
    expect(nativesOf(lane)).toEqual(['m3', 'm1', 'm2']);
    expect(lane.map(({ again }) => again)).toEqual([
      undefined,
      { at: 9000, times: 1 },
      { at: 9000, times: 1 },
    ]);
    expect(lane.slice(1).map((item) => deliveryName(item, B))).toEqual(
      all.map(({ item }) => deliveryName(item, B)),
    );
    expect(await letters(bus)).toEqual([]);
    expect(await house.raw.exists(house.key('dead'), house.key('letters'))).toBe(0);
    expect(bus.owns(claim)).toBe(true);
  });

  it('asked for twice at once happens once', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    for (let round = 0; round < 50; round++) {
      const all = await dead(one, [`m${round}`, `n${round}`]);
      const both = await Promise.all([replay(one, all), replay(two, all)]);
      for (const index of [0, 1])
        expect(both.map((results) => results[index]).sort()).toEqual(['gone', 'replayed']);
      expect(nativesOf(await laneOfB())).toEqual([`m${round}`, `n${round}`]);
      await house.raw.del(house.key('out:b'));
    }
  });

  it('beside a drop: one of the two has it', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    for (let round = 0; round < 50; round++) {
      const all = await dead(one, [`m${round}`]);
      const names = all.map(({ item }) => deliveryName(item, B));
      const [[replayed], [dropped]] = await Promise.all([replay(one, all), two.letters.drop(ROOM, names)]);
      expect(replayed === 'replayed').toBe(dropped === false);
      expect(await house.raw.llen(house.key('out:b'))).toBe(dropped === true ? 0 : 1);
      await house.raw.del(house.key('out:b'));
    }
  });

  it('leaves a lane that somebody drains to them: they come to it after what was there', async () => {
    const [runner, operator] = [house.bus('one'), house.bus('operator')];
    const all = await dead(runner, ['m1']);
    const claim = await outboxOfB(runner, ['m2']);
    expect(await replay(operator, all)).toEqual(['replayed']);
    expect(runner.owns(claim)).toBe(true);
    expect(await house.raw.get(house.key('out:b:own'))).toBe(claim.own);
    const left = won(await runner.record(claim, B, [recordOf(won(claim.items[0]))], 1, true));
    expect(nativesOf(left.next)).toEqual(['m1']);
    expect(left.next[0]?.again).toEqual({ at: 9000, times: 1 });
  });

  it('while the lane is emptied: its owner reads it, or the sweep finds it', async () => {
    const [runner, operator] = [house.bus('one'), house.bus('operator')];
    for (let round = 0; round < 100; round++) {
      const all = await dead(runner, [`m${round}`]);
      const claim = await outboxOfB(runner, [`n${round}`]);
      const [left] = await Promise.all([
        runner.record(claim, B, [recordOf(won(claim.items[0]))], 1, true),
        replay(operator, all),
      ]);
      const { lanes } = await runner.sweep(ROOM, [B]);
      expect([won(left).next.length, lanes.length].sort()).toEqual([0, 1]);
      if (lanes.length === 0) await runner.record(claim, B, [], 1, false);
      else await house.raw.del(house.key('out:b'));
    }
  });

  it('of a lane held back or paused waits with it', async () => {
    const bus = house.bus();
    const all = await dead(bus, ['m1']);
    await bus.hold(await outboxOfB(bus, ['m2']), 60_000);
    expect(await replay(bus, all)).toEqual(['replayed']);
    expect(await bus.takeOutbox(ROOM, B)).toBeNull();
    expect(nativesOf(won(await bus.takeOutbox(ROOM, B, '*')).items)).toEqual(['m2', 'm1']);
  });

  it('of what was removed meanwhile is refused, and the letter stays', async () => {
    const bus = house.bus();
    const all = await dead(bus, ['m1', 'm2']);
    await house.raw.hset(house.key(`m:${won(all[0]).item.event.id}`), field.deleted, '1');
    expect(await replay(bus, all)).toEqual(['removed', 'replayed']);
    expect((await letters(bus)).map(({ item }) => item.event.origin.nativeId)).toEqual(['m1']);
    expect(nativesOf(await laneOfB())).toEqual(['m2']);
  });

  it('of a change that a later one stands above is refused', async () => {
    const bus = house.bus();
    const target = newEventId();
    const edits = await dead(bus, ['m1', 'm2'], (item) => ({
      ...item,
      event: other(item, { kind: 'edit', target: { natives: ['x'], event: target } }),
    }));
    await house.raw.hset(house.key(`m:${target}`), field.edited, won(edits[1]).item.event.id);
    expect(await replay(bus, edits)).toEqual(['overtaken', 'replayed']);
    await house.raw.hset(house.key(`m:${target}`), field.deleted, '1');
    expect(await replay(bus, edits)).toEqual(['removed', 'gone']);
  });

  it('of a reaction goes by what the person has set now, where that can be compared', async () => {
    const bus = house.bus();
    const target = newEventId();
    const person = personKey({ network: networkId('net-a'), person: personId('ada') });
    const about = { natives: ['x'], event: target };
    const as = (emoji: readonly string[], lost: OutboxItem['lost']) => (item: OutboxItem) => ({
      ...item,
      lost,
      event: other(item, { kind: 'reaction', mode: 'set', emoji, target: about }),
    });
    await house.raw.hset(house.key(`m:${target}`), field.reactions(person), '["👍"]');
    expect(await replay(bus, await dead(bus, ['m1'], as(['👍'], [])))).toEqual(['replayed']);
    await house.raw.del(house.key('out:b'));
    expect(await replay(bus, await dead(bus, ['m2'], as(['🎉'], [])))).toEqual(['overtaken']);
    const names = (await letters(bus)).map(({ item }) => deliveryName(item, B));
    expect(await bus.letters.drop(ROOM, names)).toEqual([true]);
    expect(await replay(bus, await dead(bus, ['m3'], as(['🎉'], ['customEmoji'])))).toEqual(['replayed']);
  });

  it('of a full lane is refused, and so is one read before the letter died again', async () => {
    const bus = house.bus();
    const all = await dead(bus, ['m1', 'm2']);
    expect(await replay(house.bus('two', { laneItemsMax: 1 }), all)).toEqual(['replayed', 'full']);
    expect(await replay(house.bus('three', { laneBytesMax: 1 }), all)).toEqual(['gone', 'full']);
    const stale = all.map((letter) => ({ ...letter, at: letter.at - 1 }));
    expect(await replay(bus, stale)).toEqual(['gone', 'gone']);
    expect(await letters(bus)).toHaveLength(1);
  });

  it('dry says the same and changes nothing', async () => {
    const bus = house.bus();
    const all = await dead(bus, ['m1', 'm2']);
    await house.raw.hset(house.key(`m:${won(all[0]).item.event.id}`), field.deleted, '1');
    expect(await replay(bus, all, true)).toEqual(['removed', 'replayed']);
    expect(await letters(bus)).toEqual(all);
    expect(await house.raw.llen(house.key('out:b'))).toBe(0);
  });

  it('counts how often', async () => {
    const bus = house.bus();
    expect(await replay(bus, await dead(bus, ['m1']))).toEqual(['replayed']);
    const claim = won(await bus.takeOutbox(ROOM, B));
    won(
      await bus.bury(
        claim,
        { item: won(claim.items[0]), link: B, code: 'FORBIDDEN', at: 9500, tried: true },
        null,
      ),
    );
    expect(await replay(bus, await letters(bus))).toEqual(['replayed']);
    expect((await laneOfB())[0]?.again).toEqual({ at: 9000, times: 2 });
  });
});

describe('reading and dropping', () => {
  it('newest first, a page at a time', async () => {
    const bus = house.bus();
    const all = await dead(bus, ['m1', 'm2', 'm3']);
    const names = all.map(({ item }) => deliveryName(item, B));
    expect(await bus.letters.newest(ROOM, 0, 2)).toEqual([
      { name: names[2], at: 5002 },
      { name: names[1], at: 5001 },
    ]);
    expect(await bus.letters.newest(ROOM, 2, 2)).toEqual([{ name: names[0], at: 5000 }]);
    expect(await bus.letters.count(ROOM)).toBe(3);
    expect(await bus.letters.read(ROOM, ['none', won(names[0])])).toEqual([null, all[0]]);
    expect(await bus.letters.among(ROOM, ['none', won(names[0])])).toEqual([false, true]);
  });

  it('a drop removes the letter and its contents', async () => {
    const bus = house.bus();
    const [first] = await dead(bus, ['m1', 'm2']);
    const name = deliveryName(won(first).item, B);
    expect(await bus.letters.drop(ROOM, [name, name, `${eventId('x')}/b`])).toEqual([true, false, false]);
    expect(await house.raw.hlen(house.key('letters'))).toBe(1);
    expect(await house.raw.zcard(house.key('dead'))).toBe(1);
    expect(await house.raw.llen(house.key('out:b'))).toBe(0);
  });
});

describe('the inbox beside it', () => {
  it('a plan appends behind what was put back', async () => {
    const bus = house.bus();
    await replay(bus, await dead(bus, ['m1']));
    const inbox = won((await accept(bus, ['m2'])).claim);
    const events = inbox.items.map(({ event }) => event);
    const planned = won(await bus.commitPlan(inbox, planFor(events, [A, B])));
    const b = won(planned.claims.find(({ lane }) => lane === 'out:b'));
    expect(b.fromRedis).toBe(true);
    expect(nativesOf(won(await bus.more(b)).next)).toEqual(['m1', 'm2']);
  });
});
