import type { Outcome } from '@brygga/contract';
import { type IncomingEvent, plainBody } from '@brygga/event';
import { dice, FaultClock, RedisGate, waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { ChildHub } from '../test/child-hub.ts';
import type { FakeNetwork } from '../test/fake-network.ts';
import { HubHouse } from '../test/hub-house.ts';

let redis: RedisServer;
let house: HubHouse;
const children: ChildHub[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  await house.close();
});

const said = (network: FakeNetwork, text: string): IncomingEvent =>
  network.incoming({}, { kind: 'message', plain: text, body: { type: 'root', children: [] } });

function child(window = 1): ChildHub {
  const hub = new ChildHub(house.settings(), house.networks, window);
  children.push(hub);
  return hub;
}

/** As a network does: the same again until somebody has taken it. */
async function insist(network: FakeNetwork, event: IncomingEvent): Promise<void> {
  await waitFor(
    async () => {
      const speaker = children.find((hub) => hub.speaksTo(network));
      return speaker !== undefined && (await speaker.accept(network, [event]));
    },
    { withinMs: 20_000, what: 'the event is taken' },
  );
}

const spoken = (network: FakeNetwork, by: ChildHub) =>
  waitFor(() => by.speaksTo(network), { withinMs: 12_000, what: 'the other process speaks to the network' });

describe('a killed process', () => {
  it('is replaced by another within 10 s, which treats what was begun as maybe sent', async () => {
    house = new HubHouse(redis.url);
    const [a, b] = [house.network('a'), house.network('b')];
    const first = child();
    await spoken(b, first);
    const second = child();
    b.answer = (delivery) => {
      b.arrive(delivery); // arrives, and the process dies over it
      return new Promise<Outcome>(() => undefined);
    };
    for (const text of ['one', 'two']) await insist(a, said(a, text));
    await waitFor(() => b.tries.length === 1);
    await first.kill();
    const died = performance.now();
    b.answer = () => null;
    await waitFor(() => b.texts.length === 2, { withinMs: 12_000 });
    expect(performance.now() - died).toBeLessThan(10_000);
    expect(second.speaksTo(b)).toBe(true);
    expect(b.texts).toEqual(['one', 'two']);
    expect(b.tries[1]).toMatchObject({ maybeSent: true, key: b.tries[0]?.key });
  });

  it('has sent what people answer before its successor knows of it: the answer finds it', async () => {
    house = new HubHouse(redis.url);
    const [a, b] = [house.network('a'), house.network('b')];
    const first = child();
    await spoken(b, first);
    const second = child();
    b.answer = (delivery) => {
      b.arrive(delivery);
      return new Promise<Outcome>(() => undefined);
    };
    const question = said(a, 'question');
    await insist(a, question);
    await waitFor(() => b.texts.length === 1);
    await first.kill();
    const lease = house.key('out:b:own');
    await house.raw.pexpire(lease, 60_000); // the lane's lease may last longer than the network's
    b.answer = () => null;
    await spoken(b, second);
    const replyTo = { natives: [b.find('question').id] };
    await insist(b, b.incoming({}, { kind: 'message', plain: 'answer', body: plainBody('answer'), replyTo }));
    expect(await house.raw.pexpire(lease, 1)).toBe(1);
    await waitFor(() => a.texts.length === 1, { withinMs: 10_000 });
    expect(a.find('answer').replyTo).toBe(question.origin.nativeId);
  });

  it.each([
    [1, 1],
    [2, 4],
  ])(
    'again and again, at any instruction: nothing is lost, doubled or out of order (seed %i, window %i)',
    async (seed, window) => {
      house = new HubHouse(redis.url, ['a', 'b', 'c']);
      const a = house.network('a');
      const chance = dice(seed);
      const texts = Array.from({ length: 200 }, (_, index) => `line ${index}`);
      let hub = child(window);
      let kills = 0;
      for (const [index, text] of texts.entries()) {
        // Killed in the middle of what the last lines have set off.
        if (index % 50 === 25 + chance.below(10)) {
          kills += 1;
          await hub.kill();
          hub = child(window);
        }
        await insist(a, said(a, text));
      }
      for (const id of ['b', 'c']) {
        const network = house.network(id);
        await waitFor(() => network.texts.length >= texts.length, { withinMs: 20_000 });
        await house.quiet();
        expect(network.texts).toEqual(texts);
      }
      expect(kills).toBeGreaterThan(0);
    },
  );
});

describe('a process that is cut off from Redis', () => {
  it('lets its networks go before another takes them over, and stands by when it is back', async () => {
    house = new HubHouse(redis.url);
    const gate = await RedisGate.to(redis.url);
    const [a, b] = [house.network('a'), house.network('b')];
    await house.start(house.settings({}, {}, {}, gate.url));
    await house.start();
    const before = a.ctx;
    await a.say('one');
    await waitFor(() => b.texts.length === 1);
    gate.cut();
    await expect(
      before.accept({ channel: said(a, 'x').origin.channel, events: [said(a, 'x')] }),
    ).rejects.toThrow();
    await waitFor(() => a.open.size > 0 && b.open.size > 0 && a.ctx !== before && b.ctx !== before, {
      withinMs: 10_000,
    });
    expect(a.mostOpen).toBe(1);
    gate.heal();
    await a.say('two');
    await waitFor(() => b.texts.length === 2);
    expect(b.texts).toEqual(['one', 'two']);
    expect(b.mostOpen).toBe(1);
    gate.close();
  });
});

describe('a process that is suspended', () => {
  it('over the preparing of a delivery does not send it when somebody else has meanwhile', async () => {
    house = new HubHouse(redis.url);
    const gate = await RedisGate.to(redis.url);
    const clock = new FaultClock();
    const [a, b] = [house.network('a'), house.network('b')];
    const first = await house.start(house.settings({}, {}, {}, gate.url), { clock });
    await house.start();
    const native = await a.say('one');
    await waitFor(() => b.texts.length === 1);
    await house.quiet();
    gate.meet = (command) => {
      // Where the message stands on b is looked up for the edit: here everything stops.
      if (!command.toString('latin1').includes('$5\r\nhmget') || !command.includes('l:b')) return undefined;
      gate.meet = null;
      gate.stall();
      clock.freeze();
      return undefined;
    };
    await a.edit(native, 'two');
    await waitFor(() => b.texts[0] === 'two', { withinMs: 12_000 });
    clock.thaw();
    gate.flow();
    await first.stop();
    await a.say('three');
    await waitFor(() => b.texts.length === 2);
    await house.quiet();
    expect(b.tries.filter(({ event }) => event.kind === 'edit')).toHaveLength(1);
    gate.close();
  });
});

describe('two processes that speak to different networks', () => {
  /** Process one on network a, process two on b: whoever is not to have a network finds it taken. */
  async function split() {
    const settings = house.settings({ leaseSeconds: 16 });
    const lease = (id: string): string => `${house.prefix}:{lease:network:${id}}`;
    await house.raw.set(lease('b'), 'somebody', 'PX', 60_000);
    const one = house.start(settings);
    await waitFor(() => house.network('a').open.size === 1);
    await house.raw.del(lease('b'));
    const two = house.start(settings);
    await Promise.all([one, two]);
  }

  it('reach each other at once, without waiting for a sweep', async () => {
    house = new HubHouse(redis.url);
    await split();
    const [a, b] = [house.network('a'), house.network('b')];
    await a.say('one');
    await waitFor(() => b.texts.length === 1);
    await b.say('two');
    await waitFor(() => a.texts.length === 1);
    await a.say('three');
    await waitFor(() => b.texts.length === 2);
  });

  it('tell the origin of what was refused elsewhere', async () => {
    house = new HubHouse(redis.url);
    await split();
    const [a, b] = [house.network('a'), house.network('b')];
    b.answer = () => ({ kind: 'refused', code: 'FORBIDDEN' });
    await a.say('one');
    await waitFor(() => a.notices.length === 1);
  });
});

describe('a process that stops in good order', () => {
  it('finishes what it has begun and gives everything up at once', async () => {
    house = new HubHouse(redis.url);
    const settings = house.settings({ leaseSeconds: 60 });
    const first = await house.start(settings);
    const [a, b] = [house.network('a'), house.network('b')];
    const { promise, resolve } = Promise.withResolvers<void>();
    b.answer = (delivery) => promise.then(() => b.arrive(delivery));
    for (const text of ['one', 'two', 'three']) await a.say(text);
    await waitFor(() => b.tries.length === 1);
    const stopping = first.stop();
    resolve();
    await stopping;
    expect(b.texts).toEqual(['one']);
    expect(b.open.size).toBe(0);
    expect(await house.raw.exists(house.key('out:b:own'), house.key('in:own'))).toBe(0);
    await house.start(settings);
    await waitFor(() => b.texts.length === 3);
    expect(b.texts).toEqual(['one', 'two', 'three']);
    expect(b.tries).toHaveLength(3);
  });

  it('cuts short what does not end, which is then maybe sent', async () => {
    house = new HubHouse(redis.url);
    const first = await house.start(house.settings(), { stopWithinMs: 300 });
    const [a, b] = [house.network('a'), house.network('b')];
    b.answer = (_delivery, tries) => (tries === 1 ? new Promise<Outcome>(() => undefined) : null);
    await a.say('one');
    await waitFor(() => b.tries.length === 1);
    const began = performance.now();
    await first.stop();
    expect(performance.now() - began).toBeLessThan(4000);
    await house.start();
    await waitFor(() => b.texts.length === 1, { withinMs: 10_000 });
    expect(b.tries[1]).toMatchObject({ maybeSent: true });
  });
});
