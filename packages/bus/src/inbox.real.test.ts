import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { A, accept, B, C, House, planFor, ROOM, won } from '../test/house.ts';
import { type Bus, field, INBOX, LOST, waitOf } from './index.ts';

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

/** The inbox with those messages in this process's hands. */
async function inboxOf(bus: Bus, natives: readonly string[]) {
  const claim = won((await accept(bus, natives)).claim);
  return { claim, events: claim.items.map(({ event }) => event) };
}

describe('commitPlan', () => {
  it('appends to all lanes and trims the inbox in one step, each lane claimed with its items in memory', async () => {
    const bus = house.bus();
    const { claim, events } = await inboxOf(bus, ['m1', 'm2']);
    const planned = won(await bus.commitPlan(claim, planFor(events, [B, C])));
    expect(planned).toMatchObject({ left: 0, next: [], elsewhere: [] });
    expect(planned.claims.map(({ lane, fromRedis }) => ({ lane, fromRedis }))).toEqual([
      { lane: 'out:b', fromRedis: false },
      { lane: 'out:c', fromRedis: false },
    ]);
    expect(planned.claims[0]?.items.map(({ event }) => event)).toEqual(events);
    expect(await house.raw.llen(house.key(INBOX))).toBe(0);
    expect(await house.raw.llen(house.key('out:b'))).toBe(2);
    expect(await house.raw.exists(house.key('in:own'))).toBe(0);
    expect(bus.owns(claim)).toBe(false);
    for (const out of planned.claims) expect(bus.owns(out)).toBe(true);
  });

  it('an event that goes as it is comes to each lane as it stood in the inbox, another as its own item', async () => {
    const bus = house.bus();
    const { claim, events } = await inboxOf(bus, ['m1']);
    const own = events.map((event) => ({ event, lost: ['edit' as const], hub: true }));
    const plan = planFor(events, [B]);
    await bus.commitPlan(claim, { ...plan, links: [...plan.links, { link: C, here: true, items: own }] });
    const [b, c] = await Promise.all([
      house.raw.lrange(house.key('out:b'), 0, -1),
      house.raw.lrange(house.key('out:c'), 0, -1),
    ]);
    expect(b.map((text) => JSON.parse(text))).toEqual(events);
    expect(c.map((text) => JSON.parse(text))).toEqual(own);
  });

  it('gives every lane its own choice of the events, in their order', async () => {
    const bus = house.bus();
    const { claim, events } = await inboxOf(bus, ['m1', 'm2', 'm3', 'm4']);
    const [one, two, three, four] = planFor(events, [B]).links[0]?.items ?? [];
    const word = { ...won(two), hub: true };
    const planned = won(
      await bus.commitPlan(claim, {
        ...planFor(events, []),
        links: [
          { link: A, here: true, items: [won(two), word, won(four)] },
          { link: B, here: false, items: [word, won(one)] },
          { link: C, here: true, items: [won(three)] },
        ],
      }),
    );
    expect(planned.claims.map(({ lane }) => lane)).toEqual(['out:a', 'out:c']);
    const read = async (link: typeof A) => {
      const items = won(await bus.takeOutbox(ROOM, link)).items;
      return items.map(({ event, hub }) => (hub ? `hub ${event.origin.nativeId}` : event.origin.nativeId));
    };
    for (const out of planned.claims) await bus.hold(out, 0);
    expect(await read(A)).toEqual(['m2', 'hub m2', 'm4']);
    expect(await read(B)).toEqual(['hub m2', 'm1']);
    expect(await read(C)).toEqual(['m3']);
  });

  it('an event that waited for its target comes to a lane without the time until which it waited', async () => {
    const bus = house.bus();
    const { claim, events } = await inboxOf(bus, ['m1']);
    await bus.commitPlan(claim, {
      ...planFor(events, []),
      aside: events.map((event) => ({ event, until: 99 })),
    });
    const back = won(await bus.returnAside(ROOM));
    const plan = planFor(
      back.items.map(({ event }) => event),
      [B],
    );
    await bus.commitPlan(back, { ...plan, consumed: back.items });
    expect((await house.raw.lrange(house.key('out:b'), 0, -1)).map((text) => JSON.parse(text))).toMatchObject(
      [{ event: { kind: 'message' }, lost: [], hub: false }],
    );
  });

  it('gives what is left and comes next, and keeps the lane', async () => {
    const bus = house.bus('one', { batch: 2 });
    const { claim, events } = await inboxOf(bus, ['m1', 'm2', 'm3', 'm4']);
    const planned = won(await bus.commitPlan(claim, planFor(events.slice(0, 1), [B])));
    expect(planned.left).toBe(3);
    expect(planned.next.map(({ event }) => event)).toEqual(events.slice(1, 3));
    expect(bus.owns(claim)).toBe(true);
  });

  it('does not claim what is not to be drained here, and names those lanes that were empty', async () => {
    const bus = house.bus();
    const first = await inboxOf(bus, ['m1']);
    const there = won(await bus.commitPlan(first.claim, planFor(first.events, [B, C], false)));
    expect(there).toMatchObject({ claims: [], elsewhere: [B, C] });
    const second = await inboxOf(bus, ['m2']);
    const again = won(await bus.commitPlan(second.claim, planFor(second.events, [B], false)));
    expect(again).toMatchObject({ claims: [], elsewhere: [] });
    const third = await inboxOf(bus, ['m3']);
    const here = won(await bus.commitPlan(third.claim, planFor(third.events, [B])));
    expect(here.claims[0]).toMatchObject({ items: [], fromRedis: true });
  });

  it('a lane that is owned or held back is appended to and not claimed', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const first = await inboxOf(one, ['m1']);
    const out = won(won(await one.commitPlan(first.claim, planFor(first.events, [B]))).claims[0]);
    const second = await inboxOf(two, ['m2']);
    expect(won(await two.commitPlan(second.claim, planFor(second.events, [B])))).toMatchObject({
      claims: [],
      elsewhere: [],
    });
    await one.hold(out, 60_000);
    const third = await inboxOf(two, ['m3']);
    expect(won(await two.commitPlan(third.claim, planFor(third.events, [B]))).claims).toEqual([]);
    expect(await house.raw.llen(house.key('out:b'))).toBe(3);
  });

  it('writes to the id map and sets aside in the same step', async () => {
    const bus = house.bus();
    const { claim, events } = await inboxOf(bus, ['m1']);
    const event = won(events[0]);
    const wait = waitOf(A, event.origin.nativeId, event.acceptedAt);
    await bus.commitPlan(claim, {
      ...planFor(events, []),
      writes: [{ event: event.id, field: field.deleted, value: '1' }],
      aside: [{ event, until: 12_345 }],
      waits: { begin: [wait], end: [] },
    });
    expect(await bus.idMap.known(ROOM, event.id)).toMatchObject({ deleted: true });
    expect(await bus.asideCount(ROOM)).toBe(1);
    const { nativeId } = event.origin;
    expect(await bus.waits.before(ROOM, A, nativeId, event.acceptedAt + 1)).toEqual([wait]);
    expect(await bus.waits.before(ROOM, A, nativeId, event.acceptedAt)).toEqual([]);
    expect(await bus.waits.before(ROOM, B, nativeId, event.acceptedAt + 1)).toEqual([]);
  });

  it('without the lease it writes nothing at all', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const { claim, events } = await inboxOf(one, ['m1', 'm2']);
    await house.raw.del(house.key('in:own'));
    const theirs = won(await two.takeInbox(ROOM));
    const before = await house.raw.keys(house.key('*'));
    const plan = planFor(events, [B]);
    const write = { event: won(events[0]).id, field: field.deleted, value: '1' };
    const waits = { begin: ['w'], end: [] };
    expect(
      await one.commitPlan(claim, {
        ...plan,
        aside: [{ event: won(events[0]), until: 1 }],
        writes: [write],
        waits,
      }),
    ).toBe(LOST);
    expect((await house.raw.keys(house.key('*'))).sort()).toEqual(before.sort());
    expect(await one.idMap.known(ROOM, write.event)).toMatchObject({ deleted: false });
    expect(await house.raw.llen(house.key(INBOX))).toBe(2);
    expect(one.owns(claim)).toBe(false);
    expect(two.owns(theirs)).toBe(true);
  });
});

describe('events that stepped aside', () => {
  async function aside(bus: Bus, natives: readonly string[]): Promise<void> {
    const { claim, events } = await inboxOf(bus, natives);
    await bus.commitPlan(claim, {
      ...planFor(events, []),
      aside: events.map((event) => ({ event, until: 99 })),
    });
  }

  it('come back to the end of the inbox, in their order, with the time until which they wait', async () => {
    const bus = house.bus();
    await aside(bus, ['m1', 'm2']);
    await bus.hold(won((await accept(bus, ['m3'])).claim), 0);
    const claim = won(await bus.returnAside(ROOM));
    expect(claim.items.map(({ event, until }) => [event.origin.nativeId, until])).toEqual([
      ['m3', null],
      ['m1', 99],
      ['m2', 99],
    ]);
    expect(await bus.asideCount(ROOM)).toBe(0);
  });

  it('come back to an inbox somebody owns, who then meets them', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    await aside(one, ['m1']);
    const { claim, events } = await inboxOf(two, ['m2']);
    expect(await one.returnAside(ROOM)).toBeNull();
    const planned = won(await two.commitPlan(claim, planFor(events, [B])));
    expect(planned.next.map(({ event }) => event.origin.nativeId)).toEqual(['m1']);
  });

  it('none: nothing is claimed', async () => {
    const bus = house.bus();
    expect(await bus.returnAside(ROOM)).toBeNull();
    expect(await house.raw.exists(house.key('in:own'))).toBe(0);
  });
});

describe('sweep', () => {
  it('finds the lanes that have items, no owner and no hold, and counts what stepped aside', async () => {
    const bus = house.bus();
    expect(await bus.sweep(ROOM, [A, B, C])).toEqual({ aside: 0, lanes: [] });
    const first = await inboxOf(bus, ['m1']);
    expect(await bus.sweep(ROOM, [A, B, C])).toEqual({ aside: 0, lanes: [] });
    const out = won(await bus.commitPlan(first.claim, planFor(first.events, [A, B, C]))).claims;
    await bus.hold(won(out[0]), 0);
    await bus.hold(won(out[1]), 60_000);
    await bus.hold(won((await accept(bus, ['m2'])).claim), 0);
    await house.raw.rpush(house.key('aside'), 'x', 'y');
    expect(await bus.sweep(ROOM, [A, B, C])).toEqual({ aside: 2, lanes: ['in', 'out:a'] });
  });
});
