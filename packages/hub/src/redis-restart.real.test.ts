import { type Outcome, unsure } from '@brygga/contract';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { FakeNetwork, manifest } from '../test/fake-network.ts';
import { HubHouse } from '../test/hub-house.ts';

let redis: RedisServer;
let house: HubHouse;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
afterEach(() => house.close());

const lines = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index}`);

describe('Redis is restarted in the middle of it all', () => {
  it.each([
    ['in good order', undefined, 1],
    ['by a kill', 'SIGKILL', 1],
    ['by a kill, several sends at once', 'SIGKILL', 4],
  ] as const)('%s: nothing is lost, doubled or out of order', async (_how, signal, sendWindow) => {
    const made = manifest({}, { sendWindow });
    house = new HubHouse(redis.url, ['a', new FakeNetwork('b', made), new FakeNetwork('c', made)]);
    await house.start();
    const a = house.network('a');
    const texts = lines(120);
    const writing = (async () => {
      for (const text of texts) await a.insist(text);
    })();
    for (const after of [20, 60]) {
      await waitFor(() => house.network('b').texts.length >= after, { withinMs: 30_000 });
      await redis.stop(signal === undefined ? {} : { signal });
      await redis.start();
    }
    await writing;
    for (const id of ['b', 'c']) {
      const network = house.network(id);
      await waitFor(() => network.texts.length >= texts.length, { withinMs: 30_000 });
      expect(network.texts).toEqual(texts);
      expect(network.mostOpen).toBe(1);
    }
    await house.quiet();
  });

  it('a send under way is found again, not sent twice', async () => {
    house = new HubHouse(redis.url);
    await house.start();
    const [a, b] = [house.network('a'), house.network('b')];
    const { promise, resolve } = Promise.withResolvers<void>();
    b.answer = async (delivery, tries): Promise<Outcome> => {
      if (tries > 1) return b.arrive(delivery);
      await promise;
      return b.arrive(delivery);
    };
    await a.say('one');
    await waitFor(() => b.tries.length === 1);
    await redis.stop({ signal: 'SIGKILL' });
    resolve();
    await waitFor(() => b.texts.length === 1);
    await redis.start();
    await house.quiet(30_000);
    await a.insist('two');
    await waitFor(() => b.texts.length === 2, { withinMs: 10_000 });
    expect(b.texts).toEqual(['one', 'two']);
  });
});

describe('while Redis is away', () => {
  it('a bridge is told that nothing is stored, within seconds', async () => {
    house = new HubHouse(redis.url);
    const hub = await house.start();
    const a = house.network('a');
    const event = a.incoming({}, { kind: 'message', plain: 'x', body: { type: 'root', children: [] } });
    const ready = async (): Promise<number> => (await fetch(`${hub.url}/readyz`)).status;
    await waitFor(async () => (await ready()) === 503); // its links have no cursor yet
    const { ctx } = a;
    const accept = () => ctx.accept({ channel: event.origin.channel, events: [event] });
    redis.suspend();
    const began = performance.now();
    const refused = await Promise.allSettled([accept(), accept()]);
    redis.resume();
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(performance.now() - began).toBeLessThan(10_000);
    await waitFor(() => a.accept(event), { withinMs: 20_000 });
    await waitFor(() => house.network('b').texts.length === 1, { withinMs: 20_000 });
  });

  it('the hub can be stopped all the same', async () => {
    house = new HubHouse(redis.url);
    const hub = await house.start(house.settings(), { stopWithinMs: 1000 });
    const [a, b] = [house.network('a'), house.network('b')];
    b.answer = () => unsure('NO_ANSWER');
    await a.say('one');
    await waitFor(() => b.tries.length === 1);
    await redis.stop();
    const began = performance.now();
    await hub.stop();
    expect(performance.now() - began).toBeLessThan(8000);
    await redis.start();
    expect(b.open.size).toBe(0);
  });
});
