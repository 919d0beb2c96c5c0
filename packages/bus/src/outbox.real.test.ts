import { nativeId } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { A, accept, B, House, outboxOfB, planFor, ROOM, recordOf, won } from '../test/house.ts';
import { type Bus, type DeadLetter, field, LOST, type OutboxItem, type Telling } from './index.ts';

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

/** Another process's claim of B's lane, the first one's lease having ended. */
async function takenOver(by: Bus) {
  await house.raw.del(house.key('out:b:own'));
  return won(await by.takeOutbox(ROOM, B));
}

/** All dead letters of the room, oldest first. */
async function deadLetters(bus: Bus): Promise<DeadLetter[]> {
  const places = (await bus.letters.newest(ROOM, 0, 100)).toReversed();
  const letters = await bus.letters.read(
    ROOM,
    places.map(({ name }) => name),
  );
  return letters.map(won);
}

describe('record', () => {
  it('writes the id map and releases the head, then gives what comes next', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2', 'm3']);
    const [first, second] = claim.items;
    const records = [recordOf(won(first)), recordOf(won(second))];
    const left = won(await bus.record(claim, B, records, 2, true));
    expect(left.left).toBe(1);
    expect(nativesOf(left.next)).toEqual(['m3']);
    expect(await bus.idMap.natives(ROOM, won(first).event.id, B)).toEqual([{ id: 'm1-on-b' }]);
    expect(await bus.idMap.find(ROOM, B, [nativeId('m2-on-b')])).toBe(won(second).event.id);
    expect(bus.owns(claim)).toBe(true);
    expect(won(await bus.record(claim, B, [], 1, false))).toEqual({ left: 0, next: [] });
    expect(await house.raw.exists(house.key('out:b'), house.key('out:b:own'))).toBe(0);
    expect(bus.owns(claim)).toBe(false);
  });

  it('the id map has native messages as the network named them: one, several, with roles, by any letters', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2', 'm3', 'm4']);
    const items = claim.items.map(won);
    const odd = 'a/b "c" \\d \u0001\u007f\u2028 é😀 <tag> %20';
    const several = [{ id: nativeId('p/1') }, { id: nativeId('p/2'), roles: { stanza: nativeId('s2') } }];
    const records = [
      recordOf(won(items[0]), odd),
      {
        event: won(items[1]).event.id,
        fields: { [field.link(B)]: JSON.stringify(several) },
        natives: ['p/1', 'p/2', 's2'].map(nativeId),
      },
      { event: won(items[2]).event.id, fields: {}, natives: [] },
      recordOf(won(items[3]), 'last'),
    ];
    expect(won(await bus.record(claim, B, records, 4, false)).left).toBe(0);
    const known = await Promise.all(items.map(({ event }) => bus.idMap.natives(ROOM, event.id, B)));
    expect(known).toEqual([[{ id: odd }], several, [], [{ id: 'last' }]]);
    const found = await Promise.all(
      [odd, 'p/1', 's2', 'last'].map((native) => bus.idMap.find(ROOM, B, [nativeId(native)])),
    );
    expect(found).toEqual([0, 1, 1, 3].map((index) => won(items[index]).event.id));
  });

  it('reads nothing it was not asked for', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2']);
    expect(await bus.record(claim, B, [], 1, false)).toEqual({ left: 1, next: [] });
  });

  it('without the lease it writes nothing', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const claim = await outboxOfB(one, ['m1', 'm2']);
    const theirs = await takenOver(two);
    const item = won(claim.items[0]);
    expect(await one.record(claim, B, [recordOf(item)], 1, true)).toBe(LOST);
    expect(await one.more(claim)).toBe(LOST);
    expect(await house.raw.llen(house.key('out:b'))).toBe(2);
    expect(await one.idMap.natives(ROOM, item.event.id, B)).toEqual([]);
    expect(await one.idMap.find(ROOM, B, [nativeId('m1-on-b')])).toBeNull();
    expect(nativesOf(theirs.items)).toEqual(['m1', 'm2']);
    expect(theirs.fromRedis).toBe(true);
    expect(won(await two.record(theirs, B, [recordOf(item)], 1, false)).left).toBe(1);
  });

  it('lanes of a room that are recorded together are told apart: each has its own lease and its own rest', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const inbox = won((await accept(one, ['m1', 'm2'])).claim);
    const events = inbox.items.map(({ event }) => event);
    const planned = won(await one.commitPlan(inbox, planFor(events, [A, B])));
    const [a, b] = [won(planned.claims[0]), won(planned.claims[1])];
    const theirs = await takenOver(two);
    const [first, second] = [won(b.items[0]), won(b.items[1])];
    const onA = {
      event: first.event.id,
      fields: { 'l:a': '[{"id":"m1-on-a"}]' },
      natives: [nativeId('m1-on-a')],
    };
    const answers = await Promise.all([
      one.record(a, A, [onA], 1, true),
      one.record(b, B, [recordOf(first)], 1, true),
      one.record(a, A, [], 1, true),
    ]);
    expect(answers[0]).toMatchObject({ left: 1, next: [{ event: second.event }] });
    expect(answers.slice(1)).toEqual([LOST, { left: 0, next: [] }]);
    expect(await one.idMap.natives(ROOM, first.event.id, A)).toEqual([{ id: 'm1-on-a' }]);
    expect(await one.idMap.natives(ROOM, first.event.id, B)).toEqual([]);
    expect(await house.raw.llen(house.key('out:b'))).toBe(2);
    expect(two.owns(theirs)).toBe(true);
  });

  it('an entry that is new gets its time; that of a message accepted just now keeps it', async () => {
    const bus = house.bus('one', { mapSeconds: 5000 });
    const claim = await outboxOfB(bus, ['m1', 'm2', 'm3']);
    const [first, second] = [won(claim.items[0]), won(claim.items[1])];
    const ttl = (item: OutboxItem): Promise<number> => house.raw.ttl(house.key(`m:${item.event.id}`));
    for (const { event } of [first, second]) await house.raw.expire(house.key(`m:${event.id}`), 100);
    await bus.record(claim, B, [{ ...recordOf(first), lasting: true }, recordOf(second)], 2, false);
    expect([await ttl(first), await ttl(second)]).toEqual([100, 5000]);
    const short = house.bus('two', { mapSeconds: 1000 });
    const rest = await takenOver(short);
    await house.raw.del(house.key(`m:${won(rest.items[0]).event.id}`));
    await short.record(rest, B, [{ ...recordOf(won(rest.items[0])), lasting: true }], 1, false);
    expect(await ttl(won(rest.items[0]))).toBe(1000);
  });

  it('loses no wake-up: an item appended while the lane is emptied finds an owner', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    for (let round = 0; round < 300; round++) {
      const claim = await outboxOfB(one, [`m${round}`]);
      const inbox = won((await accept(two, [`n${round}`])).claim);
      const plan = planFor(
        inbox.items.map(({ event }) => event),
        [B],
      );
      const [left, planned] = await Promise.all([
        one.record(claim, B, [recordOf(won(claim.items[0]))], 1, true),
        two.commitPlan(inbox, plan),
      ]);
      const [mine, theirs] = [won(left), won(planned)];
      // Either the one that emptied the lane read the new item, or the one that appended it got the lane.
      expect([mine.next.length, theirs.claims.length].sort()).toEqual([0, 1]);
      const owner = theirs.claims[0];
      if (owner === undefined) await one.record(claim, B, [], 1, false);
      else await two.record(owner, B, [], 1, false);
    }
    expect(await one.sweep(ROOM, [B])).toEqual({ aside: 0, lanes: [] });
  });
});

describe('hold and take', () => {
  it("a held lane is nobody's until its time has come", async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    await one.hold(await outboxOfB(one, ['m1']), 150);
    expect(await two.takeOutbox(ROOM, B)).toBeNull();
    const claim = await waitFor(() => two.takeOutbox(ROOM, B));
    expect(nativesOf(claim.items)).toEqual(['m1']);
    expect(claim.fromRedis).toBe(true);
  });

  it('a lane given up is free at once; an empty one cannot be taken', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    await one.hold(await outboxOfB(one, ['m1']), 0);
    const claim = won(await two.takeOutbox(ROOM, B));
    expect(await one.takeOutbox(ROOM, B)).toBeNull();
    await two.record(claim, B, [], 1, false);
    expect(await one.takeOutbox(ROOM, B)).toBeNull();
    expect(await house.raw.exists(house.key('out:b:own'))).toBe(0);
  });

  it('whoever names the hold ends it, and no later one', async () => {
    const bus = house.bus();
    const first = await bus.hold(await outboxOfB(bus, ['m1']), 60_000);
    const second = await bus.hold(won(await bus.takeOutbox(ROOM, B, first)), 60_000);
    expect(await bus.takeOutbox(ROOM, B, first)).toBeNull();
    expect(await bus.takeOutbox(ROOM, B, second)).not.toBeNull();
  });

  it('any hold ends when the network is back', async () => {
    const bus = house.bus();
    await bus.hold(await outboxOfB(bus, ['m1']), 60_000);
    expect(await bus.takeOutbox(ROOM, B, '*')).not.toBeNull();
  });

  it("the operator's pause stands above all holds", async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1']);
    await bus.pauseLink(ROOM, B, true);
    const name = await bus.hold(claim, 1);
    for (const hold of ['', '*', name]) expect(await bus.takeOutbox(ROOM, B, hold)).toBeNull();
    expect(await bus.sweep(ROOM, [B])).toEqual({ aside: 0, lanes: [] });
    await bus.pauseLink(ROOM, B, false);
    expect(await bus.takeOutbox(ROOM, B)).not.toBeNull();
  });

  it('ending a pause that is none leaves a hold alone', async () => {
    const bus = house.bus();
    await bus.hold(await outboxOfB(bus, ['m1']), 60_000);
    await bus.pauseLink(ROOM, B, false);
    expect(await bus.takeOutbox(ROOM, B)).toBeNull();
  });

  it('who does not own the lane cannot hold it', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const claim = await outboxOfB(one, ['m1']);
    const theirs = await takenOver(two);
    await one.hold(claim, 60_000);
    expect(await two.more(theirs)).not.toBe(LOST);
    expect(await house.raw.exists(house.key('out:b:hold'))).toBe(0);
  });
});

describe('bury', () => {
  const word = (claim: { readonly items: readonly OutboxItem[] }): OutboxItem => ({
    ...won(claim.items[0]),
    hub: true,
  });
  const letter = (claim: { readonly items: readonly OutboxItem[] }, at = 5000, index = 0) => ({
    item: won(claim.items[index]),
    link: B,
    code: 'FORBIDDEN',
    at,
    tried: true,
  });
  const telling = (item: OutboxItem, more: Partial<Telling> = {}): Telling => ({
    link: A,
    items: [item],
    once: 'b:FORBIDDEN',
    onceSeconds: 60,
    here: true,
    ...more,
  });

  it('keeps the head as a dead letter, tells the origin, and goes on', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2']);
    const buried = won(await bus.bury(claim, letter(claim), telling(word(claim))));
    expect(buried).toMatchObject({ left: 1, elsewhere: false, claim: { lane: 'out:a', fromRedis: false } });
    expect(buried.claim?.items).toEqual([word(claim)]);
    const { tried: _, ...kept } = letter(claim);
    const history = { tries: 1, since: 5000, last: 5000, codes: { FORBIDDEN: 1 } };
    expect(await deadLetters(bus)).toEqual([{ ...kept, history }]);
    expect(nativesOf(won(await bus.more(claim)).next)).toEqual(['m2']);
  });

  it('tells once in a while', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2', 'm3']);
    await bus.bury(claim, letter(claim), telling(word(claim)));
    const second = won(await bus.bury(claim, letter(claim, 6000, 1), telling(word(claim))));
    expect(second).toEqual({ left: 1, claim: null, elsewhere: false });
    const other = telling(word(claim), { once: 'b:TOO_OLD' });
    expect(await bus.bury(claim, letter(claim, 7000, 2), other)).toMatchObject({ left: 0 });
    expect(await house.raw.llen(house.key('out:a'))).toBe(2);
    expect(await deadLetters(bus)).toHaveLength(3);
    expect(bus.owns(claim)).toBe(false);
  });

  it('leaves the told lane to the process that speaks to its network', async () => {
    const bus = house.bus();
    const claim = await outboxOfB(bus, ['m1', 'm2']);
    const there = { here: false } as const;
    expect(await bus.bury(claim, letter(claim), telling(word(claim), there))).toMatchObject({
      claim: null,
      elsewhere: true,
    });
    const again = telling(word(claim), { ...there, once: 'other' });
    expect(await bus.bury(claim, letter(claim, 5000, 1), again)).toMatchObject({
      claim: null,
      elsewhere: false,
    });
    expect(await house.raw.exists(house.key('out:a:own'))).toBe(0);
  });

  it('needs nobody to tell, and forgets old letters', async () => {
    const bus = house.bus('one', { deadLetterMs: 1000 });
    const claim = await outboxOfB(bus, ['m1', 'm2']);
    await bus.bury(claim, letter(claim, 5000), null);
    await bus.bury(claim, letter(claim, 6001, 1), null);
    expect((await deadLetters(bus)).map(({ at }) => at)).toEqual([6001]);
    await waitFor(async () => (await deadLetters(bus)).length === 0);
  });

  it('without the lease it writes nothing', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const claim = await outboxOfB(one, ['m1']);
    await takenOver(two);
    expect(await one.bury(claim, letter(claim), telling(word(claim)))).toBe(LOST);
    expect(await deadLetters(one)).toEqual([]);
    expect(await house.raw.llen(house.key('out:b'))).toBe(1);
    expect(await house.raw.llen(house.key('out:a'))).toBe(0);
  });
});

describe('tell', () => {
  it('appends, and claims what is to be drained here', async () => {
    const bus = house.bus();
    const item = won((await outboxOfB(bus, ['m1'])).items[0]);
    const claim = won(await bus.tell(ROOM, A, true, item));
    expect(claim).toMatchObject({ lane: 'out:a', items: [item], fromRedis: false });
    expect(await bus.tell(ROOM, A, true, item)).toBeNull();
    await bus.hold(claim, 0);
    expect(won(await bus.tell(ROOM, A, true, item))).toMatchObject({ items: [], fromRedis: true });
    expect(await house.raw.llen(house.key('out:a'))).toBe(3);
  });

  it('says a thing once under its name', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const item = won((await outboxOfB(one, ['m1'])).items[0]);
    await Promise.all([one, two, one].map((bus) => bus.tell(ROOM, A, false, item, 'opened:a')));
    expect(await house.raw.llen(house.key('out:a'))).toBe(1);
  });
});
