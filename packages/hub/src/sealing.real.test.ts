import { randomBytes } from 'node:crypto';
import { later, refused } from '@brygga/contract';
import { nativeId } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import type { FakeNetwork } from '../test/fake-network.ts';
import { HubHouse, metric } from '../test/hub-house.ts';
import { keysWith } from '../test/redis-values.ts';
import type { Settings } from './settings/index.ts';

let redis: RedisServer;
let house: HubHouse;
let a: FakeNetwork;
let b: FakeNetwork;
let c: FakeNetwork;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(async () => {
  house = new HubHouse(redis.url, ['a', 'b', 'c']);
  await house.raw.flushall();
  [a, b, c] = [house.network('a'), house.network('b'), house.network('c')];
});
afterEach(() => house.close());

const keyOf = (id: string) => ({ id, key: randomBytes(32).toString('base64') });
const [one, two] = [keyOf('one'), keyOf('two')];

/** A room whose events wait for targets longer than any test. */
const settings = (sealKeys: Settings['redis']['sealKeys'], seal = true): Settings => {
  const usual = house.settings({ asideSeconds: 600, deduplicationDays: 1 }, { announce: true });
  return { ...usual, redis: { ...usual.redis, sealKeys, seal } };
};
const down = (): ReturnType<typeof later> => later('NETWORK_DOWN');
const words = (text: string) => ({ name: 'Ylva Zetterqvist', more: wordsMore(text) });
const wordsMore = (text: string) => ({
  attachments: [{ name: `${text}.pdf`, mediaType: 'application/pdf', bytes: 5, source: `mxc:${text}` }],
  replyTo: { natives: ['before'], excerpt: { author: 'Quirin', text: `excerpt of ${text}` } },
});
/** All that people said, are called, and named their files, and what the hub said of their organisations. */
const SECRETS = ['heron', 'Ylva Z', 'Zetterqvist', 'Quirin', '.pdf', 'mxc:', 'Agency', ':rare_bird:', '👍'];
const secretKeys = (): Promise<string[]> => keysWith(house.raw, SECRETS);
const lengthOf = (lane: string): Promise<number> => house.raw.llen(house.key(lane));
const told = (code: string): boolean => house.logged.includes(code);

/** Something of every kind rests in Redis: in lanes, aside, as a dead letter, in id map and stores. */
async function fillHouse(): Promise<void> {
  b.answer = down;
  c.answer = ({ event }) =>
    event.kind === 'message' && event.plain.includes('refused') ? refused('NOT_ACCEPTABLE') : null;
  const first = await a.say('heron', words('heron'));
  await a.say('heron refused', words('heron2'));
  await a.edit(first, 'heron edited', { name: 'Ylva Zetterqvist' });
  await a.edit(nativeId('never'), 'heron aside', { name: 'Ylva Zetterqvist' });
  await a.react(first, 'add', ['👍', ':rare_bird:'], { name: 'Ylva Zetterqvist' });
  await a.accept(
    a.incoming({ name: 'Ylva Zetterqvist' }, { kind: 'channel', topic: 'heron topic', name: 'heron room' }),
  );
  const subject = { nativeId: 'y@a', displayName: 'Ylva Zetterqvist' };
  await a.accept(a.incoming({}, { kind: 'membership', change: 'rename', subject, before: 'Quirin' }));
  await b.ctx.store.set('ghost', 'Ylva Zetterqvist (Agency A)');
  await waitFor(async () => (await house.raw.zcard(house.key('dead'))) === 1, { what: 'a dead letter' });
  await waitFor(async () => (await lengthOf('out:b')) >= 6, { what: 'the lane of b holds all' });
  await waitFor(async () => (await lengthOf('aside')) === 1, { what: 'one is aside' });
  await waitFor(() => c.shown.some(({ reactions }) => reactions.size === 1), { what: 'c has the reaction' });
}

describe('with a key', () => {
  it('nothing people wrote, are called or named their files can be read in Redis', async () => {
    const hub = await house.start(settings([one]));
    await fillHouse();
    expect(await secretKeys()).toEqual([]);
    expect(told('redis.unsealed')).toBe(false);
    expect(b.texts).toEqual([]);
    // It is all there: who has the key delivers it.
    b.answer = () => null;
    b.ctx.state('down', 'NETWORK_DOWN');
    b.ctx.state('up');
    await waitFor(() => b.shown.some(({ reactions }) => reactions.size === 1), { withinMs: 10_000 });
    expect(b.texts.slice(0, 2)).toEqual(['heron edited', 'heron refused']);
    expect(
      b.tries.find(({ event, persona }) => event.kind === 'message' && persona !== null)?.event,
    ).toMatchObject({
      sender: { displayName: 'Ylva Zetterqvist' },
      attachments: [{ name: 'heron.pdf' }],
    });
    expect(await metric(hub, 'brygga_unreadable_total')).toBe(0);
    expect(await secretKeys()).toEqual([]);
  });

  it('without it all of that can be read, and the start says so', async () => {
    await house.start(settings([]));
    await fillHouse();
    const [lane, store] = [(name: string) => house.key(name), `${house.prefix}:{net:b}:store`];
    const found = await secretKeys();
    for (const key of [lane('out:b'), lane('aside'), lane('letters'), store]) expect(found).toContain(key);
    expect(found.filter((key) => key.includes(':m:'))).not.toEqual([]);
    expect(house.logged.filter((code) => code === 'redis.unsealed')).toHaveLength(1);
  });

  it('a reaction that a moderator removes keeps the name it was made under', async () => {
    await house.start(settings([one]));
    const first = await a.say('heron');
    const reaction = await a.react(first, 'add', ['👍'], { person: 'y', name: 'Ylva Zetterqvist' });
    await waitFor(() => b.texts.length === 1 && b.find('heron').reactions.size === 1);
    const moderator = { nativeId: 'm@a', displayName: 'Moderator', kind: 'moderator' };
    await a.remove(reaction, { more: { sender: moderator } });
    const name = 'Ylva Zetterqvist (Agency A)';
    await waitFor(() => b.find('heron').reactions.get(name)?.length === 0, { what: 'it is taken back' });
    expect([...b.find('heron').reactions.keys()]).toEqual([name]);
  });
});

/** Stops the hub and starts another one with other keys. */
async function restart(hub: { stop(): Promise<void> }, keys: Parameters<typeof settings>[0], seal = true) {
  await hub.stop();
  return house.start(settings(keys, seal));
}

describe('keys that come and go', () => {
  beforeEach(() => {
    b.answer = down;
  });
  const sent = ['heron 1', 'heron 2', 'heron 3'];
  const deliver = async (texts: readonly string[]): Promise<void> => {
    b.answer = () => null;
    await waitFor(() => b.texts.length === texts.length, { withinMs: 20_000, what: 'all was delivered' });
    await house.quiet();
    expect(b.texts).toEqual(texts);
  };
  const say = async (text: string, lane: number): Promise<void> => {
    await a.say(text);
    await waitFor(async () => (await lengthOf('out:b')) >= lane, { what: `${lane} in the lane` });
    const others = ['in', 'out:a', 'out:c'].map((name) => house.key(name));
    await waitFor(async () => (await house.raw.exists(...others)) === 0, { what: 'the others are done' });
  };

  it('a key switched on and off with items in the lanes loses none, and keeps their order', async () => {
    const hub = await house.start(settings([]));
    await say('heron 1', 1);
    await b.ctx.store.set('ghost', 'Ylva Z');
    const second = await restart(hub, [one]);
    await say('heron 2', 2);
    expect(await keysWith(house.raw, ['heron 2', 'Ylva Z'])).toEqual([]);
    await restart(second, [one], false);
    await say('heron 3', 3);
    expect(await keysWith(house.raw, ['heron 2'])).toEqual([]);
    expect(await b.ctx.store.get('ghost')).toBe('Ylva Z');
    expect(await house.raw.hget(`${house.prefix}:{net:b}:store`, 'ghost')).toBe('Ylva Z');
    await deliver(sent);
    expect(told('lane.unreadable')).toBe(false);
  });

  it('rotation: what the old key sealed is delivered under the new one, and the store sealed anew', async () => {
    const hub = await house.start(settings([one]));
    await say('heron 1', 1);
    await b.ctx.store.set('ghost', 'Ylva Z');
    const second = await restart(hub, [two, one]);
    await say('heron 2', 2);
    await say('heron 3', 3);
    await deliver(sent);
    expect(told('lane.unreadable')).toBe(false);
    expect(house.log.lines.find(({ code }) => code === 'store.resealed')?.fields).toMatchObject({
      network: 'b',
      count: 1,
    });
    await restart(second, [two]);
    expect(await b.ctx.store.get('ghost')).toBe('Ylva Z');
  });

  it('a missing key holds its lanes, says so with its id, and loses nothing', async () => {
    const hub = await house.start(settings([one]));
    await say('heron 1', 1);
    b.answer = () => null;
    const second = await restart(hub, [two]);
    await waitFor(() => told('lane.unreadable'), { what: 'it is told' });
    const line = house.log.lines.find(({ code }) => code === 'lane.unreadable');
    expect(line?.fields).toEqual({ room: 'r', lane: 'out:b', reason: 'KEY_UNKNOWN', key: 'one' });
    expect(await metric(second, 'brygga_unreadable_total')).toBeGreaterThan(0);
    // The room and the other links go on.
    await a.say('heron 2');
    await waitFor(() => c.texts.length === 2);
    expect(b.texts).toEqual([]);
    expect(await lengthOf('out:b')).toBeGreaterThanOrEqual(2);
    await restart(second, [two, one]);
    await deliver(['heron 1', 'heron 2']);
  });

  it('a bridge does not speak while the key of what it remembers is missing', async () => {
    const hub = await house.start(settings([one]));
    await b.ctx.store.set('ghost', 'Ylva Z');
    const starting = restart(hub, []);
    starting.catch(() => undefined); // awaited below
    await waitFor(() => told('store.unreadable'), { what: 'it is told' });
    const line = house.log.lines.find(({ code }) => code === 'store.unreadable');
    expect(line?.fields).toEqual({ network: 'b', count: 1, key: 'one' });
    await waitFor(() => a.open.size === 1 && c.open.size === 1, { what: 'the others speak' });
    expect(b.open.size).toBe(0);
    await house.raw.hdel(`${house.prefix}:{net:b}:store`, 'ghost');
    await starting;
    expect(b.open.size).toBe(1);
  });

  it('an inbox that cannot be read waits too, with what comes behind', async () => {
    const hub = await house.start(settings([one]));
    await say('heron 1', 1);
    const [sealed = ''] = await house.raw.lrange(house.key('out:b'), -1, -1);
    await hub.stop();
    const foreign = sealed.replace(' one.', ' gone.');
    await house.raw.rpush(house.key('in'), foreign);
    await house.raw.del(house.key('out:b'));
    const second = await house.start(settings([one]));
    await waitFor(() => told('lane.unreadable'), { what: 'it is told' });
    for (let count = 0; count < 5; count++) await a.say('heron 2');
    expect(await lengthOf('in')).toBe(6);
    // However often it was looked at: told once a minute.
    await waitFor(async () => (await metric(second, 'brygga_unreadable_total')) > 1);
    expect(house.logged.filter((code) => code === 'lane.unreadable')).toHaveLength(1);
    await house.raw.lpop(house.key('in'));
    await waitFor(() => c.texts.length === 6, { withinMs: 20_000, what: 'what came behind goes on' });
  });
});
