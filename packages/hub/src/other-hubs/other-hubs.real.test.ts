import { systemClock } from '@brygga/contract';
import { channelId } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../../test/servers/index.ts';
import { HubHouse } from '../../test/hub-house.ts';
import { Square, SquareNetwork } from '../../test/square.ts';
import type { Hub } from '../hub.ts';
import type { Settings } from '../settings/index.ts';
import { checkOtherHubs } from './check.ts';

let redis: RedisServer;
let houses: HubHouse[];
let near: Square;
let far: Square;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(() => {
  [near, far, houses] = [new Square(), new Square(), []];
});
afterEach(async () => {
  for (const house of houses) await house.close();
});

interface Own {
  readonly house: HubHouse;
  readonly settings: Settings;
  start(): Promise<Hub>;
}

/** One organisation's hub, with a Redis of its own (a prefix), between the two squares. */
function hub(name: string, room: Readonly<Record<string, unknown>> = {}, id = name): Own {
  const networks = [new SquareNetwork('near', near), new SquareNetwork('far', far)];
  const house = new HubHouse(redis.url, networks);
  houses.push(house);
  const settings = house.settings({}, room, { id });
  return { house, settings, start: () => opened(house.start(settings)) };
}

/** From then on its links are open: nothing that is said is from before. */
async function opened(starting: Promise<Hub>): Promise<Hub> {
  const started = await starting;
  await waitFor(async () => (await fetch(`${started.url}/readyz`)).ok, { what: 'the hub is ready' });
  return started;
}

/** People talk on both sides until `stop`, which gives all they said. */
function talk(name: string): { stop(): Promise<readonly string[]> } {
  const said: string[] = [];
  let on = true;
  const talking = (async () => {
    for (let at = 0; on; at += 1) {
      for (const [side, square] of [
        ['near', near],
        ['far', far],
      ] as const) {
        const text = `${name} ${side} ${at}`;
        said.push(text);
        square.say(text);
      }
      await systemClock.sleep(3);
    }
  })();
  return {
    stop: async () => {
      on = false;
      await talking;
      return said;
    },
  };
}

/** Each side has all that was said on both, once. */
async function expectOnce(lines: readonly string[]): Promise<void> {
  for (const square of [near, far]) {
    await waitFor(() => new Set(square.texts()).size >= lines.length, {
      withinMs: 20_000,
      what: 'all of it is there',
    });
  }
  for (const house of houses) await house.quiet();
  const wanted = lines.toSorted();
  for (const square of [near, far]) expect(square.texts().toSorted()).toEqual(wanted);
}

const dropped = async (of: Hub, reason = 'otherHub'): Promise<number> => {
  const { values } = await of.metrics.dropped.get();
  return values.filter(({ labels }) => labels.reason === reason).reduce((sum, { value }) => sum + value, 0);
};
const cutOf = async (of: Hub): Promise<unknown> =>
  ((await (await fetch(`${of.url}/readyz`)).json()) as { cut?: unknown }).cut;
const times = ({ house }: Own, code: string): number => house.logged.filter((one) => one === code).length;

describe('two hubs between the same two channels', () => {
  it('carry each message once: the later one yields from its start', async () => {
    const [first, second] = [hub('first'), hub('second')];
    const earlier = await first.start();
    const talking = talk('on');
    await waitFor(() => far.texts().length > 20);
    const later = await second.start();
    await waitFor(async () => (await dropped(later)) > 10);
    await expectOnce(await talking.stop());
    expect(await dropped(earlier)).toBe(0);
    expect(await cutOf(earlier)).toBeUndefined();
    expect(await cutOf(later)).toEqual({ 'r/far': 'otherHub' });
    const { values } = await later.metrics.cut.get();
    expect(values).toMatchObject([{ labels: { room: 'r', link: 'far', reason: 'otherHub' }, value: 1 }]);
    expect(times(second, 'link.cut')).toBe(1);
    expect(await checkOtherHubs(first.settings, systemClock)).toMatchObject([{ level: 'ok' }]);
    const [finding] = await checkOtherHubs(second.settings, systemClock);
    expect(finding).toMatchObject({
      level: 'warn',
      what: expect.stringContaining('the link far of the room r'),
    });
    // Said once in either channel: by the one that yields here, carried on by the other.
    await waitFor(() => far.texts(true).length === 1);
    expect(near.texts(true)).toEqual(far.texts(true));
    expect(near.texts(true)[0]).toContain('Another bridge');
  });

  it('the later one carries nothing before it knows who is in all of the channels', async () => {
    await hub('first').start();
    const { promise: entering, resolve: enter } = Promise.withResolvers<void>();
    const second = hub('second');
    const slow = second.house.network('far');
    if (slow instanceof SquareNetwork) slow.entering = entering;
    const later = await second.house.start(second.settings);
    const lines = ['one', 'two', 'three'];
    const { raw } = second.house;
    await waitFor(async () => (await raw.hexists(second.house.key('cursors'), 'near')) === 1);
    for (const line of lines) near.say(line);
    await waitFor(async () => {
      const { values } = await later.metrics.accepted.get();
      return values.some(({ labels, value }) => labels.network === 'near' && value === lines.length);
    });
    expect(await dropped(later)).toBe(0);
    enter();
    await waitFor(async () => (await dropped(later)) >= lines.length);
    await expectOnce(lines);
  });

  it('of one name do as well', async () => {
    const [first, second] = [hub('first', {}, 'brygga'), hub('second', {}, 'brygga')];
    await first.start();
    const later = await second.start();
    const talking = talk('on');
    await waitFor(async () => (await dropped(later)) > 10);
    await expectOnce(await talking.stop());
  });

  it('that start at the same moment come to the same end', async () => {
    const talking = talk('on');
    const both = await Promise.all([hub('first').start(), hub('second').start()]);
    const end = await talking.stop();
    const more = talk('more');
    await waitFor(async () => (await dropped(both[0])) + (await dropped(both[1])) > 10);
    const lines = await more.stop();
    const heard = await waitForAll(lines);
    expect(heard).toEqual([lines.length, lines.length]);
    // What was said before either was there is nobody's.
    expect(doubles([...end, ...lines])).toEqual([]);
  });

  it('each carry what the other does not', async () => {
    const beyond = new Square();
    const networks = [
      new SquareNetwork('beyond', beyond),
      new SquareNetwork('near', near),
      new SquareNetwork('far', far),
    ];
    await hub('first').start();
    const wide = new HubHouse(redis.url, networks);
    houses.push(wide);
    const later = await opened(wide.start(wide.settings({}, {}, { id: 'wide' })));
    expect(await cutOf(later)).toEqual({ 'r/far': 'otherHub' });
    const lines = ['beyond', 'near', 'far'].map((side) => `from ${side}`);
    for (const [index, square] of [beyond, near, far].entries()) square.say(lines[index] ?? '');
    for (const square of [beyond, near, far])
      await waitFor(() => square.texts().length >= 3, { what: 'all of it is there' });
    for (const house of houses) await house.quiet();
    for (const square of [beyond, near, far]) expect(square.texts().toSorted()).toEqual(lines.toSorted());
  });

  it('when the earlier one ends, the other yields on: it is back after an upgrade, and carries what came meanwhile', async () => {
    const [first, second] = [hub('first'), hub('second')];
    const earlier = await first.start();
    const later = await second.start();
    const talking = talk('on');
    await waitFor(async () => (await dropped(later)) > 10);
    await earlier.stop();
    const before = await dropped(later);
    await waitFor(async () => (await dropped(later)) > before + 10);
    expect(await cutOf(later)).toEqual({ 'r/far': 'otherHub' });
    const again = await first.start();
    await expectOnce(await talking.stop());
    expect(await dropped(again)).toBe(0);
  });

  it('when the earlier one has ended for good, the other carries once it is started anew', async () => {
    const [first, second] = [hub('first'), hub('second')];
    const earlier = await first.start();
    const later = await second.start();
    expect(await cutOf(later)).toEqual({ 'r/far': 'otherHub' });
    await earlier.stop();
    await later.stop();
    const again = await second.start();
    const talking = talk('alone');
    await waitFor(() => far.texts().length > 20);
    const lines = await talking.stop();
    expect(await waitForAll(lines, [second.house])).toEqual([lines.length, lines.length]);
    expect(await cutOf(again)).toBeUndefined();
    expect(times(second, 'link.free')).toBe(1);
    expect(await checkOtherHubs(second.settings, systemClock)).toMatchObject([{ level: 'ok' }]);
  });

  it('several processes of the later one yield, whichever of them looks at a channel', async () => {
    const first = hub('first');
    await first.start();
    const second = hub('second');
    const one = await second.start();
    const two = await opened(second.house.start(second.settings));
    await waitFor(async () => (await cutOf(two)) !== undefined);
    expect([await cutOf(one), await cutOf(two)]).toEqual([{ 'r/far': 'otherHub' }, { 'r/far': 'otherHub' }]);
    const talking = talk('on');
    await waitFor(() => far.texts().length > 20);
    await one.stop();
    const more = far.texts().length + 20;
    await waitFor(() => far.texts().length > more);
    await expectOnce(await talking.stop());
    expect(await cutOf(two)).toEqual({ 'r/far': 'otherHub' });
  });

  it('both carry where the later one is told to ignore it', async () => {
    await hub('first').start();
    const later = await hub('second', { otherHubs: 'ignore' }).start();
    near.say('hello');
    await waitFor(() => far.texts().length >= 2);
    expect(far.texts().slice(0, 2)).toEqual(['hello', 'hello']);
    expect(await cutOf(later)).toBeUndefined();
  });
});

describe('one hub', () => {
  it('with two links to one channel carries by the first of them', async () => {
    const networks = ['near', 'again'].map((id) => new SquareNetwork(id, near));
    const house = new HubHouse(redis.url, [...networks, new SquareNetwork('far', far)]);
    houses.push(house);
    const own = await opened(house.start(house.settings({}, {}, { id: 'hub' })));
    expect(await cutOf(own)).toEqual({ 'r/again': 'linkedTwice' });
    const talking = talk('on');
    await waitFor(() => far.texts().length > 20);
    await expectOnce(await talking.stop());
    expect(await dropped(own, 'linkedTwice')).toBeGreaterThan(0);
  });

  it('that starts again goes on at once, and keeps its place', async () => {
    const first = hub('first');
    const before = await first.start();
    const notices = (): unknown[] => [...near.channel(channelId('c')).notices.values()];
    const [notice] = notices();
    await before.stop();
    expect(notices()).toEqual([]);
    const talking = talk('on');
    await first.start();
    expect(notices()).toEqual([notice]);
    await waitFor(() => far.texts().length > 20);
    await expectOnce(await talking.stop());
  });
});

/** How many of the lines each side has by now, once all of them are on both. */
async function waitForAll(lines: readonly string[], on = houses): Promise<number[]> {
  const count = (square: Square): number => square.texts().filter((text) => lines.includes(text)).length;
  await waitFor(() => [near, far].every((square) => count(square) >= lines.length), { withinMs: 10_000 });
  for (const house of on) await house.quiet();
  return [near, far].map(count);
}

/** Lines that a side has more than once. */
const doubles = (lines: readonly string[]): string[] =>
  [near, far].flatMap((square) => {
    const texts = square.texts();
    return lines.filter((line) => texts.indexOf(line) !== texts.lastIndexOf(line));
  });
