import { channelId, IncomingEvent, plainBody } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { FakeNetwork, manifest } from '../test/fake-network.ts';
import { HubHouse, metric } from '../test/hub-house.ts';

let redis: RedisServer;
let house: HubHouse;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
afterEach(() => house.close());

const lines = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index}`);

describe('a message', () => {
  it('crosses to all other links of the room, in order, once', async () => {
    house = new HubHouse(redis.url, ['a', 'b', 'c', 'd', 'e']);
    await house.start();
    const from = house.network('a');
    for (const line of lines(30)) await from.say(line);
    for (const id of ['b', 'c', 'd', 'e']) {
      const network = house.network(id);
      await waitFor(() => network.texts.length === 30);
      expect(network.texts).toEqual(lines(30));
      expect(network.tries).toHaveLength(30);
      expect(network.tries.every(({ maybeSent }) => !maybeSent)).toBe(true);
    }
    expect(from.shown).toEqual([]);
  });

  it('of several networks at once reaches all in the same order', async () => {
    house = new HubHouse(redis.url, ['a', 'b', 'c', 'd']);
    await house.start();
    const [a, b] = [house.network('a'), house.network('b')];
    await Promise.all(lines(40).flatMap((line) => [a.say(`a ${line}`), b.say(`b ${line}`)]));
    const [c, d] = [house.network('c'), house.network('d')];
    await waitFor(() => c.texts.length === 80 && d.texts.length === 80);
    expect(c.texts).toEqual(d.texts);
    const dates = c.shown.map(({ acceptedAt }) => acceptedAt);
    expect(dates).toEqual([...dates].sort((one, two) => one - two));
    expect(new Set(dates).size).toBe(80);
  });

  it('told twice is one message', async () => {
    house = new HubHouse(redis.url);
    const hub = await house.start();
    const [a, b] = [house.network('a'), house.network('b')];
    const event = a.incoming({}, { kind: 'message', plain: 'once', body: plainBody('once') });
    expect(await a.accept(event)).toEqual({ fresh: 1, unlinked: false });
    expect(await a.accept(event)).toEqual({ fresh: 0, unlinked: false });
    await a.say('after');
    await waitFor(() => b.texts.length === 2);
    expect(b.texts).toEqual(['once', 'after']);
    expect(await metric(hub, 'brygga_repeated_total')).toBe(1);
  });

  it('carries its sender by name and organisation, which a name cannot imitate', async () => {
    house = new HubHouse(redis.url);
    await house.start();
    await house.network('a').say('x', { name: 'Ada (Agency B)' });
    await waitFor(() => house.network('b').texts.length === 1);
    expect(house.network('b').shown[0]?.by).toBe('Ada Agency B (Agency A)');
  });

  it('of a channel in no room is not kept', async () => {
    house = new HubHouse(redis.url);
    await house.start();
    const a = house.network('a');
    const event = a.incoming({ channel: 'other' }, { kind: 'message', plain: 'x', body: plainBody('x') });
    expect(await a.accept(event)).toEqual({ fresh: 0, unlinked: true });
  });

  it('that passed this hub before, or too many, is a loop', async () => {
    house = new HubHouse(redis.url);
    const hub = await house.start();
    const [a, b] = [house.network('a'), house.network('b')];
    const many = Array.from({ length: 9 }, (_, index) => `h${index}`);
    await a.say('own echo', { more: { hops: ['other', 'hub'] } });
    await a.say('far too far', { more: { hops: many } });
    await a.say('from another hub', { more: { hops: ['other'] } });
    await waitFor(() => b.texts.length === 1);
    expect(b.texts).toEqual(['from another hub']);
    expect(await metric(hub, 'brygga_not_admitted_total')).toBe(2);
  });

  it('in a wrong shape goes on as plain words', async () => {
    house = new HubHouse(redis.url);
    const hub = await house.start();
    const [a, b] = [house.network('a'), house.network('b')];
    const broken = a.incoming({}, { kind: 'message', plain: 'the words', body: plainBody('x') });
    Object.assign(broken, { body: { type: 'root', children: [{ type: 'html', value: '<b>' }] }, extra: 1 });
    const lost = a.incoming(
      {},
      { kind: 'membership', change: 'join', subject: { nativeId: 'x', displayName: '' } },
    );
    Object.assign(lost, { change: 'vanish' });
    expect(await a.accept(broken, lost)).toEqual({ fresh: 1, unlinked: false });
    await waitFor(() => b.texts.length === 1);
    expect(b.texts).toEqual(['the words']);
    expect(IncomingEvent.safeParse(broken).success).toBe(false);
    expect(await metric(hub, 'brygga_invalid_total')).toBe(2);
    expect(house.logged.filter((code) => code === 'event.invalid')).toHaveLength(2);
  });
});

describe('what rests in Redis', () => {
  it('holds nothing of what was written once every link has it', async () => {
    house = new HubHouse(redis.url, ['a', 'b', 'c']);
    await house.start();
    const a = house.network('a');
    const native = await a.say('a secret of state');
    await a.edit(native, 'another secret');
    await a.react(native, 'add', ['👍']);
    await waitFor(() => house.network('c').shown[0]?.reactions.size === 1);
    await house.quiet();
    for (const key of await house.raw.keys('*')) expect(await contentOf(key)).not.toMatch(/secret/);
  });

  const contentOf = async (key: string): Promise<string> => {
    const type = await house.raw.type(key);
    if (type === 'string') return (await house.raw.get(key)) ?? '';
    if (type === 'hash') return JSON.stringify(await house.raw.hgetall(key));
    if (type === 'list') return JSON.stringify(await house.raw.lrange(key, 0, -1));
    if (type === 'zset') return JSON.stringify(await house.raw.zrange(key, '0', '-1'));
    return type === 'stream' ? JSON.stringify(await house.raw.xrange(key, '-', '+')) : '';
  };
});

describe('links', () => {
  it('one that only reads is delivered to and not carried from', async () => {
    house = new HubHouse(redis.url);
    await house.start(house.settings({}, { links: { a: { mode: 'readOnly' } } }));
    const [a, b] = [house.network('a'), house.network('b')];
    await a.say('not for others');
    await b.say('for all');
    await waitFor(() => a.texts.length === 1);
    await house.quiet();
    expect(b.texts).toEqual([]);
  });

  it('a paused one waits, also through a restart, and gets all when the pause is over', async () => {
    house = new HubHouse(redis.url);
    const paused = house.settings({}, { links: { b: { mode: 'paused' } } });
    const first = await house.start(paused);
    const [a, b] = [house.network('a'), house.network('b')];
    await a.say('one');
    await b.say('from b');
    await waitFor(() => a.texts.length === 1);
    await first.stop();
    const second = await house.start(paused);
    await a.say('two');
    await waitFor(async () => (await house.raw.llen(house.key('out:b'))) === 2);
    await second.stop();
    expect(b.tries).toEqual([]);
    await house.start();
    await waitFor(() => b.texts.length === 2);
    expect(b.texts).toEqual(['one', 'two']);
  });

  it('are told once at their opening who takes part', async () => {
    house = new HubHouse(redis.url);
    const announced = house.settings({}, { announce: true }, { language: 'sv' });
    const first = await house.start(announced);
    await waitFor(() => house.network('a').notices.length === 1 && house.network('b').notices.length === 1);
    expect(house.network('a').notices[0]).toMatch(/brygga.*Agency A \(Fake\); Agency B \(Fake\)/);
    expect(house.network('a').ctx.language(channelId('c'))).toBe('sv');
    await first.stop();
    await house.start(announced);
    await house.network('a').say('x');
    await waitFor(() => house.network('b').texts.length === 1);
    expect(house.network('b').notices).toHaveLength(1);
  });

  it('get what they can take, each by its own manifest, and a refusal is told to the sender', async () => {
    const plain = new FakeNetwork('b', manifest({ edit: 'fallback' }));
    const strict = new FakeNetwork('c', manifest({ edit: 'refused' }));
    house = new HubHouse(redis.url, ['a', plain, strict]);
    await house.start();
    const a = house.network('a');
    const native = await a.say('tea');
    await a.edit(native, 'coffee');
    await a.edit(native, 'milk');
    await waitFor(() => plain.texts.length === 3 && a.notices.length === 1);
    expect(plain.texts).toEqual(['tea', '(edited)\ncoffee', '(edited)\nmilk']);
    expect(strict.texts).toEqual(['tea']);
    expect(a.notices[0]).toMatch(/not delivered to Agency C/);
  });
});

describe('who writes just now', () => {
  it('is shown on the other links, not on the paused ones', async () => {
    house = new HubHouse(redis.url, ['a', 'b', 'c']);
    await house.start(house.settings({}, { links: { c: { mode: 'paused' } } }));
    const [a, b] = [house.network('a'), house.network('b')];
    const sender = {
      nativeId: a.incoming({}, { kind: 'delete', target: { natives: ['x'] } }).sender.nativeId,
    };
    const signal = {
      kind: 'typing',
      network: a.id,
      channel: channelId('c'),
      sender: { ...sender, displayName: 'Ada', kind: 'person' },
      active: true,
      at: Date.now(),
    } as const;
    a.ctx.signal(signal);
    await waitFor(() => b.typed.length === 1);
    expect(b.typed[0]).toMatchObject({ active: true, persona: { label: 'Ada (Agency A)' } });
    expect(house.network('c').typed).toEqual([]);
    expect(a.typed).toEqual([]);
  });
});
