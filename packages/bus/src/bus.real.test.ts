import { eventId, nativeId, networkId, personId, type Signal } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { A, accept, B, fresh, House, outboxOfB, place, planFor, ROOM, won } from '../test/house.ts';
import { field, personKey } from './index.ts';

let redis: RedisServer;
let house: House;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(() => {
  house = new House(redis.url);
});
afterEach(() => house.close());

const never = new AbortController().signal;

describe('leases', () => {
  it('go from holder to holder with a growing token', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const first = won(await one.lease('network:n', never));
    const waiting = two.lease('network:n', never);
    await first.release();
    expect(won(await waiting).token).toBe(first.token + 1);
    expect(won(await one.lease('network:m', never)).token).toBe(1);
  });

  it('are renewed, and told as lost when somebody took them', async () => {
    const bus = house.bus('one', { leaseMs: 800 });
    const lease = won(await bus.lease('l', never));
    const key = `${house.prefix}:{lease:l}`;
    await waitFor(async () => (await house.raw.pttl(key)) < 650);
    await waitFor(async () => (await house.raw.pttl(key)) > 650);
    await house.raw.set(key, 'two:9');
    await waitFor(() => lease.lost.aborted);
  });

  it('of a dead process fall to another', async () => {
    const [one, two] = [house.bus('one', { leaseMs: 500 }), house.bus('two', { leaseMs: 500 })];
    await one.lease('l', never);
    await one.close();
    expect(won(await two.lease('l', never)).token).toBe(2);
  });

  it('waiting for one ends when it is called off', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    await one.lease('l', never);
    const off = new AbortController();
    const waiting = two.lease('l', off.signal);
    off.abort();
    expect(await waiting).toBeNull();
  });

  it('a lane is kept as long as it is drained, and lost with its lease', async () => {
    const bus = house.bus('one', { leaseMs: 600 });
    const claim = await outboxOfB(bus, ['m1']);
    await waitFor(async () => (await house.raw.pttl(house.key('out:b:own'))) < 460);
    await waitFor(async () => (await house.raw.pttl(house.key('out:b:own'))) > 460);
    expect(bus.owns(claim)).toBe(true);
    await house.raw.del(house.key('out:b:own'));
    await waitFor(() => !bus.owns(claim));
  });
});

describe('scripts', () => {
  it('are sent again when Redis has forgotten them', async () => {
    const bus = house.bus();
    await house.raw.script('FLUSH');
    const claim = await outboxOfB(bus, ['m1']);
    await house.raw.script('FLUSH');
    const [one, two] = await Promise.all([
      bus.record(claim, B, [], 1, true),
      bus.accept(place(), [fresh('m2')]),
    ]);
    expect(one).toEqual({ left: 0, next: [] });
    expect(two.fresh).toHaveLength(1);
  });

  it('what Redis refuses is an error, not an unknown script', async () => {
    const bus = house.bus();
    await house.raw.set(house.key('in'), 'no list');
    await expect(accept(bus, ['m1'])).rejects.toThrow(/WRONGTYPE/);
  });
});

describe('the id map', () => {
  const person = personKey({ network: networkId('net-a'), person: personId('ada') });

  it('finds by the best id that is known', async () => {
    const bus = house.bus();
    const events = [fresh('m1'), fresh('m2')];
    await bus.accept(place(), events);
    const find = (...natives: string[]) => bus.idMap.find(ROOM, A, natives.map(nativeId));
    expect(await find('m2', 'm1')).toBe(events[1]?.id);
    expect(await find('x', 'm1', 'm2')).toBe(events[0]?.id);
    expect(await find('x')).toBeNull();
  });

  it('knows nothing of an event that is not there', async () => {
    const { idMap } = house.bus();
    const unknown = eventId('00000000-0000-7000-8000-00000000ffff');
    expect(await idMap.known(ROOM, unknown)).toBeNull();
    expect(await idMap.natives(ROOM, unknown, B)).toEqual([]);
    expect(await idMap.reactions(ROOM, unknown, person)).toEqual([]);
    expect(await idMap.reacted(ROOM, unknown, B, person)).toEqual({});
  });

  it('gives back what was written about an event', async () => {
    const bus = house.bus();
    const inbox = won((await accept(bus, ['m1'])).claim);
    const { event } = won(inbox.items[0]);
    const values: Record<string, string> = {
      [field.about]: 'e1',
      [field.emoji]: '["👍"]',
      [field.deleted]: '1',
      [field.edited]: 'e5',
      [field.threadRoot]: 'e2',
      [field.threadBefore]: 'e4',
      [field.threadLast]: 'e3',
      [field.reactions(person)]: '["👍","❤️"]',
      [field.reacted(B, person)]: '{"👍":"n1"}',
      [field.link(B)]: '[{"id":"n2","roles":{"first":"n3"}}]',
    };
    const writes = Object.entries(values).map(([name, value]) => ({ event: event.id, field: name, value }));
    await bus.commitPlan(inbox, { ...planFor([event], []), writes });
    expect(await bus.idMap.known(ROOM, event.id)).toEqual({
      event: event.id,
      kind: 'message',
      author: { network: 'net-a', person: 'ada' },
      about: 'e1',
      emoji: ['👍'],
      deleted: true,
      edited: 'e5',
      threadRoot: 'e2',
      threadBefore: 'e4',
      threadLast: 'e3',
    });
    expect(await bus.idMap.reactions(ROOM, event.id, person)).toEqual(['👍', '❤️']);
    expect(await bus.idMap.reacted(ROOM, event.id, B, person)).toEqual({ '👍': 'n1' });
    expect(await bus.idMap.natives(ROOM, event.id, B)).toEqual([{ id: 'n2', roles: { first: 'n3' } }]);
  });
});

describe('the store of a network', () => {
  it('keeps facts by name, apart from other networks', async () => {
    const bus = house.bus();
    const store = bus.store(networkId('n1'));
    await store.set('nick', 'ada');
    expect(await house.bus('two').store(networkId('n1')).get('nick')).toBe('ada');
    expect(await bus.store(networkId('n2')).get('nick')).toBeNull();
    await store.delete('nick');
    expect(await store.get('nick')).toBeNull();
  });
});

describe('signals', () => {
  const typing: Signal = {
    kind: 'typing',
    network: networkId('n1'),
    channel: fresh('m').event.origin.channel,
    sender: fresh('m').event.sender,
    active: true,
    at: 1,
  };

  it('reach all processes, also after Redis was away, and are dropped while it is', async () => {
    const [one, two] = [house.bus('one'), house.bus('two')];
    const heard: Signal[] = [];
    await two.signals.subscribe((signal) => heard.push(signal));
    await one.ping();
    one.signals.publish(typing);
    await waitFor(() => heard.length === 1);
    expect(heard).toEqual([typing]);
    await redis.stop();
    await waitFor(() => !one.ready);
    one.signals.publish(typing);
    await redis.start();
    await waitFor(
      () => {
        one.signals.publish({ ...typing, active: false });
        return heard.length > 1;
      },
      { withinMs: 10_000 },
    );
    expect(heard.slice(1).every((signal) => signal.kind === 'typing' && !signal.active)).toBe(true);
  });
});
