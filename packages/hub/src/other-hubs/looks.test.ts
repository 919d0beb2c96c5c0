import type { ConnectionState } from '@brygga/contract';
import { channelId, linkId, type NetworkId, networkId, roomId } from '@brygga/event';
import { checkedLog, ManualClock } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { manifest } from '../../test/fake-network.ts';
import type { Link } from '../rooms.ts';
import { Looks } from './looks.ts';

const link = (network: string): Link => ({
  id: linkId(network),
  room: roomId('r'),
  network: networkId(network),
  channel: channelId('c'),
  mode: 'active',
  deliverWithinMs: 1000,
  manifest: manifest(),
  organisation: 'N',
  language: 'en',
  timeZone: 'Europe/Stockholm',
});
const [a, b] = [link('a'), link('b')];

let clock: ManualClock;
let states: Map<NetworkId, ConnectionState | 'standby'>;
let looks: Looks;
let logged: () => string[];
beforeEach(() => {
  clock = new ManualClock();
  states = new Map([
    [a.network, 'connecting'],
    [b.network, 'connecting'],
  ]);
  const { log, lines } = checkedLog([]);
  logged = () => lines.map(({ code, fields }) => `${code} ${fields?.network} ${fields?.reason}`);
  looks = new Looks({ clock, log, state: (network) => states.get(network) ?? 'standby' });
  looks.begins([a]);
  looks.begins([b]);
});

describe('a room', () => {
  it('waits until all of its channels were looked at', () => {
    expect(looks.isDue([a, b])).toBe(true);
    expect(looks.done(a)).toBe(true);
    expect(looks.isDue([a, b])).toBe(true);
    expect(looks.isDue([a])).toBe(false);
    expect(looks.done(b)).toBe(true);
    expect(looks.isDue([a, b])).toBe(false);
    expect(looks.done(b)).toBe(false);
  });

  it('waits anew when its network is begun anew', () => {
    looks.done(a);
    looks.done(b);
    looks.begins([b]);
    expect(looks.isDue([a, b])).toBe(true);
  });

  it.each([
    ['down', 0],
    ['refused', 0],
    ['standby', 2_000],
    ['connecting', 30_000],
    ['up', 30_000],
  ] as const)('does not wait for a network that is %s for longer than %i ms', async (state, ms) => {
    looks.done(a);
    states.set(b.network, state);
    if (ms > 0) {
      await clock.advance(ms - 1);
      looks.tend();
      expect(looks.isDue([a, b])).toBe(true);
      await clock.advance(1);
    }
    looks.tend();
    expect(looks.isDue([a, b])).toBe(false);
    expect(logged()).toEqual([`hubs.not-seen b ${state}`]);
  });
});
