import type { Bridge, HttpFace, HubNotice, Lease } from '@brygga/contract';
import { type ChannelId, channelId, linkId, roomId } from '@brygga/event';
import { checkedLog, ManualClock } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeNetwork, manifest } from '../test/fake-network.ts';
import { BridgeHost, type HostParts } from './bridge-host.ts';
import { HttpListeners } from './http.ts';
import { Metrics } from './metrics.ts';
import type { Link } from './rooms.ts';

let clock: ManualClock;
let stop: AbortController;
let steps: string[];
let doubted: string[];
let network: FakeNetwork;
/** The lease of the moment: `lose` takes it away, the next `take` gives another. */
let leases: { lose: () => void; taken: number; released: number; free: boolean };
let log: ReturnType<typeof checkedLog>;
beforeEach(() => {
  clock = new ManualClock();
  stop = new AbortController();
  steps = [];
  doubted = [];
  network = new FakeNetwork('n');
  leases = { lose: () => undefined, taken: 0, released: 0, free: true };
  log = checkedLog([]);
});

async function take(_name: string, signal: AbortSignal): Promise<Lease | null> {
  while (!leases.free && !signal.aborted) await clock.sleep(100, signal);
  if (signal.aborted) return null;
  const lost = new AbortController();
  leases.free = false;
  leases.taken += 1;
  leases.lose = () => lost.abort();
  const release = async (): Promise<void> => {
    leases.released += 1;
    leases.free = true;
  };
  return { token: leases.taken, lost: lost.signal, release };
}

const link = (id: string): Link => ({
  id: linkId(id),
  room: roomId('r'),
  network: network.id,
  channel: channelId(`c-${id}`),
  mode: 'active',
  deliverWithinMs: 1000,
  manifest: manifest(),
  organisation: 'N',
  language: 'en',
  timeZone: 'Europe/Stockholm',
});

const notice = (id: string): HubNotice => ({ hub: 'hub', instance: 'i', room: 'r', link: id, since: 1 });

function host(more: Partial<Bridge> = {}, links: readonly Link[] = [link('x'), link('y')]) {
  const bridge: Bridge = { ...network.bridge(), ...more };
  const store = {
    get: async () => null,
    set: async () => undefined,
    delete: async () => undefined,
    reseal: async () => ({ resealed: 0, unreadable: 0, keys: [] }),
  };
  const parts: HostParts = {
    bus: {
      lease: take,
      store: () => store,
      cursor: async () => null,
      signals: { publish: () => undefined },
    },
    clock,
    log: log.log,
    metrics: new Metrics(false),
    hub: 'hub',
    newId: () => 'id',
    random: () => 0.5,
    listeners: new HttpListeners(),
    stop: stop.signal,
    accept: async () => ({ fresh: 0, unlinked: false }),
    up: () => void steps.push('up'),
    attended: () => void steps.push('attended'),
    unattended: async () => void steps.push('unattended'),
    maybeSent: { begins: ({ id }) => void doubted.push(id) },
    otherHubs: {
      begins: () => void steps.push('begins'),
      notice: ({ id }) => notice(id),
      heard: ({ id }, notices) => void steps.push(`heard ${id} ${notices.length}`),
    },
  };
  return new BridgeHost({ id: network.id, bridge, settings: {}, links }, parts);
}

const faults = (): number => log.lines.filter(({ code }) => code === 'network.fault').length;
const settle = (): Promise<void> => clock.advance(0);

describe('a bridge host', () => {
  it('opens under the lease, attaches all channels, and wakes what waits', async () => {
    const hosting = host();
    expect(hosting.state).toBe('standby');
    const running = hosting.run();
    await settle();
    expect(hosting.state).toBe('up');
    expect(hosting.bridge).not.toBeNull();
    expect(network.attached).toEqual(['c-x', 'c-y']);
    expect(steps.at(-1)).toBe('up');
    stop.abort();
    await running;
    expect(hosting.bridge).toBeNull();
    expect(network.open.size).toBe(0);
    expect(leases.released).toBe(1);
  });

  it('doubts at each opening what whoever spoke to the network before has sent, until that is over', async () => {
    const running = host({ open: async () => void doubted.push('open') }).run();
    await settle();
    const each = ['x', 'y', 'open', 'x', 'y'];
    expect(doubted).toEqual(each);
    leases.lose();
    await clock.advance(10_000);
    expect(doubted).toEqual([...each, ...each]);
    stop.abort();
    await running;
  });

  it('announces itself in each channel before it attaches it, and hears what stands there', async () => {
    const announced: string[] = [];
    const running = host({
      announce: (channel, { link: id }) => {
        expect(network.attached).not.toContain(channel);
        announced.push(`${channel} ${id}`);
      },
    }).run();
    await settle();
    expect(announced).toEqual(['c-x x', 'c-y y']);
    network.ctx.hubs(channelId('c-y'), [notice('x'), notice('y')]);
    network.ctx.hubs(channelId('no link'), []);
    const before = network.ctx;
    expect(steps).toContain('heard y 2');
    stop.abort();
    await running;
    before.hubs(channelId('c-x'), []);
    expect(steps.filter((step) => step.startsWith('heard'))).toEqual(['heard y 2']);
  });

  it('lets go at once when the lease is lost, and opens anew when it is won again', async () => {
    const hosting = host();
    const running = hosting.run();
    await settle();
    const before = network.ctx;
    leases.lose();
    expect(network.open.size).toBe(1);
    await settle();
    expect(leases).toMatchObject({ taken: 2, released: 1 });
    expect(network.ctx).not.toBe(before);
    expect(network.mostOpen).toBe(1);
    expect(hosting.state).toBe('up');
    stop.abort();
    await running;
  });

  it('stops attaching when the lease is lost meanwhile', async () => {
    const attached: ChannelId[] = [];
    const attach = async (channel: ChannelId): Promise<void> => {
      attached.push(channel);
      if (attached.length === 3) leases.lose();
      await clock.sleep(10);
    };
    const links = Array.from({ length: 40 }, (_, index) => link(`l${index}`));
    const running = host({ attach }, links).run();
    leases.free = true;
    await clock.advance(5);
    const before = attached.length;
    stop.abort();
    await clock.advance(1000);
    await running;
    expect(before).toBeLessThan(20);
    expect(attached).toHaveLength(before);
  });

  it('one channel that cannot be attached does not keep the others waiting', async () => {
    const attached: ChannelId[] = [];
    const attach = async (channel: ChannelId): Promise<void> => {
      if (channel === 'c-x') throw new TypeError('no');
      attached.push(channel);
    };
    const hosting = host({ attach });
    const running = hosting.run();
    await settle();
    expect(attached).toEqual(['c-y']);
    expect(hosting.state).toBe('up');
    expect(log.lines.find(({ code }) => code === 'network.fault')?.fields).toMatchObject({ link: 'x' });
    stop.abort();
    await running;
  });

  it('one that cannot be opened is tried again, is not ready meanwhile, and keeps nothing open', async () => {
    let tries = 0;
    const open = async (): Promise<void> => {
      tries += 1;
      throw new TypeError('no');
    };
    const hosting = host({ open });
    const running = hosting.run();
    await clock.advance(12_000);
    expect(tries).toBe(3);
    expect(hosting.state).toBe('down');
    expect(hosting.bridge).toBeNull();
    stop.abort();
    await running;
    expect(faults()).toBe(3);
  });

  it('whatever fails at the end, the lease is given up', async () => {
    const close = (): Promise<void> => Promise.reject(new TypeError('no'));
    const running = host({ close }).run();
    await settle();
    stop.abort();
    await running;
    expect(leases.released).toBe(1);
    expect(faults()).toBe(1);
    expect(steps).toContain('unattended');
  });

  it('tells once of a state that stays, and nothing after the close', async () => {
    const hosting = host();
    const running = hosting.run();
    await settle();
    const { ctx } = network;
    const ups = steps.filter((step) => step === 'up').length;
    ctx.state('up');
    ctx.state('up');
    expect(steps.filter((step) => step === 'up')).toHaveLength(ups);
    ctx.state('down', 'NETWORK_DOWN');
    ctx.state('up');
    expect(steps.filter((step) => step === 'up')).toHaveLength(ups + 1);
    stop.abort();
    await running;
    const lines = log.lines.length;
    ctx.state('up');
    expect(log.lines).toHaveLength(lines);
    expect(hosting.state).toBe('standby');
  });

  it('takes being down for trouble, but not when the hub was told to stop', async () => {
    const close = async (): Promise<void> => network.ctx.state('down', 'HUB_STOPPING');
    const running = host({ close }).run();
    await settle();
    network.ctx.state('down', 'NETWORK_DOWN');
    network.ctx.state('up');
    stop.abort();
    await running;
    const downs = log.lines.filter(({ fields }) => fields?.outcome === 'down');
    expect(downs.map(({ level, fields }) => [level, fields?.reason])).toEqual([
      ['warn', 'NETWORK_DOWN'],
      ['info', 'HUB_STOPPING'],
    ]);
  });

  it('opens what the bridge listens on before the bridge, and fails with it', async () => {
    const http: HttpFace = {
      host: 'no.such.host.invalid',
      port: 1,
      routes: [],
      unknown: () => ({ status: 404, body: {} }),
    };
    const hosting = host({ http });
    const running = hosting.run();
    stop.abort();
    await running;
    expect(network.open.size).toBe(0);
    expect(faults()).toBe(1);
  });
});
