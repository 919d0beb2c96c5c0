import { type Code, later, refused } from '@brygga/contract';
import { linkId } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../../test/servers/index.ts';
import type { FakeNetwork } from '../../test/fake-network.ts';
import { HubHouse } from '../../test/hub-house.ts';
import type { Settings } from '../settings/index.ts';
import { type OperatorsDesk, openDesk } from './index.ts';

let redis: RedisServer;
let house: HubHouse;
let desk: OperatorsDesk;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
afterEach(async () => {
  await desk.close();
  await house.close();
});

/** Two networks, the hub running, an operator at the desk. */
async function two(link: object = {}) {
  house = new HubHouse(redis.url, ['a', 'b']);
  const settings = house.settings({}, { links: { b: link } });
  await house.start(settings);
  desk = openDesk(settings);
  return { a: house.network('a'), b: house.network('b'), settings };
}

const isText = (text: string) => (event: { readonly kind: string; readonly plain?: string }) =>
  event.plain === text;

/** B refuses what says one of these texts. */
function refuse(b: FakeNetwork, texts: readonly string[], code: Code = 'FORBIDDEN'): void {
  b.answer = ({ event }) => (texts.some((text) => isText(text)(event)) ? refused(code) : null);
}

const dead = (count: number) =>
  waitFor(async () => {
    const letters = await desk.letters.newest({}, 100);
    return letters.length === count ? letters : null;
  });

const verdicts = async (run: 'look' | 'replay') =>
  (await desk.letters[run](await desk.letters.all({}))).map(({ verdict }) => verdict);

describe('a letter put back', () => {
  it('arrives once, late, with its key, asked for first; replies and edits find it', async () => {
    const { a, b } = await two();
    refuse(b, ['one']);
    const one = await a.say('one');
    await a.say('two');
    await waitFor(() => b.texts.length === 1);
    const [letter] = await dead(1);
    expect(letter).toMatchObject({ code: 'FORBIDDEN', linkId: 'b', kind: 'message', history: { tries: 1 } });
    b.answer = () => null;
    expect(await verdicts('look')).toEqual(['replayed']);
    expect(await verdicts('replay')).toEqual(['replayed']);
    await waitFor(() => b.texts.length === 2);
    await house.quiet();
    expect(b.texts).toEqual(['two', 'one']);
    const tries = b.tries.filter(({ event }) => isText('one')(event));
    expect(tries.map(({ maybeSent }) => maybeSent)).toEqual([false, true]);
    expect(new Set(tries.map(({ key }) => key))).toEqual(new Set([letter?.key]));
    const there = b.find('one').id;
    await a.say('answer', { more: { replyTo: { natives: [one] } } });
    await waitFor(() => b.texts.length === 3);
    expect(b.find('answer').replyTo).toBe(there);
    await a.edit(one, 'one, changed');
    await waitFor(() => b.shown.find(({ id }) => id === there)?.text === 'one, changed');
    expect(await desk.letters.newest({}, 10)).toEqual([]);
  });

  it('that had arrived after all shows once', async () => {
    const { a, b } = await two();
    b.answer = (delivery, tries) => {
      if (tries > 1) return null;
      b.arrive(delivery);
      return refused('NETWORK_ERROR');
    };
    await a.say('one');
    await dead(1);
    expect(await verdicts('replay')).toEqual(['replayed']);
    await waitFor(() => b.tries.length === 2);
    await house.quiet();
    expect(b.texts).toEqual(['one']);
  });

  it('has its time anew, and tells what it went through', async () => {
    const { a, b } = await two({ deliverWithinHours: 700 / 3_600_000 });
    b.answer = () => later('NETWORK_DOWN');
    await a.say('one');
    const [letter] = await dead(1);
    expect(letter).toMatchObject({
      code: 'TOO_OLD',
      history: { codes: { NETWORK_DOWN: letter?.history.tries } },
    });
    expect(letter?.history.tries).toBeGreaterThan(0);
    b.answer = () => null;
    expect(await verdicts('replay')).toEqual(['replayed']);
    await waitFor(() => b.texts.length === 1);
    expect(await desk.letters.newest({}, 10)).toEqual([]);
  });

  it('that dies again is a letter again, and counts', async () => {
    const { a, b } = await two();
    refuse(b, ['one']);
    await a.say('one');
    await dead(1);
    await verdicts('replay');
    const [again] = await waitFor(async () => {
      const letters = await desk.letters.newest({}, 10);
      return letters[0]?.replays === 1 ? letters : null;
    });
    expect(again?.history.tries).toBe(1);
  });

  it('by two operators at once arrives once', async () => {
    const { a, b, settings } = await two();
    refuse(b, ['0', '1', '2', '3']);
    for (const text of ['0', '1', '2', '3']) await a.say(text);
    await dead(4);
    b.answer = () => null;
    const other = openDesk(settings);
    const places = await desk.letters.all({});
    const both = await Promise.all([desk.letters.replay(places), other.letters.replay(places)]);
    await other.close();
    const results = both.flat().map(({ verdict }) => verdict);
    expect(results.filter((verdict) => verdict === 'replayed')).toHaveLength(4);
    await waitFor(() => b.texts.length === 4);
    await house.quiet();
    expect(b.texts).toEqual(['0', '1', '2', '3']);
  });

  it('comes behind what its lane is busy with', async () => {
    const { a, b } = await two();
    refuse(b, ['one']);
    await a.say('one');
    await dead(1);
    const gate = Promise.withResolvers<void>();
    b.answer = (delivery) => gate.promise.then(() => b.arrive(delivery));
    await a.say('two');
    await waitFor(() => b.tries.length === 2);
    await a.say('three');
    await waitFor(async () => (await house.raw.llen(house.key('out:b'))) === 2);
    expect(await verdicts('replay')).toEqual(['replayed']);
    gate.resolve();
    await waitFor(() => b.texts.length === 3);
    expect(b.texts).toEqual(['two', 'three', 'one']);
    // Its neighbours are surely not sent yet: it alone is asked for first.
    expect(b.tries.slice(1).map(({ maybeSent }) => maybeSent)).toEqual([false, false, true]);
  });
});

describe('a change that is dead', () => {
  it('does not go before its message, and with it goes behind it', async () => {
    const { a, b } = await two();
    const message = await a.say('first');
    await waitFor(() => b.texts.length === 1);
    b.answer = () => refused('FORBIDDEN');
    const one = await a.say('one');
    await a.edit(one, 'changed');
    const [edit] = await dead(2);
    b.answer = () => null;
    const places = await desk.letters.all({});
    const alone = places.filter(({ id }) => id === edit?.id);
    expect((await desk.letters.replay(alone)).map(({ verdict }) => verdict)).toEqual(['targetDead']);
    const both = await desk.letters.replay(places);
    expect(both.map(({ kind, verdict, changed }) => [kind, verdict, changed])).toEqual([
      ['message', 'replayed', true],
      ['edit', 'replayed', false],
    ]);
    await waitFor(() => b.texts.includes('changed'));
    expect(b.texts).toEqual(['first', 'changed']);
    await a.edit(message, 'first again');
    await waitFor(() => b.texts.includes('first again'));
  });

  it('stays dead once a later one arrived', async () => {
    const { a, b } = await two();
    const one = await a.say('one');
    await waitFor(() => b.texts.length === 1);
    refuse(b, ['older']);
    await a.edit(one, 'older');
    await a.edit(one, 'newer');
    await waitFor(() => b.texts[0] === 'newer');
    await dead(1);
    b.answer = () => null;
    expect(await verdicts('look')).toEqual(['overtaken']);
    expect(await verdicts('replay')).toEqual(['overtaken']);
    expect(await desk.letters.newest({}, 10)).toHaveLength(1);
  });
});

describe('a message its author removed meanwhile', () => {
  it('is not said after all; the letter can be dropped', async () => {
    const { a, b } = await two();
    refuse(b, ['one']);
    const one = await a.say('one');
    await dead(1);
    await a.remove(one);
    await house.quiet();
    b.answer = () => null;
    expect(await verdicts('replay')).toEqual(['removed']);
    const places = await desk.letters.all({});
    expect(await desk.letters.drop(places)).toEqual(places);
    expect(await desk.letters.drop(places)).toEqual([]);
    expect(await house.raw.exists(house.key('letters'), house.key('dead'))).toBe(0);
    expect(b.texts).toEqual([]);
  });
});

describe('finding letters', () => {
  it('by room, link, id; newest first; none from links the settings lost', async () => {
    const { a, b, settings } = await two();
    refuse(b, ['one', 'two']);
    await a.say('one');
    await a.say('two');
    const [second, first] = await dead(2);
    expect([first?.at ?? 0, second?.at ?? 0].toSorted()).toEqual([first?.at, second?.at]);
    expect(await desk.letters.newest({}, 1)).toEqual([second]);
    expect(await desk.letters.newest({ link: second?.linkId }, 1)).toEqual([second]);
    expect(await desk.letters.newest({ link: linkId('a') }, 5)).toEqual([]);
    const [found, ...more] = await desk.letters.find([first?.id ?? '', `${first?.event}/a`, 'nonsense']);
    expect([found?.id, more]).toEqual([first?.id, []]);
    expect(found === undefined ? null : await desk.letters.contents(found)).toMatchObject({ plain: 'one' });
    await retired(settings);
  });

  it('shows nothing of letters of before they had names', async () => {
    const { a, b } = await two();
    refuse(b, ['one']);
    await a.say('one');
    await dead(1);
    await house.raw.zadd(
      house.key('dead'),
      Date.now() + 1000,
      '{"item":{"event":{"plain":"what ada wrote"}}}',
    );
    expect((await desk.letters.newest({}, 10)).map(({ event }) => event)).toHaveLength(1);
    expect(await desk.letters.all({})).toHaveLength(1);
  });

  /** The same Redis by settings without the link. */
  async function retired(settings: Settings): Promise<void> {
    const rooms = settings.rooms.map((room) => ({
      ...room,
      links: room.links.filter(({ network }) => network !== 'b'),
    }));
    const other = openDesk({ ...settings, rooms });
    const places = await other.letters.all({});
    const looked = await other.letters.replay(places);
    expect(looked.map(({ verdict, link }) => [verdict, link])).toEqual([
      ['retired', null],
      ['retired', null],
    ]);
    expect(await other.letters.drop(places)).toHaveLength(2);
    await other.close();
  }
});
