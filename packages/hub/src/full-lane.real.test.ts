import { later } from '@brygga/contract';
import type { IncomingEvent } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import type { FakeNetwork } from '../test/fake-network.ts';
import { HubHouse, type Limits, metric } from '../test/hub-house.ts';
import { openDesk } from './desk/index.ts';

let redis: RedisServer;
let house: HubHouse;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
afterEach(() => house.close());

const message = (network: FakeNetwork, text: string): IncomingEvent =>
  network.incoming({}, { kind: 'message', plain: text, body: { type: 'root', children: [] } });

/** Has people on that network write until it is told to wait. What was taken, and what was not. */
async function fill(network: FakeNetwork, words: string) {
  const taken: string[] = [];
  const refused = await waitFor(
    async () => {
      const text = `${taken.length} ${words}`;
      const event = message(network, text);
      const error = await network.accept(event).catch((reason: unknown) => reason);
      if (error instanceof Error) return { event, text, error };
      taken.push(text);
      return null;
    },
    { withinMs: 20_000, everyMs: 2, what: 'the network is told to wait' },
  );
  return { taken, refused };
}

const bounds: readonly (readonly [what: string, limits: Limits, words: string])[] = [
  ['items', { laneItemsMax: 100 }, 'short'],
  ['bytes', { laneBytesMax: 100_000 }, 'long'.repeat(2000)],
];

it.each(bounds)(
  'a lane of a network that is down and holds its %s has the room wait, and goes on by itself',
  async (_, limits, words) => {
    house = new HubHouse(redis.url, ['a', 'b', 'c']);
    const settings = house.settings(limits);
    const hub = await house.start(settings);
    const [a, b, c] = [house.network('a'), house.network('b'), house.network('c')];
    b.answer = () => later('NETWORK_DOWN', { afterMs: 200 });
    const { taken, refused } = await fill(a, words);
    expect(refused.error).toMatchObject({ name: 'LaneFull', lane: 'out:b' });
    await expect(c.say('from c')).rejects.toThrow();
    await b.say('from b');
    await waitFor(() => c.texts.length > taken.length, { what: 'the others get what was taken' });
    expect(c.texts).toEqual([...taken, 'from b']);
    await waitFor(() => a.texts.length === 1);

    expect(await metric(hub, 'brygga_lane_full_total{room="r",lane="out:b"}')).toBe(2);
    expect(house.log.lines.filter(({ code }) => code === 'lane.full')).toMatchObject([
      { level: 'warn', fields: { network: 'a', room: 'r', lane: 'out:b' } },
    ]);
    const desk = openDesk(settings);
    const [room] = await desk.lanes(desk.rooms, false);
    await desk.close();
    expect(room?.lanes).toMatchObject([{ link: { id: 'b' }, full: true, items: taken.length }]);

    b.answer = () => null;
    await waitFor(
      () =>
        a.accept(refused.event).then(
          () => true,
          () => false,
        ),
      { withinMs: 20_000, everyMs: 50, what: 'what was refused is taken' },
    );
    await waitFor(() => b.texts.length > taken.length, { withinMs: 20_000, what: 'all arrives' });
    expect(b.texts).toEqual([...taken, refused.text]);
  },
);
