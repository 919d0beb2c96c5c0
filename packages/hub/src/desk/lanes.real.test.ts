import { later } from '@brygga/contract';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../../test/servers/index.ts';
import { HubHouse } from '../../test/hub-house.ts';
import { type LaneReport, type OperatorsDesk, openDesk } from './index.ts';

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

async function two(link: object = {}) {
  house = new HubHouse(redis.url, ['a', 'b']);
  const settings = house.settings({}, { links: { b: link } });
  const hub = await house.start(settings);
  desk = openDesk(settings);
  return { hub, a: house.network('a'), b: house.network('b') };
}

const laneOfB = async (): Promise<LaneReport | undefined> => {
  const [room] = await desk.lanes(desk.rooms, false);
  return room?.lanes.find(({ link }) => link?.id === 'b');
};

describe('lanes', () => {
  it('that are empty are left out, if not asked for', async () => {
    await two();
    await house.quiet();
    expect(await desk.lanes(desk.rooms, false)).toEqual([]);
    const [room] = await desk.lanes(desk.rooms, true);
    expect(room).toMatchObject({ room: 'r', aside: 0, dead: 0 });
    expect(
      room?.lanes.map(({ link, state }) => [link?.id ?? null, link?.organisation ?? null, state]),
    ).toEqual([
      [null, null, 'empty'],
      ['a', 'Agency A', 'empty'],
      ['b', 'Agency B', 'empty'],
    ]);
  });

  it('of a network that is down are held, with what their head went through', async () => {
    const { a, b } = await two();
    b.answer = () => later('NETWORK_DOWN', { afterMs: 30_000 });
    await a.say('one');
    await a.say('two');
    const held = await waitFor(async () => {
      const lane = await laneOfB();
      return lane?.state === 'held' && lane.items === 2 ? lane : null;
    });
    expect(held).toMatchObject({
      owner: null,
      head: { kind: 'message', replays: 0, failed: { tries: 1, code: 'NETWORK_DOWN' } },
    });
    expect(held.hold?.leftMs).toBeGreaterThan(20_000);
    expect(JSON.stringify(held)).not.toMatch(/one|ada/);
  });

  it('that are drained name their owner; those of a hub that stopped nobody', async () => {
    const { hub, a, b } = await two();
    const gate = Promise.withResolvers<void>();
    b.answer = (delivery) => gate.promise.then(() => b.arrive(delivery));
    await a.say('one');
    const worked = await waitFor(async () => {
      const lane = await laneOfB();
      return lane?.state === 'worked' ? lane : null;
    });
    expect(worked.owner?.name).not.toBe('');
    b.answer = () => later('NETWORK_DOWN', { afterMs: 1 });
    await a.say('two');
    await hub.stop();
    gate.resolve();
    await house.raw.del(house.key('out:b:hold'));
    expect(await laneOfB()).toMatchObject({ state: 'nobody', owner: null });
  });

  it('of a paused link are paused', async () => {
    const { a } = await two({ mode: 'paused' });
    await a.say('one');
    await waitFor(async () => (await laneOfB())?.state === 'paused');
  });
});
