import { later, refused } from '@brygga/contract';
import { nativeId } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { FakeNetwork, manifest } from '../test/fake-network.ts';
import { HubHouse } from '../test/hub-house.ts';

let redis: RedisServer;
let house: HubHouse;
let a: FakeNetwork;
let b: FakeNetwork;
let c: FakeNetwork;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(() => {
  a = new FakeNetwork('a');
  // Shows what became of a message by a reaction and an answer, and the time of a late one in words.
  b = new FakeNetwork('b', manifest({ messageStatus: 'fallback', originalTime: 'fallback' }));
  c = new FakeNetwork('c', manifest({ originalTime: 'fallback' }));
  house = new HubHouse(redis.url, [a, b, c]);
});
afterEach(() => house.close());

const down = () => later('NETWORK_DOWN');
const start = (more: object = {}) => house.start(house.settings({ lateSeconds: 1, ...more }));
const told = (network: FakeNetwork, count: number) =>
  waitFor(() => network.notices.length >= count, {
    withinMs: 15_000,
    what: `notice ${count} on ${network.id}`,
  });
/** Waits until so many late messages of each origin are noted. */
const noted = (...counts: number[]) =>
  waitFor(
    async () => {
      const note = (await house.raw.hget(house.key('late'), 'c')) ?? '';
      return counts.every((count) => note.includes(`"count":${count}`));
    },
    { withinMs: 15_000, what: `${counts.join(' and ')} noted` },
  );
const statuses = (network: FakeNetwork) =>
  network.tries.flatMap(({ status, event, replyTo, thread }) =>
    status === undefined ? [] : [[status, event.kind, replyTo?.id, thread?.root.id]],
  );

describe('a link that messages reach late', () => {
  it('is told to those who wrote, at their message, and told again when all is through', async () => {
    await start();
    c.answer = down;
    const first = await a.say('one');
    await a.say('two');
    const other = await b.say('three');
    await told(a, 1);
    await told(b, 1);
    expect(a.notices[0]).toMatch(
      /^Messages have not reached Agency C since \d+ \w+, \d\d:\d\d\. Their system cannot be reached\. They are kept/,
    );
    await a.say('four');
    await b.say('five');
    await noted(3, 2);
    c.answer = () => null;
    await told(a, 2);
    await told(b, 2);
    await house.quiet();
    expect(a.notices.slice(1)).toEqual(['Messages reach Agency C again. Arrived late: 3 messages.']);
    expect(b.notices.slice(1)).toEqual(['Messages reach Agency C again. Arrived late: 2 messages.']);
    expect(statuses(a)).toEqual([
      ['late', 'message', first, first],
      ['arrived', 'message', first, first],
    ]);
    // Without a status of its own: an answer, and a reaction that goes when all is well.
    expect(statuses(b).map(([status, , replyTo]) => [status, replyTo])).toEqual([
      ['late', other],
      ['arrived', other],
    ]);
    const signs = b.tries.flatMap(({ event }) => (event.kind === 'reaction' ? [event.emoji] : []));
    expect(signs).toEqual([['⏳'], []]);
    expect(c.notices).toEqual([]);
    expect(await house.raw.exists(house.key('late'))).toBe(0);
  });

  it('is told once an outage and channel, whoever looks', async () => {
    await start();
    await house.start(house.settings({ lateSeconds: 1 }));
    c.answer = down;
    await a.say('one');
    await told(a, 1);
    await a.say('two');
    await noted(2);
    expect(a.notices).toHaveLength(1);
    expect(b.notices).toEqual([]);
    c.answer = () => null;
    await told(a, 2);
    await house.quiet();
    expect(a.notices).toHaveLength(2);
  });

  it('does not count as arrived what was given up', async () => {
    await start();
    c.answer = down;
    await a.say('one');
    await a.say('two');
    await told(a, 1);
    c.answer = ({ event }) =>
      'plain' in event && event.plain.startsWith('one') ? refused('FORBIDDEN') : null;
    await told(a, 3);
    await house.quiet();
    expect(a.notices.slice(1).sort()).toEqual([
      'A message was not delivered to Agency C. The other side does not allow this.',
      'Messages reach Agency C again. Arrived late: 1 message.',
    ]);
  });

  it('tells the time of what comes late in words, where the network shows none', async () => {
    await start();
    a.answer = down;
    c.answer = down;
    await b.say('one');
    await told(b, 2);
    a.answer = () => null;
    c.answer = () => null;
    await house.quiet();
    expect(a.texts).toEqual(['one']);
    expect(c.texts[0]).toMatch(/^one\n\(written 1 Jan, 01:00\)$/);
    await b.say('two');
    await house.quiet();
    expect(c.texts[1]).toBe('two');
  });

  it('is told in the language of its room, and by the clock there', async () => {
    const room = { language: 'sv', timeZone: 'Asia/Tokyo' };
    await house.start(house.settings({ lateSeconds: 1 }, room, { language: 'en' }));
    c.answer = () => later('NETWORK_BUSY', { scope: 'network', afterMs: 1500 });
    await a.say('ett', { native: nativeId('n1') });
    await told(a, 1);
    expect(a.notices[0]).toMatch(/^Meddelanden har inte nått Agency C sedan .*långsamt\. De sparas/);
    c.answer = () => null;
    await told(a, 2);
    expect(a.notices[1]).toBe('Meddelanden når Agency C igen. Kom fram sent: 1 meddelande.');
    expect(c.texts[0]).toMatch(/^ett\n\(skrivet 1 jan\.? 09:00\)$/);
    await house.quiet();
  });
});

it('a refusal answers the message that was refused', async () => {
  await start();
  c.answer = () => refused('TOO_LARGE');
  const native = await b.say('one');
  await told(b, 1);
  await house.quiet();
  expect(statuses(b)).toEqual([['failed', 'message', native, undefined]]);
  expect(b.tries.map(({ event }) => event.kind)).toEqual(['reaction', 'message']);
});
