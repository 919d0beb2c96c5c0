import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askRedis, type ClusteredRedis, startClusteredRedis } from '../../../test/servers/index.ts';
import { FakeNetwork, manifest } from '../test/fake-network.ts';
import { HubHouse } from '../test/hub-house.ts';
import { checkRedis } from './index.ts';
import { Settings } from './settings/schema.ts';

/** Enough that each of the three masters has some. */
const ROOMS = Array.from({ length: 9 }, (_, index) => `c${index}`);

let redis: ClusteredRedis;
let house: HubHouse;
beforeAll(async () => {
  redis = await startClusteredRedis({ copies: true });
}, 60_000);
afterAll(() => redis.stop());
afterEach(() => house?.close());

function houseOf(...ids: readonly string[]): void {
  const made = manifest({}, { sendWindow: 4 });
  house = new HubHouse(
    redis.servers[0]?.url ?? '',
    ids.map((id) => new FakeNetwork(id, made)),
  );
}

/** A room for each channel, the same on every network. */
function clustered(replicas = 1): Settings {
  const { redis: place, rooms, ...more } = house.settings();
  const [room] = rooms;
  const { url, cluster } = redis;
  return Settings.parse({
    ...more,
    redis: { ...place, url, cluster, replicas },
    rooms: ROOMS.map((channel) => ({
      ...room,
      id: channel,
      links: room?.links.map((link) => ({ ...link, channel })),
    })),
  });
}

const textsIn = (network: FakeNetwork, channel: string): string[] =>
  network.shown.filter((one) => one.channel === channel && one.by !== null).map(({ text }) => text);

const laneOf = (room: string): string => `${house.prefix}:{${room}}:in`;

describe('the data of the hub lies in a cluster', () => {
  it('masters are killed in the middle of it all: nothing is lost, doubled or out of order', async () => {
    houseOf('a', 'b', 'c');
    await house.start(clustered());
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index}`);
    const writing = Promise.all(
      ROOMS.map(async (channel) => {
        for (const line of lines) await house.network('a').insist(`${line} in ${channel}`, { channel });
      }),
    );
    for (const [room, after] of [
      ['c0', 60],
      ['c1', 240],
    ] as const) {
      await waitFor(() => house.network('b').texts.length >= after, { withinMs: 60_000 });
      const master = await redis.masterOf(laneOf(room));
      await master.stop({ signal: 'SIGKILL' });
      const another = async () => (await redis.masterOf(laneOf(room))) !== master;
      await waitFor(another, { withinMs: 30_000, what: 'a copy is the master' });
      await master.start();
      await redis.settled();
    }
    await writing;
    for (const id of ['b', 'c']) {
      const network = house.network(id);
      await waitFor(() => network.texts.length >= ROOMS.length * lines.length, { withinMs: 60_000 });
      for (const channel of ROOMS)
        expect(textsIn(network, channel)).toEqual(lines.map((line) => `${line} in ${channel}`));
    }
  }, 180_000);

  it('the rooms of the other masters do not wait for one that is away', async () => {
    houseOf('a', 'b');
    await house.start(clustered(0));
    await redis.settled();
    const master = await redis.masterOf(laneOf('c0'));
    const rooms: [string, boolean][] = [];
    for (const room of ROOMS) rooms.push([room, (await redis.masterOf(laneOf(room))) === master]);
    master.suspend();
    try {
      const a = house.network('a');
      await Promise.all(
        rooms.filter(([, away]) => !away).map(([channel]) => a.insist(`in ${channel}`, { channel })),
      );
      for (const [channel, away] of rooms)
        if (!away)
          await waitFor(() => textsIn(house.network('b'), channel).length === 1, { withinMs: 30_000 });
    } finally {
      master.resume();
    }
    await redis.settled();
  }, 90_000);

  it('is told of before the start, each master for itself', async () => {
    houseOf('a', 'b');
    const tell = async (more: object = {}) =>
      (await checkRedis({ ...clustered().redis, ...more })).map(({ level, what }) => `${level}: ${what}`);
    expect(await tell()).toEqual([
      expect.stringMatching(/^ok: Redis \d/),
      'ok: maxmemory-policy noeviction',
      expect.stringMatching(/^ok: append-only file on/),
      'ok: each step is on 1 of 1 copies before it counts',
      'ok: data of schema 1',
    ]);
    expect(await tell({ replicas: 0 })).toContain(
      'warn: a fail-over may forget messages that were accepted just before it',
    );
    expect(await tell({ cluster: undefined, url: redis.servers[0]?.url })).toEqual([
      'fail: this Redis is a node of a cluster',
    ]);
    const masters = await Promise.all(ROOMS.map((room) => redis.masterOf(laneOf(room))));
    const [one, other] = [masters[0], masters.find((master) => master !== masters[0])];
    const id = await askRedis(other?.url ?? '', ['CLUSTER', 'MYID']);
    const slot = String(await askRedis(one?.url ?? '', ['CLUSTER', 'KEYSLOT', laneOf('c0')]));
    const set = (...words: string[]) => askRedis(one?.url ?? '', ['CLUSTER', 'SETSLOT', slot, ...words]);
    await set('MIGRATING', String(id));
    expect(await tell()).toContainEqual(expect.stringMatching(/^fail: \S+: slots are being moved/));
    await set('STABLE');
    expect(await tell({ cluster: { hosts: ['127.0.0.1:1'] } })).toEqual([
      'fail: no Redis that is a node of a cluster can be reached',
    ]);
  });
});
