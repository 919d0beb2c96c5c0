import type { Claim, LaneName } from '@brygga/bus';
import { channelId, linkId, networkId, type RoomId, roomId } from '@brygga/event';
import { checkedLog, type LogLine, ManualClock } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { manifest } from '../../test/fake-network.ts';
import { type Link, type Room, Rooms } from '../rooms.ts';
import { Runs } from './runs.ts';
import { Sweeper, type SweepParts } from './sweep.ts';

const link = (room: string, network: string): Link => ({
  id: linkId(network),
  room: roomId(room),
  network: networkId(network),
  channel: channelId(`${room}-${network}`),
  mode: 'active',
  deliverWithinMs: 1000,
  manifest: manifest(),
  organisation: network,
  language: 'en',
  timeZone: 'Europe/Stockholm',
});
function roomOf(id: string, networks: readonly string[]): Room {
  const links = networks.map((network) => link(id, network));
  const policy = { massMentions: false, membership: true, topic: true, language: 'en', links } as const;
  return { id: roomId(id), name: id, typing: true, announce: false, otherHubs: 'yield', links, policy };
}
const rooms = new Rooms([roomOf('r1', ['here', 'there']), roomOf('r2', ['here']), roomOf('r3', ['there'])]);

let clock: ManualClock;
let stop: AbortController;
let steps: string[];
let doubted: string[];
let logged: readonly LogLine[];
/** What a sweep of a room finds. */
let found: Map<string, { readonly aside: number; readonly lanes: readonly LaneName[] }>;
let failing: Set<string>;
let sweeper: Sweeper;
beforeEach(() => {
  clock = new ManualClock();
  stop = new AbortController();
  steps = [];
  found = new Map();
  failing = new Set();
  const { log, lines } = checkedLog([]);
  logged = lines;
  const started = (claim: Claim<unknown>): void => void steps.push(`drains ${claim.room} ${claim.lane}`);
  const parts = { bus: bus(), rooms, clock, log, random: () => 1, stop: stop.signal, runs: new Runs(log) };
  doubted = [];
  sweeper = new Sweeper({
    ...parts,
    here: (network) => network === 'here',
    maybeSent: { begins: ({ room, id }) => void doubted.push(`${room} ${id}`) },
    startInbox: started,
    startOutbox: started,
    beside: () => null,
  });
});

const claimOf = (room: RoomId, lane: LaneName): Claim<never> => ({
  room,
  lane,
  own: 'me:1',
  items: [],
  fromRedis: true,
});

function bus(): SweepParts['bus'] {
  const note = (what: string): void => {
    steps.push(what);
    if (failing.has(what)) throw new TypeError('no');
  };
  return {
    sweep: async (room) => {
      note(`sweeps ${room}`);
      return found.get(room) ?? { aside: 0, lanes: [] };
    },
    takeInbox: async (room) => claimOf(room, 'in'),
    takeOutbox: async (room, id, hold = '') => {
      if (hold !== '') note(`ends ${hold}`);
      return claimOf(room, `out:${id}`);
    },
    returnAside: async (room) => {
      note(`returns ${room}`);
      return claimOf(room, 'in');
    },
    hold: async ({ room, lane }) => {
      note(`gives up ${room} ${lane}`);
      return 'me:1';
    },
    wakes: {
      wake: async (network, { room, lane }) => note(`wakes ${network} ${room} ${lane}`),
      nudge: async (network, { room, lane }) => note(`nudges ${network} ${room} ${lane}`),
    },
  };
}

describe('a sweep', () => {
  it('drains what nobody drains, or nudges the process that can, and brings back what stepped aside', async () => {
    found.set('r1', { aside: 2, lanes: ['in', 'out:here', 'out:there', 'out:gone'] });
    await sweeper.sweep();
    expect(steps.filter((step) => !step.startsWith('sweeps'))).toEqual([
      'returns r1',
      'drains r1 in',
      'drains r1 in',
      'drains r1 out:here',
      'nudges there r1 out:there',
    ]);
  });

  it('doubts what was sent to where the inbox was left, and nowhere else', async () => {
    found.set('r1', { aside: 0, lanes: ['in'] });
    found.set('r2', { aside: 1, lanes: ['out:here'] });
    await sweeper.sweep();
    expect(doubted).toEqual(['r1 here', 'r1 there']);
  });

  it('of one room that fails leaves the others as they are', async () => {
    failing.add('sweeps r1');
    found.set('r2', { aside: 0, lanes: ['in'] });
    await sweeper.sweep();
    expect(steps).toContain('drains r2 in');
    expect(logged).toMatchObject([{ code: 'sweep.failed', fields: { room: 'r1' } }]);
  });

  it("can be of one network's rooms only, and is over when the hub stops", async () => {
    await sweeper.sweep(networkId('there'));
    expect(steps).toEqual(['sweeps r1', 'sweeps r3']);
    stop.abort();
    await sweeper.sweep();
    await sweeper.wake(roomId('r1'), 'in');
    expect(steps).toHaveLength(2);
  });

  it('is made here when the scheduled one stands still', async () => {
    const keeping = sweeper.keepSwept(1000);
    await clock.advance(999);
    await sweeper.sweep();
    await clock.advance(500);
    expect(steps.filter((step) => step === 'sweeps r1')).toHaveLength(1);
    await clock.advance(1500);
    expect(steps.filter((step) => step === 'sweeps r1')).toHaveLength(2);
    stop.abort();
    await keeping;
    expect(clock.waiting).toBe(0);
  });
});

describe('a wake-up', () => {
  it('ends the hold it is about, and is nothing for networks of other processes', async () => {
    await sweeper.wake(roomId('r1'), 'out:here', 'me:7');
    await sweeper.wake(roomId('r1'), 'out:there', 'me:8');
    await sweeper.wake(roomId('r1'), 'out:gone');
    expect(steps).toEqual(['ends me:7', 'drains r1 out:here']);
  });

  it('of another process is asked for without waiting, and may fail', async () => {
    failing.add('wakes there r1 out:there');
    sweeper.elsewhere(link('r1', 'there'));
    await clock.advance(0);
    expect(steps).toEqual(['wakes there r1 out:there']);
    expect(logged).toMatchObject([{ code: 'sweep.failed' }]);
  });
});

describe('what stepped aside', () => {
  it('is looked at again soon, once however often it is asked for', async () => {
    sweeper.aside(roomId('r1'));
    sweeper.aside(roomId('r1'));
    await clock.advance(250);
    sweeper.aside(roomId('r1'));
    await clock.advance(250);
    expect(steps.filter((step) => step === 'returns r1')).toHaveLength(2);
    sweeper.aside(roomId('r1'));
    stop.abort();
    await clock.advance(250);
    expect(steps.filter((step) => step === 'returns r1')).toHaveLength(2);
  });
});

describe('a lane whose state is not known', () => {
  const lane = claimOf(roomId('r1'), 'in');

  it('is given up and begun anew, each time after a longer pause', async () => {
    const pauses: number[] = [];
    for (let round = 0; round < 12; round++) {
      const [before, began] = [steps.length, clock.elapsed()];
      sweeper.recover(lane);
      while (steps.length === before) await clock.advance(50);
      pauses.push(clock.elapsed() - began);
    }
    expect(pauses.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(pauses.at(-1)).toBe(30_000);
    expect(steps.slice(0, 2)).toEqual(['gives up r1 in', 'drains r1 in']);
  });

  it('is tried again while Redis is away, then left to the sweep', async () => {
    failing.add('gives up r1 in');
    sweeper.recover(lane);
    await clock.advance(60_000);
    expect(steps).toEqual(Array.from({ length: 5 }, () => 'gives up r1 in'));
    expect(logged.map(({ fields }) => fields.attempt).slice(0, 3)).toEqual([0, 1, 2]);
    expect(clock.waiting).toBe(0);
  });

  it('is not begun anew by a hub that stops', async () => {
    sweeper.recover(lane);
    stop.abort();
    await clock.advance(60_000);
    expect(steps).toEqual([]);
  });
});
