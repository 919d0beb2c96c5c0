import { type EventId, networkId } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import {
  A,
  accept,
  B,
  C,
  clockAt,
  fresh,
  House,
  NET,
  newEventId,
  outboxOfB,
  place,
  planFor,
  ROOM,
  recordOf,
  sealKey,
  sealOf,
  won,
} from '../test/house.ts';
import { type Bus, deliveryName, field, INBOX, Unreadable } from './index.ts';

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

const [one, two] = [sealKey('one'), sealKey('two')];
const sealed = (owner: string, keys = [one], seals = true): Bus =>
  house.bus(owner, { seal: sealOf(keys, seals) });
const textsOf = (items: readonly { readonly event: object }[]): unknown[] =>
  items.map(({ event }) => ('plain' in event ? event.plain : null));
const lane = (name: string): Promise<string[]> => house.raw.lrange(house.key(name), 0, -1);
const SEALED = /^![\da-f-]{36} (?:one|two)\.[\w-]+(?: \d+)?$/;

/** Somebody gives the inbox up and another process reads it. */
async function inboxOf(bus: Bus): Promise<unknown[]> {
  await house.raw.del(house.key('in:own'));
  return textsOf(won(won(await bus.moreInbox(won(await bus.takeInbox(ROOM)))).next));
}

describe('with a key', () => {
  it('an event is sealed once, and the same text goes from the inbox to every outbox', async () => {
    const bus = sealed('a');
    const inbox = won((await accept(bus, ['m1', 'm2'])).claim);
    const accepted = await lane('in');
    for (const text of accepted) expect(text).toMatch(SEALED);
    const events = inbox.items.map(({ event }) => event);
    const planned = won(await bus.commitPlan(inbox, planFor(events, [B, C])));
    expect(planned.claims.map(({ items }) => items.length)).toEqual([2, 2]);
    expect(await lane('out:b')).toEqual(accepted);
    expect(await lane('out:c')).toEqual(accepted);
    for (const [link, other] of [[B, 'b'] as const, [C, 'c'] as const]) {
      await house.raw.del(house.key(`out:${other}:own`));
      const claim = won(await sealed(`of-${other}`).takeOutbox(ROOM, link));
      expect(claim.items.map(({ event }) => event)).toEqual(events);
    }
  });

  it('a changed item is sealed once for all links', async () => {
    const bus = sealed('a');
    const inbox = won((await accept(bus, ['m1'])).claim);
    const [event] = inbox.items.map((item) => item.event);
    const item = { event: won(event), lost: ['edit' as const], hub: false };
    const plan = planFor([], []);
    const links = [B, C].map((link) => ({ link, here: false, items: [item] }));
    won(await bus.commitPlan(inbox, { ...plan, consumed: inbox.items, links }));
    const [text] = await lane('out:b');
    expect(text).toMatch(SEALED);
    expect(await lane('out:c')).toEqual([text]);
    expect(won(await sealed('b').takeOutbox(ROOM, B)).items).toEqual([item]);
  });

  it('what stepped aside comes back with its time', async () => {
    const bus = sealed('a');
    const inbox = won((await accept(bus, ['m1'])).claim);
    const event = won(inbox.items[0]).event;
    won(await bus.commitPlan(inbox, { ...planFor([event], []), aside: [{ event, until: 99 }] }));
    expect((await lane('aside'))[0]).toMatch(SEALED);
    expect(won(await bus.returnAside(ROOM)).items).toEqual([{ event, until: 99 }]);
    expect(await bus.inInbox(ROOM, event.id)).toBe(true);
    expect(await bus.inInbox(ROOM, newEventId())).toBe(false);
  });

  it('of a dead letter why, where and when can be read; with the key all of it', async () => {
    const bus = sealed('a');
    const claim = await outboxOfB(bus, ['m1']);
    const letter = { item: won(claim.items[0]), link: B, code: 'TOO_LARGE', at: 5 };
    won(await bus.bury(claim, { ...letter, tried: false }, null));
    const name = deliveryName(letter.item, B);
    const text = (await house.raw.hget(house.key('letters'), name)) ?? '';
    expect(JSON.parse(text)).toMatchObject({ ...letter, item: expect.stringMatching(SEALED) });
    expect(await bus.letters.read(ROOM, [name])).toMatchObject([letter]);
    await expect(sealed('b', [two]).letters.read(ROOM, [name])).rejects.toThrow(Unreadable);
    const replays = [{ letter: won((await bus.letters.read(ROOM, [name]))[0]), now: 6 }];
    expect(await bus.letters.replay(ROOM, B, replays)).toEqual(['replayed']);
    expect((await lane('out:b')).at(-1)).toMatch(SEALED);
  });

  it('of a lane that waits long it is known without opening it since when, sealed or not', async () => {
    for (const [bus, name, more] of [
      [house.bus('open'), 'm1', {}],
      [sealed('a'), 'm2', {}],
      [sealed('b'), 'm3', { hub: true }],
    ] as const) {
      await house.raw.del(house.key('out:b'), house.key('out:b:own'), house.key('in:own'));
      const claim = await outboxOfB(bus, [name]);
      const item = { ...won(claim.items[0]), ...more };
      await house.raw.del(house.key('out:b'));
      await bus.tell(ROOM, B, false, item);
      const { acceptedAt } = item.event;
      const heads = async (before: number) =>
        (await bus.lates.look(ROOM, [A, B], before)).waiting.map(({ link, head }) => [link, head.event.id]);
      expect(await heads(acceptedAt - 60_000)).toEqual([]);
      expect(await heads(acceptedAt + 60_000)).toEqual([[B, item.event.id]]);
    }
  });

  it('the id map keeps emoji and names sealed; without the key they count as not kept', async () => {
    const bus = sealed('a');
    const inbox = won((await bus.accept(place(), [fresh('r1', { kind: 'reaction' })])).claim);
    const { id } = won(inbox.items[0]).event;
    const writes = [
      { event: id, field: field.emoji, value: '["👍"]' },
      { event: id, field: field.name, value: '"Ada"' },
      { event: id, field: field.reactions('net-a ada'), value: '["👍"]' },
      { event: id, field: field.deleted, value: '1' },
    ];
    const { event } = won(inbox.items[0]);
    const planned = won(await bus.commitPlan(inbox, { ...planFor([event], [B]), writes }));
    const fields = { [field.reacted(B, 'net-a ada')]: '{"👍":"n1"}', [field.link(B)]: '[{"id":"n1"}]' };
    won(await bus.record(won(planned.claims[0]), B, [{ event: id, fields, natives: [] }], 1, false));
    const kept = await house.raw.hgetall(house.key(`m:${id}`));
    for (const name of ['e', 'n', 'r:net-a ada', 'x:b:net-a ada']) expect(kept[name]).toMatch(/^!one\./);
    expect(JSON.stringify(kept)).not.toMatch(/👍|"Ada/);
    expect(kept).toMatchObject({ k: 'reaction', d: '1', 'l:b': '[{"id":"n1"}]' });

    const asKept = { name: 'Ada', emoji: ['👍'], set: ['👍'], on: { '👍': 'n1' } };
    expect(await factsOf(bus, id)).toEqual(asKept);
    expect(await factsOf(sealed('b', [two, one]), id)).toEqual(asKept);
    expect(await factsOf(sealed('c', [two]), id)).toEqual({ name: undefined, emoji: [], set: [], on: {} });
    expect(house.errors).toContain('KEY_UNKNOWN');
    await house.raw.hset(house.key(`m:${id}`), 'e', kept['r:net-a ada'] ?? '');
    expect(await factsOf(bus, id)).toMatchObject({ emoji: [] });
  });
});

async function factsOf({ idMap }: Bus, id: EventId) {
  const known = won(await idMap.known(ROOM, id));
  const person = 'net-a ada';
  return {
    name: known.author.name,
    emoji: known.emoji,
    set: await idMap.reactions(ROOM, id, person),
    on: await idMap.reacted(ROOM, id, B, person),
  };
}

describe('another key', () => {
  it('as the first one: what lies in the lanes is still read, what comes is sealed with the new one', async () => {
    await accept(sealed('a'), ['m1']);
    await accept(sealed('b', [two, one]), ['m2']);
    expect((await lane('in')).map((text) => text.split(' ')[1]?.slice(0, 3))).toEqual(['one', 'two']);
    expect(await inboxOf(sealed('c', [two, one]))).toEqual(['text of m1', 'text of m2']);
  });

  it('switched on and off with items in the lanes: they are read beside each other, in order', async () => {
    await accept(house.bus('a'), ['m1']);
    await accept(sealed('b'), ['m2']);
    await accept(sealed('c', [one], false), ['m3']);
    expect((await lane('in')).map((text) => text[0])).toEqual(['{', '!', '{']);
    const texts = ['text of m1', 'text of m2', 'text of m3'];
    expect(await inboxOf(sealed('d', [one], false))).toEqual(texts);
    expect(await inboxOf(sealed('e'))).toEqual(texts);
  });

  it('missing: the lane goes up to what cannot be read, stays there, and goes on when the key is back', async () => {
    const old = sealed('a');
    const claim = await outboxOfB(old, ['m1']);
    await accept(sealed('b', [two]), ['m2']);
    await house.raw.del(house.key('in:own'));
    const inbox = won(await sealed('c', [two]).takeInbox(ROOM));
    won(await sealed('c', [two]).commitPlan(inbox, planFor([won(inbox.items[0]).event], [B], false)));
    expect(await house.raw.llen(house.key('out:b'))).toBe(2);

    const recorded = won(await old.record(claim, B, [recordOf(won(claim.items[0]))], 1, true));
    expect(recorded).toEqual({ left: 1, next: [] });
    await expect(old.more(claim)).rejects.toMatchObject({ code: 'KEY_UNKNOWN', key: 'two' });
    expect(old.owns(claim)).toBe(true);
    await old.hold(claim, 0);
    const again = won(await old.takeOutbox(ROOM, B));
    expect(again.items).toEqual([]);
    await expect(old.more(again)).rejects.toThrow(Unreadable);
    await old.hold(again, 0);
    expect(textsOf(won(await sealed('d', [one, two]).takeOutbox(ROOM, B)).items)).toEqual(['text of m2']);
  });

  it('missing does not hinder what comes to the room', async () => {
    await accept(sealed('a'), ['m1']);
    await house.raw.del(house.key('in:own'));
    const bus = house.bus('b');
    const claim = won((await accept(bus, ['m2'])).claim);
    await expect(bus.moreInbox(claim)).rejects.toMatchObject({ code: 'KEY_UNKNOWN', key: 'one' });
    expect(await house.raw.llen(house.key(INBOX))).toBe(2);
  });
});

describe("a bridge's store", () => {
  const all = () => house.raw.hgetall(`${house.prefix}:{net:${NET}}:store`);

  it('gives back what was put in, sealed and not, whatever it begins with', async () => {
    for (const store of [sealed('a').store(NET), house.bus('b').store(NET)]) {
      for (const value of ['', 'Anna (Agency)', '!tea', '!!tea', '!one.tea', 'nick\nlabel']) {
        await store.set('ghost', value);
        expect(await store.get('ghost')).toBe(value);
      }
      await store.delete('ghost');
      expect(await store.get('ghost')).toBeNull();
    }
  });

  it('a sealed value opens under its own name and network only', async () => {
    const bus = sealed('a');
    await bus.store(NET).set('ghost', 'Anna');
    const { ghost = '' } = await all();
    expect(ghost).toMatch(/^!one\.[\w-]+$/);
    await house.raw.hset(`${house.prefix}:{net:${NET}}:store`, 'other', ghost);
    await expect(bus.store(NET).get('other')).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
    await house.raw.hset(`${house.prefix}:{net:x}:store`, 'ghost', ghost);
    await expect(bus.store(networkId('x')).get('ghost')).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
    await expect(house.bus('b').store(NET).get('ghost')).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
  });

  it('is written anew with the key that seals now, and back to plain', async () => {
    const names = Array.from({ length: 1200 }, (_, index) => `n${index}`);
    const plain = house.bus('a').store(NET);
    for (const name of names) await plain.set(name, `!${name}`);
    expect(await plain.reseal()).toEqual({ resealed: 0, unreadable: 0, keys: [] });
    for (const [bus, begin] of [
      [sealed('b'), /^!one\./],
      [sealed('c', [two, one]), /^!two\./],
      [sealed('d', [two], false), /^!!n\d/],
    ] as const) {
      expect(await bus.store(NET).reseal()).toEqual({ resealed: 1200, unreadable: 0, keys: [] });
      expect(await bus.store(NET).reseal()).toMatchObject({ resealed: 0 });
      expect(Object.values(await all()).every((value) => begin.test(value))).toBe(true);
      expect(await bus.store(NET).get('n7')).toBe('!n7');
    }
  });

  it('what cannot be read stays, and its key is named', async () => {
    await sealed('a').store(NET).set('secret', 'tea');
    const before = await all();
    expect(await sealed('b', [two]).store(NET).reseal()).toEqual({
      resealed: 0,
      unreadable: 1,
      keys: ['one'],
    });
    expect(await all()).toEqual(before);
  });
});

describe('terms', () => {
  it("of a dead letter: the room's sweep ends it, also when no other comes", async () => {
    let now = 5000;
    const clock = clockAt(() => now);
    const bus = house.bus('a', { clock, deadLetterMs: 1_000_000 });
    const claim = await outboxOfB(bus, ['m1']);
    won(
      await bus.bury(
        claim,
        { item: won(claim.items[0]), link: B, code: 'TOO_OLD', at: now, tried: false },
        null,
      ),
    );
    now += 999_999;
    await bus.sweep(ROOM, [A, B]);
    expect(await bus.letters.count(ROOM)).toBe(1);
    now += 1;
    await bus.sweep(ROOM, [A, B]);
    expect(await house.raw.exists(house.key('dead'), house.key('letters'))).toBe(0);
  });

  it('a message is recognised as long as anything is, when the id map has forgotten it', async () => {
    const bus = house.bus('a', { knownSeconds: 100, mapSeconds: 1 });
    const { fresh: accepted } = await accept(bus, ['m1']);
    const { id } = won(accepted[0]).event;
    await waitFor(async () => (await bus.idMap.known(ROOM, id)) === null, { what: 'the id map forgets' });
    expect((await accept(bus, ['m1'])).fresh).toEqual([]);
  });
});
