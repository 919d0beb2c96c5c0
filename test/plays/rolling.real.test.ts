import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Attendance, type Process, UNATTENDED_MS_MAX } from '../house/attendance.ts';
import { type House, type HouseRoom, openHouse } from '../house/house.ts';
import { HubProcess } from '../house/hub-process.ts';
import { withSettings } from '../house/settings-file.ts';
import { freePort } from '../servers/index.ts';
import { expectSame, talk } from './conversation.ts';

const NETWORKS = ['skv-matrix', 'msb-xmpp'] as const;

let house: House;
let room: HouseRoom;
let processes: readonly Process[];
let attendance: Attendance;

beforeAll(async () => {
  // Leases and pauses as operators have them.
  house = await openHouse({ rooms: 1, settings: { limits: { lateSeconds: 600 } } });
  const [first] = house.rooms;
  if (first === undefined) throw new Error('no room');
  room = first;
  processes = [house, await further('second'), await further('third')];
  attendance = new Attendance(processes, NETWORKS);
  for (const { hub } of processes) await hub.start();
});
afterAll(async () => {
  await Promise.all(processes.map(({ hub }) => hub.stop()));
  await house.close();
});

async function further(name: string): Promise<Process> {
  const port = await freePort();
  const config = withSettings(house, `${name}.yaml`, (settings) => {
    settings.hub.http.port = port;
  });
  const statusUrl = `http://127.0.0.1:${port}`;
  return {
    statusUrl,
    hub: new HubProcess({ config, logFile: join(house.folder, `${name}.log`), statusUrl }),
  };
}

const said = { matrix: 0, xmpp: 0 };

/** People on both sides write while `act` goes on and for a while after it; then all is there, once, in order. */
async function underLoad(seed: number, act: () => Promise<void>): Promise<void> {
  await attendance.complete();
  const unattended = attendance.watch();
  let over = false;
  const talking = (async () => {
    for (let part = 0; !over; part += 1) {
      const how = {
        messages: 20,
        seed: seed + part,
        name: `s${seed}-${part}`,
        matrixPaceMs: 30,
        xmppPaceMs: 30,
      };
      const more = await talk(house, room, how);
      said.matrix += more.matrix;
      said.xmpp += more.xmpp;
    }
  })();
  await act();
  over = true;
  await talking;
  for (const longest of await unattended()) expect(longest).toBeLessThan(UNATTENDED_MS_MAX);
  await expectSame(house, room, said, 30_000);
}

describe('three hubs on one Redis', () => {
  it('are restarted one after the other while people write', { timeout: 180_000 }, () =>
    underLoad(100, async () => {
      for (const { hub } of processes) {
        expect(await hub.stop()).toBe(0);
        await hub.start();
      }
    }),
  );

  it('lose the one that speaks to a network, twice', { timeout: 180_000 }, () =>
    underLoad(200, async () => {
      for (const network of NETWORKS) {
        const one = await attendance.of(network);
        expect(one).not.toBeNull();
        await one?.hub.kill();
        await attendance.complete();
        await one?.hub.start();
      }
    }),
  );
});
