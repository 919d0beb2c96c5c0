import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, type HouseRoom, openHouse } from '../house/house.ts';
import { HubProcess } from '../house/hub-process.ts';
import { withSettings } from '../house/settings-file.ts';
import { metric } from '../house/status.ts';
import { until } from '../house/until.ts';
import { askRedis, freePort } from '../servers/index.ts';
import { expectSame, talk } from './conversation.ts';

const STOPS_WITHIN_MS = 15_000;
const TAKES_OVER_WITHIN_MS = 10_000;
const NETWORKS = ['skv-matrix', 'msb-xmpp'] as const;

let house: House;
let room: HouseRoom;
const said = { matrix: 0, xmpp: 0 };

beforeAll(async () => {
  // The lease as operators have it: a network that is not let go shows.
  house = await openHouse({ rooms: 1, settings: { limits: { lateSeconds: 600 } } });
  const [first] = house.rooms;
  if (first === undefined) throw new Error('no room');
  room = first;
  await house.hub.start();
});
afterAll(() => house.close());

const delivered = (of: { readonly statusUrl: string }): Promise<number> =>
  metric(of, 'brygga_deliveries_total', { outcome: 'done' });

const attends = (of: { readonly statusUrl: string }): Promise<number> => metric(of, 'brygga_network_up');

/** Keys of what some process has for itself: networks and lanes. */
const leases = async (): Promise<string[]> =>
  ((await askRedis(house.redisUrl, ['KEYS', '*'])) as string[]).filter((key) =>
    /:own$|:\{lease:[^}]*\}$/.test(key),
  );

/** That hub speaks to both networks. */
const attended = (of: { readonly statusUrl: string }, withinMs: number): Promise<void> =>
  until('both networks are attended', async () => (await attends(of)) === NETWORKS.length, { withinMs });

/** Both sides write; `act` comes in the midst of it. Then all is there, once, in order. */
async function inMidstream(
  seed: number,
  of: { readonly statusUrl: string },
  act: () => Promise<void>,
): Promise<void> {
  const before = await delivered(of);
  const talking = talk(house, room, {
    messages: 40,
    seed,
    name: `s${seed}`,
    matrixPaceMs: 30,
    xmppPaceMs: 30,
  });
  await until('some of it is through', async () => (await delivered(of)) > before + 15);
  await act();
  const part = await talking;
  said.matrix += part.matrix;
  said.xmpp += part.xmpp;
  await expectSame(house, room, said, 20_000);
}

describe('a hub that is told to stop while people write', () => {
  it('ends in good order, and the next goes on at once', async () => {
    await inMidstream(41, house, async () => {
      expect(await leases()).not.toEqual([]);
      const asked = performance.now();
      expect(await house.hub.stop()).toBe(0);
      expect(performance.now() - asked).toBeLessThan(STOPS_WITHIN_MS);
      // Nobody has to wait for a lease to run out.
      expect(await leases()).toEqual([]);
      await house.hub.start();
      await attended(house, TAKES_OVER_WITHIN_MS);
    });
  });
});

describe('two hubs on one Redis', () => {
  let second: HubProcess;
  let standing: { readonly statusUrl: string };

  beforeAll(async () => {
    const port = await freePort();
    const config = withSettings(house, 'second.yaml', ({ hub }) => {
      hub.http.port = port;
    });
    standing = { statusUrl: `http://127.0.0.1:${port}` };
    second = new HubProcess({ config, logFile: join(house.folder, 'second.log'), ...standing });
    await second.start();
  });
  afterAll(() => second.stop());

  it('one speaks to the networks, the other stands by, ready', async () => {
    await attended(house, TAKES_OVER_WITHIN_MS);
    expect(await attends(standing)).toBe(0);
    const networks = async (of: { readonly statusUrl: string }): Promise<unknown> => {
      const answer = await fetch(`${of.statusUrl}/readyz`);
      expect(answer.status).toBe(200);
      return ((await answer.json()) as { networks: unknown }).networks;
    };
    expect(await networks(house)).toEqual(Object.fromEntries(NETWORKS.map((id) => [id, 'up'])));
    expect(await networks(standing)).toEqual(Object.fromEntries(NETWORKS.map((id) => [id, 'standby'])));
  });

  it('the other takes over when the first is killed', async () => {
    await inMidstream(43, house, async () => {
      await house.hub.kill();
      const killed = performance.now();
      await attended(standing, TAKES_OVER_WITHIN_MS);
      expect(performance.now() - killed).toBeLessThan(TAKES_OVER_WITHIN_MS);
    });
  });

  it('who comes back stands by, and takes over in turn', async () => {
    await house.hub.start();
    expect(await attends(house)).toBe(0);
    await inMidstream(44, standing, async () => {
      const asked = performance.now();
      expect(await second.stop()).toBe(0);
      await attended(house, TAKES_OVER_WITHIN_MS);
      expect(performance.now() - asked).toBeLessThan(STOPS_WITHIN_MS);
    });
  });
});
