import { later } from '@brygga/contract';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { HubHouse } from '../test/hub-house.ts';

let redis: RedisServer;
let house: HubHouse;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
afterEach(async () => {
  await memory('0');
  await house.close();
});

const memory = (bytes: string): Promise<unknown> => house.raw.config('SET', 'maxmemory', bytes);
const message = (text: string) =>
  house.network('a').incoming({}, { kind: 'message', plain: text, body: { type: 'root', children: [] } });

it('when Redis is full nothing is accepted, all that was is carried, and no hand is needed after', async () => {
  house = new HubHouse(redis.url);
  const hub = await house.start();
  const [a, b] = [house.network('a'), house.network('b')];
  b.answer = () => later('NETWORK_BUSY', { afterMs: 100 });
  const texts = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  for (const text of texts) await a.accept(message(text));
  await waitFor(() => b.tries.length > 0);
  await memory('1');
  const refused = message('when full');
  await expect(a.accept(refused)).rejects.toThrow();
  expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${hub.url}/readyz`)).json()).toMatchObject({ waitingFor: { redis: 'full' } });
  const counted = await (await fetch(`${hub.url}/metrics`)).text();
  expect(counted).toContain('brygga_redis_errors_total{code="REDIS_FULL"} 1\n');
  b.answer = (delivery) => b.arrive(delivery);
  await waitFor(() => b.texts.length === texts.length, { withinMs: 20_000, what: 'what waited is carried' });
  await house.quiet(20_000);
  await expect(a.accept(refused)).rejects.toThrow();
  await memory('0');
  await waitFor(() => a.accept(refused), { withinMs: 20_000, everyMs: 20, what: 'the message is taken' });
  await waitFor(() => b.texts.length > texts.length);
  expect(b.texts).toEqual([...texts, 'when full']);
  expect(await (await fetch(`${hub.url}/readyz`)).text()).not.toContain('full');
});
