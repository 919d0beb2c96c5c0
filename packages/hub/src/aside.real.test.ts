import { type Delivery, type Outcome, unsure } from '@brygga/contract';
import { nativeId } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import type { FakeNetwork } from '../test/fake-network.ts';
import { HubHouse } from '../test/hub-house.ts';

let redis: RedisServer;
let house: HubHouse;
let a: FakeNetwork;
let b: FakeNetwork;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(() => {
  house = new HubHouse(redis.url);
  a = house.network('a');
  b = house.network('b');
});
afterEach(() => house.close());

const asideIs = (count: number) =>
  waitFor(async () => (await house.raw.llen(house.key('aside'))) === count, { what: `${count} aside` });
const kinds = (network: FakeNetwork): string[] => network.tries.map(({ event }) => event.kind);

/** Deliveries to the network wait until `go`. */
function gate(network: FakeNetwork) {
  const { promise, resolve: go } = Promise.withResolvers<void>();
  const waiting: Delivery[] = [];
  network.answer = (delivery): Promise<Outcome> => {
    waiting.push(delivery);
    return promise.then(() => network.arrive(delivery));
  };
  return { go, waiting };
}

describe('an event whose target is not there', () => {
  it('steps aside and goes through when it comes, without holding the room up', async () => {
    await house.start();
    const late = nativeId('late');
    await a.edit(late, 'second');
    await a.react(late, 'add', ['👍']);
    await asideIs(2);
    await a.say('meanwhile');
    await waitFor(() => b.texts.length === 1);
    await a.say('first', { native: 'late' });
    await waitFor(() => b.shown[1]?.reactions.size === 1);
    expect(b.texts).toEqual(['meanwhile', 'second']);
    expect(kinds(b)).toEqual(['message', 'message', 'edit', 'reaction']);
    await house.quiet();
    expect(await house.raw.exists(house.key('waits'))).toBe(0);
  });

  it('waits no longer than it may: an edit is then said as a message, the rest dropped', async () => {
    await house.start(house.settings({ asideSeconds: 0.5 }));
    await a.edit(nativeId('never'), 'from before');
    await a.react(nativeId('never'), 'add', ['👍']);
    await a.remove(nativeId('neither'));
    await waitFor(() => b.texts.length === 1);
    await house.quiet();
    expect(b.texts).toEqual(['from before']);
    expect(kinds(b)).toEqual(['message']);
    expect(house.log.lines.filter(({ fields }) => fields.reason === 'targetUnknown')).toHaveLength(2);
  });

  it('finds no place among too many', async () => {
    await house.start(house.settings({ asideMax: 2, asideSeconds: 60 }));
    for (const text of ['one', 'two', 'three']) await a.edit(nativeId(text), text);
    // Which one it is depends on whether the first two are just being looked at again.
    await waitFor(() => b.texts.length === 1);
    await asideIs(2);
    expect(b.texts).toHaveLength(1);
    await house.raw.del(house.key('aside'));
  });

  it('comes back after the process that put it aside is gone', async () => {
    const first = await house.start(house.settings({ asideSeconds: 30 }));
    await a.edit(nativeId('late'), 'second');
    await asideIs(1);
    await first.stop();
    await house.start(house.settings({ asideSeconds: 30 }));
    await a.say('first', { native: 'late' });
    await waitFor(() => b.texts[0] === 'second', { withinMs: 10_000 });
  });
});

describe('what came later about the same message', () => {
  it('does not overtake what waits for it', async () => {
    await house.start();
    const late = nativeId('late');
    await a.edit(late, 'second');
    await asideIs(1);
    // The target is there now, and the first edit not yet back.
    await a.say('first', { native: 'late' });
    await a.edit(late, 'third');
    await a.react(late, 'add', ['👍']);
    await a.react(late, 'remove', ['👍']);
    await waitFor(() => b.texts[0] === 'third');
    await house.quiet();
    expect(b.tries.map(({ event }) => ('plain' in event ? event.plain : event.kind))).toEqual([
      'first',
      'second',
      'third',
      'reaction',
      'reaction',
    ]);
    expect(b.shown[0]?.reactions.get('ada (Agency A)')).toEqual([]);
  });

  it('does not bring back the text of a message that was removed before anybody saw it', async () => {
    // Time enough for the removal to be heard of before the edit has waited long enough.
    await house.start(house.settings({ asideSeconds: 2 }));
    const gone = nativeId('gone');
    await a.edit(gone, 'second');
    await a.remove(gone);
    await a.say('meanwhile');
    const unknown = () => house.log.lines.some(({ fields }) => fields.reason === 'targetUnknown');
    await waitFor(unknown, { withinMs: 10_000, what: 'the removal waited in vain' });
    await house.quiet();
    expect(b.texts).toEqual(['meanwhile']);
    expect(house.log.lines.some(({ fields }) => fields.reason === 'targetDeleted')).toBe(true);
  });
});

describe('a reaction', () => {
  it('to what is shown but not known to be delivered waits until it is', async () => {
    await house.start(house.settings({ asideSeconds: 0.5 }));
    const held = gate(a);
    await b.say('from b');
    await waitFor(() => held.waiting.length === 1);
    await a.react(nativeId('a-0'), 'add', ['👍']);
    // Nothing is under way to where this one comes from.
    await b.react(nativeId('never'), 'add', ['👍']);
    const unknown = () => house.log.lines.filter(({ fields }) => fields.reason === 'targetUnknown').length;
    await waitFor(() => unknown() === 1, { withinMs: 10_000 });
    await asideIs(1);
    held.go();
    await waitFor(() => b.tries.some(({ event }) => event.kind === 'reaction'), { withinMs: 10_000 });
    expect(unknown()).toBe(1);
    await house.quiet();
  });

  it('waits no longer than it may', async () => {
    await house.start(house.settings({ asideSeconds: 0.1 }));
    const held = gate(a);
    await b.say('from b');
    await waitFor(() => held.waiting.length === 1);
    await a.react(nativeId('never'), 'add', ['👍']);
    const unknown = () => house.log.lines.some(({ fields }) => fields.reason === 'targetUnknown');
    await waitFor(unknown, { withinMs: 10_000 });
    expect(held.waiting).toHaveLength(1);
    held.go();
  });
});

describe('a reply', () => {
  it('to what is just being delivered waits for it in its place', async () => {
    await house.start();
    const held = gate(a);
    const native = await b.say('from b');
    await waitFor(() => held.waiting.length === 1);
    const reply = await a.say('reply', { more: { replyTo: { natives: ['a-0'] } } });
    await a.edit(reply, 'a better reply');
    await a.say('later');
    expect(b.tries).toEqual([]);
    held.go();
    await waitFor(() => b.texts.length === 2);
    await waitFor(() => b.texts[0] === 'a better reply');
    expect(b.texts).toEqual(['a better reply', 'later']);
    expect(b.find('a better reply').replyTo).toBe(native);
    expect(kinds(b)).toEqual(['message', 'edit', 'message']);
  });

  it('to what is being delivered and never arrives goes alone in the end', async () => {
    await house.start(house.settings({ asideSeconds: 0.4 }));
    a.answer = () => unsure('NO_ANSWER');
    await b.say('from b');
    await waitFor(() => a.tries.length > 0);
    await a.say('reply', { more: { replyTo: { natives: ['a-0'] } } });
    await waitFor(() => b.texts.length === 1, { withinMs: 15_000 });
    expect(b.find('reply').replyTo).toBeNull();
    a.answer = () => null;
  });

  it('to what arrived without the hub being told waits until it is found there', async () => {
    await house.start(house.settings(), { random: () => 0.99 }); // tried again after half a second, then after one
    a.answer = (delivery, tries) => {
      const arrived = a.arrive(delivery);
      return tries < 3 ? unsure('NO_ANSWER') : arrived;
    };
    const native = await b.say('from b');
    await waitFor(() => a.texts.length === 1);
    await a.say('reply', { more: { replyTo: { natives: ['a-0'] } } });
    await waitFor(() => b.texts.length === 1, { withinMs: 10_000 });
    expect(a.tries.length).toBeGreaterThan(2);
    expect(b.find('reply').replyTo).toBe(native);
  });

  it('that waits so does not hold up a stop, and waits on in the next process', async () => {
    const first = await house.start(house.settings(), { stopWithinMs: 10_000 });
    a.answer = (delivery) => {
      a.arrive(delivery);
      return unsure('NO_ANSWER');
    };
    const native = await b.say('from b');
    await waitFor(() => a.texts.length === 1);
    await a.say('reply', { more: { replyTo: { natives: ['a-0'] } } });
    await waitFor(() => a.tries.length === 3); // the room has waited for a while
    const began = performance.now();
    await first.stop();
    expect(performance.now() - began).toBeLessThan(2000);
    expect(b.texts).toEqual([]);
    a.answer = () => null;
    await house.start();
    await waitFor(() => b.texts.length === 1, { withinMs: 10_000 });
    expect(b.find('reply').replyTo).toBe(native);
  });
});
