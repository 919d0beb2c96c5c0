import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ReplicatedRedis, startReplicatedRedis } from '../../../test/servers/index.ts';
import { FakeNetwork, manifest } from '../test/fake-network.ts';
import { HubHouse } from '../test/hub-house.ts';
import { checkRedis } from './index.ts';
import type { Settings } from './settings/schema.ts';

let redis: ReplicatedRedis;
let house: HubHouse;
beforeAll(async () => {
  redis = await startReplicatedRedis();
}, 60_000);
afterAll(() => redis.stop());
afterEach(() => house?.close());

const replicated = (replicas: number): Settings => {
  const settings = house.settings();
  const { sentinel } = redis;
  return {
    ...settings,
    redis: { ...settings.redis, replicas, sentinel: { ...sentinel, hosts: [...sentinel.hosts] } },
  };
};

it('the master is killed twice in the middle of it all: nothing is lost, doubled or out of order', async () => {
  const made = manifest({}, { sendWindow: 4 });
  house = new HubHouse(redis.url, ['a', new FakeNetwork('b', made), new FakeNetwork('c', made)]);
  await house.start(replicated(1));
  const texts = Array.from({ length: 300 }, (_, index) => `line ${index}`);
  const writing = (async () => {
    for (const text of texts) await house.network('a').insist(text);
  })();
  for (const after of [50, 150]) {
    await waitFor(() => house.network('b').texts.length >= after, { withinMs: 60_000 });
    const master = await redis.master();
    await master.stop({ signal: 'SIGKILL' });
    await waitFor(async () => (await redis.master()) !== master, { withinMs: 30_000, what: 'a new master' });
    await master.start();
    await redis.settled();
  }
  await writing;
  for (const id of ['b', 'c']) {
    const network = house.network(id);
    await waitFor(() => network.texts.length >= texts.length, { withinMs: 60_000 });
    expect(network.texts).toEqual(texts);
  }
  const raw = redis.client();
  const lanes = ['in', 'aside', 'out:a', 'out:b', 'out:c'].map((lane) => house.key(lane));
  await waitFor(async () => (await raw.exists(...lanes)) === 0, {
    withinMs: 30_000,
    what: 'the lanes are empty',
  });
  raw.disconnect();
}, 180_000);

it('what too few copies have is not accepted, and goes no further until they have', async () => {
  house = new HubHouse(redis.url, ['a', 'b']);
  await house.start(replicated(1));
  const [a, b] = [house.network('a'), house.network('b')];
  await redis.settled();
  const master = await redis.master();
  const copies = redis.servers.filter((server) => server !== master);
  for (const copy of copies) copy.suspend();
  const event = a.incoming({}, { kind: 'message', plain: 'late', body: { type: 'root', children: [] } });
  await expect(a.accept(event)).rejects.toThrow();
  expect(b.texts).toEqual([]);
  for (const copy of copies) copy.resume();
  await waitFor(() => a.accept(event), { withinMs: 30_000, everyMs: 20, what: 'the message is taken' });
  await waitFor(() => b.texts.length > 0, { withinMs: 30_000 });
  expect(b.texts).toEqual(['late']);
}, 90_000);

it('is told before the start what a fail-over would cost', async () => {
  house = new HubHouse(redis.url, ['a', 'b']);
  const tell = async (replicas: number) =>
    (await checkRedis(replicated(replicas).redis)).map(({ level, what }) => `${level}: ${what}`);
  expect(await tell(0)).toContain('warn: a fail-over may forget messages that were accepted just before it');
  expect(await tell(2)).toContain('ok: each step is on 2 of 2 copies before it counts');
  expect(await tell(3)).toContain('fail: redis.replicas is 3, but Redis has 2 copies: it would take nothing');
  const unknown = { ...replicated(1).redis, sentinel: { ...redis.sentinel, name: 'other' } };
  expect((await checkRedis(unknown)).map(({ what }) => what)).toEqual([
    'no sentinel names a master "other" that can be reached',
  ]);
});
