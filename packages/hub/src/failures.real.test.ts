import { later, type Outcome, refused, unsure } from '@brygga/contract';
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

const textsTried = (network: FakeNetwork): string[] =>
  network.tries.map(({ event }) => (event.kind === 'message' ? event.plain : event.kind));
const deadLetters = async (): Promise<{ readonly code: string; readonly item: object }[]> => {
  const names = await house.raw.zrange(house.key('dead'), '0', '-1');
  const letters = await Promise.all(names.map((name) => house.raw.hget(house.key('letters'), name)));
  return letters.map((text) => JSON.parse(text ?? ''));
};

/** Two networks, hub running. */
async function two(b: FakeNetwork = new FakeNetwork('b'), link: object = {}) {
  house = new HubHouse(redis.url, ['a', b]);
  const hub = await house.start(house.settings({}, { links: { b: link } }));
  return { hub, a: house.network('a'), b };
}

describe('later', () => {
  it('keeps the head in its place: nothing overtakes', async () => {
    const { a, b } = await two();
    b.answer = ({ event }, tries) =>
      event.kind === 'message' && event.plain === 'one' && tries <= 3 ? later('NETWORK_ERROR') : null;
    for (const text of ['one', 'two', 'three']) await a.say(text);
    await waitFor(() => b.texts.length === 3, { withinMs: 10_000 });
    expect(textsTried(b)).toEqual(['one', 'one', 'one', 'one', 'two', 'three']);
    expect(new Set(b.tries.slice(0, 4).map(({ key }) => key)).size).toBe(1);
  });

  it('with a time to wait holds the lane for that long', async () => {
    const { a, b } = await two();
    const times: number[] = [];
    b.answer = (_delivery, tries) => {
      times.push(performance.now());
      return tries === 1 ? later('NETWORK_BUSY', { afterMs: 900 }) : null;
    };
    await a.say('one');
    await waitFor(() => b.texts.length === 1);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(890);
  });

  it('of the whole network pauses all its lanes, and no other network', async () => {
    house = new HubHouse(redis.url, ['a', 'b', 'c']);
    const settings = house.settings();
    const [room] = settings.rooms;
    if (room === undefined) throw new Error('no room');
    const other = room.links.map((link) => ({ ...link, channel: `${link.channel}2` as typeof link.channel }));
    await house.start({
      ...settings,
      rooms: [room, { ...room, id: `${room.id}2` as typeof room.id, links: other }],
    });
    const [a, b, c] = [house.network('a'), house.network('b'), house.network('c')];
    b.answer = (_delivery, tries) =>
      tries === 1 ? later('NETWORK_BUSY', { afterMs: 1000, scope: 'network' }) : null;
    const began = performance.now();
    await a.say('one');
    await waitFor(() => b.tries.length === 1);
    b.answer = () => null;
    await a.say('in the other room', { channel: 'c2' });
    await waitFor(() => c.texts.length === 2);
    expect(b.tries).toHaveLength(1);
    await waitFor(() => b.texts.length === 2);
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
  });

  it('ends at once when the network is back', async () => {
    const { a, b } = await two();
    b.answer = () => later('NETWORK_DOWN', { afterMs: 60_000, scope: 'network' });
    await a.say('one');
    await waitFor(() => b.tries.length === 1);
    await waitFor(async () => (await house.raw.exists(house.key('out:b:hold'))) === 1);
    b.answer = () => null;
    b.ctx.state('down', 'NETWORK_DOWN');
    b.ctx.state('up');
    await waitFor(() => b.texts.length === 1);
  });

  it('said by a send that began before the network came back holds nothing after', async () => {
    const { a, b } = await two();
    const answer = Promise.withResolvers<Outcome>();
    b.answer = (_delivery, tries) => (tries > 1 ? null : answer.promise);
    await a.say('one');
    await waitFor(() => b.tries.length === 1);
    b.ctx.state('down', 'NETWORK_DOWN');
    b.ctx.state('up');
    answer.resolve(later('NETWORK_DOWN', { afterMs: 60_000, scope: 'network' }));
    await waitFor(() => b.texts.length === 1);
  });
});

describe('unsure', () => {
  it('is tried again as maybe sent, with the same key', async () => {
    const { a, b } = await two();
    b.answer = (delivery, tries) => {
      if (tries > 1) return null;
      b.arrive(delivery); // it arrived, and its answer was lost
      return unsure('CONNECTION_LOST');
    };
    await a.say('one');
    await a.say('two');
    await waitFor(() => b.texts.length === 2, { withinMs: 10_000 });
    await house.quiet();
    expect(b.texts).toEqual(['one', 'two']);
    const [first, second] = b.tries;
    expect(first?.maybeSent).toBe(false);
    expect(second).toMatchObject({ maybeSent: true, key: first?.key });
  });

  it('a send that never answers is aborted and counts as such', async () => {
    const b = new FakeNetwork('b', manifest({}, { sendTimeoutMs: 200 }));
    const { a } = await two(b);
    b.answer = (_delivery, tries) => (tries === 1 ? new Promise<Outcome>(() => undefined) : null);
    await a.say('one');
    await waitFor(() => b.texts.length === 1, { withinMs: 10_000 });
    expect(b.tries[1]?.maybeSent).toBe(true);
    expect(house.log.lines.find(({ code }) => code === 'delivery.not-done')?.fields.reason).toBe('NO_ANSWER');
  });
});

describe('refused', () => {
  it('becomes a dead letter, the people are told, and the next goes on', async () => {
    const { hub, a, b } = await two();
    b.answer = ({ event }) =>
      event.kind === 'message' && event.plain === 'one' ? refused('NOT_ACCEPTABLE') : null;
    await a.say('one');
    await a.say('two');
    await waitFor(() => b.texts.length === 1 && a.notices.length === 1);
    expect(b.texts).toEqual(['two']);
    expect(a.notices[0]).toMatch(/^A message was not delivered to Agency B\. The other side does not accept/);
    const letters = await deadLetters();
    expect(letters).toMatchObject([{ code: 'NOT_ACCEPTABLE', link: 'b', item: { event: { plain: 'one' } } }]);
    expect(await metric(hub, 'brygga_dead_letters_total')).toBe(1);
  });

  it('is told to each origin, once in a while, also where the reason is none for people', async () => {
    house = new HubHouse(redis.url, ['a', 'b', 'c']);
    await house.start();
    const [a, b, c] = [house.network('a'), house.network('b'), house.network('c')];
    c.answer = () => refused('HUB_STOPPING');
    await a.say('one');
    await a.say('two');
    await b.say('three');
    await waitFor(async () => (await deadLetters()).length === 3);
    await house.quiet();
    expect(a.notices).toEqual(['A message was not delivered to Agency C.']);
    expect(b.notices).toEqual(['A message was not delivered to Agency C.']);
  });

  it('so does what could not be delivered in time', async () => {
    const { a, b } = await two(new FakeNetwork('b'), { deliverWithinHours: 600 / 3_600_000 });
    b.answer = ({ event }) =>
      event.kind === 'message' && event.plain === 'one' ? later('NETWORK_DOWN') : null;
    await a.say('one');
    await waitFor(() => a.notices.length === 1, { withinMs: 10_000 });
    expect(a.notices[0]).toMatch(/could not be delivered in time/);
    expect((await deadLetters()).map(({ code }) => code)).toEqual(['TOO_OLD']);
    await a.say('two');
    await waitFor(() => b.texts.length === 1);
  });
});

describe('a bridge with a defect', () => {
  const faulty = (b: FakeNetwork, fail: () => Outcome) => {
    b.answer = ({ event }) => (event.kind === 'message' && event.plain === 'poison' ? fail() : null);
  };

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('what ada wrote');
      },
    ],
    ['answers with something else', () => ({ kind: 'done' }) as Outcome],
    ['answers with an unknown code', () => JSON.parse('{"kind":"refused","code":"NO_SUCH"}') as Outcome],
  ] as [string, () => Outcome][])('that %s over one delivery is not asked for ever', async (_what, fail) => {
    const { a, b } = await two();
    faulty(b, fail);
    await a.say('poison');
    await a.say('two');
    await waitFor(() => b.texts.length === 1, { withinMs: 20_000 });
    expect(b.texts).toEqual(['two']);
    expect(textsTried(b).filter((text) => text === 'poison')).toHaveLength(5);
    expect((await deadLetters()).map(({ code }) => code)).toEqual(['BRIDGE_FAULT']);
    expect(JSON.stringify(house.log.lines)).not.toContain('what ada wrote');
  });

  it('is not blamed for what the network did', async () => {
    const { a, b } = await two();
    b.answer = (_delivery, tries) => {
      if (tries <= 6) return later('NETWORK_ERROR');
      if (tries === 7) throw new TypeError('once');
      return null;
    };
    await a.say('one');
    await waitFor(() => b.texts.length === 1, { withinMs: 20_000 });
    expect(await deadLetters()).toEqual([]);
  });
});

describe('several under way at once', () => {
  const windowed = (sendWindowOf: 'person' | 'anybody' = 'person') =>
    new FakeNetwork('b', manifest({}, { sendWindow: 4, sendWindowOf }));
  const six = ['0', '1', '2', '3', '4', '5'];

  it('are begun in order, of one person only', async () => {
    const b = windowed();
    const { a } = await two(b);
    const { promise, resolve } = Promise.withResolvers<void>();
    b.answer = (delivery) => promise.then(() => b.arrive(delivery));
    await a.say('first');
    await waitFor(() => b.tries.length === 1);
    for (const text of six) await a.say(text, { person: text === '5' ? 'ben' : 'ada' });
    await a.say('answer', { more: { replyTo: { natives: ['x'] } } });
    resolve();
    await waitFor(() => b.texts.length === 8);
    expect(b.texts).toEqual(['first', ...six, 'answer']);
    expect(textsTried(b)).toEqual(['first', ...six, 'answer']);
  });

  it.each([
    ['one person in a row', 'person', 1],
    ['anybody', 'anybody', 4],
  ] as const)('are of %s, as the network says', async (_title, whose, together) => {
    const b = windowed(whose);
    const { a } = await two(b);
    const gate = Promise.withResolvers<void>();
    b.answer = (delivery) => gate.promise.then(() => b.arrive(delivery));
    await a.say('first');
    await waitFor(() => b.tries.length === 1);
    for (const text of six) await a.say(text, { person: Number(text) % 2 === 0 ? 'ada' : 'ben' });
    await waitFor(async () => (await house.raw.llen(house.key('out:b'))) === 7);
    const next = Promise.withResolvers<void>();
    b.answer = (delivery) => next.promise.then(() => b.arrive(delivery));
    gate.resolve();
    // Those of a window are begun in one go: when one is seen, all are.
    await waitFor(() => b.tries.length > 1);
    expect(b.tries).toHaveLength(1 + together);
    next.resolve();
    await waitFor(() => b.texts.length === 7);
    expect(b.texts).toEqual(['first', ...six]);
  });

  it.each([
    ['later', later('NETWORK_ERROR')],
    ['unsure', unsure('CONNECTION_LOST')],
  ])(
    'one in the middle that fails (%s), with all after it: nothing is lost or doubled',
    async (_kind, failure) => {
      const b = windowed();
      const { a } = await two(b);
      const { promise, resolve } = Promise.withResolvers<void>();
      let broken = true;
      b.answer = async (delivery): Promise<Outcome> => {
        await promise;
        const text = delivery.event.kind === 'message' ? delivery.event.plain : '';
        return broken && Number(text) >= 2 ? failure : b.arrive(delivery);
      };
      await a.say('first');
      await waitFor(() => b.tries.length === 1);
      for (const text of six) await a.say(text);
      resolve();
      await waitFor(() => b.tries.length >= 5);
      broken = false;
      await waitFor(() => b.texts.length === 7, { withinMs: 10_000 });
      expect(b.texts).toEqual(['first', ...six]);
    },
  );

  it('one in the middle that is refused is given up alone', async () => {
    const b = windowed();
    const { a } = await two(b);
    b.answer = ({ event }) => (event.kind === 'message' && event.plain === '2' ? refused('TOO_LARGE') : null);
    await a.accept(...six.map((text) => a.incoming({}, said(text))));
    await waitFor(() => b.texts.length === 5);
    expect(b.texts).toEqual(['0', '1', '3', '4', '5']);
    expect((await deadLetters()).map(({ code }) => code)).toEqual(['TOO_LARGE']);
  });

  it('what stood behind one that is refused is sent anew at once, when the network held it back', async () => {
    const b = windowed();
    const { a } = await two(b);
    b.answer = ({ event }, tries) => {
      if (event.kind !== 'message') return null;
      if (event.plain === '1') return refused('TOO_LARGE');
      return tries === 1 && ['2', '3'].includes(event.plain) ? later('TOO_LARGE') : null;
    };
    await a.accept(...six.map((text) => a.incoming({}, said(text))));
    await waitFor(() => b.texts.length === 5);
    expect(b.texts).toEqual(['0', '2', '3', '4', '5']);
    const outcomes = house.log.lines.filter(({ code }) => code === 'delivery.not-done');
    expect(outcomes.map(({ fields }) => fields.outcome)).toEqual(['refused']);
  });

  const said = (text: string) => ({
    kind: 'message',
    plain: text,
    body: { type: 'root', children: [] },
  });
});
