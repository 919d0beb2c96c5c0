import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dice, waitFor } from '@brygga/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Attendance, type Process, UNATTENDED_MS_MAX } from '../house/attendance.ts';
import { HubProcess } from '../house/hub-process.ts';
import { freePort } from '../servers/index.ts';
import { load } from './load.ts';
import { complaints, remains } from './oracle.ts';
import { Words } from './random.ts';
import { type OwnRedis, ownRedis } from './run.ts';
import { networkName, Stage } from './stage.ts';
import { holdEnd } from './string-far.ts';

const SIZE = { rooms: 3, links: 3 };
const NETWORKS = Array.from({ length: SIZE.links }, (_, link) => networkName(link));
const PROGRAM = fileURLToPath(new URL('hub-child.ts', import.meta.url));
const NAMES = ['first', 'second', 'third'] as const;
const words = new Words();
const SETTLED = { withinMs: 60_000, everyMs: 500 };

let redis: OwnRedis;
let folder: string;
let stage: Stage;
let processes: readonly Process[];
let attendance: Attendance;

beforeAll(async () => {
  redis = await ownRedis();
  folder = mkdtempSync(join(tmpdir(), 'brygga-rolling-'));
  stage = new Stage(redis, SIZE, dice(1));
  processes = await Promise.all(NAMES.map(further));
  attendance = new Attendance(processes, NETWORKS);
  for (const { hub } of processes) await hub.start();
  await stage.ready();
});
afterAll(async () => {
  await Promise.all(processes.map(({ hub }) => hub.stop()));
  await redis.close();
  rmSync(folder, { recursive: true, force: true });
});

const logFile = (name: string): string => join(folder, `${name}.log`);

/** A process of its own, whose tincan networks are in this one: they know nothing of its death. */
async function further(name: string): Promise<Process> {
  const port = await freePort();
  // Leases and pauses as operators have them.
  const settings = stage.settings(redis.url, {});
  const config = join(folder, `${name}.yaml`);
  const networks = settings.networks.map((one) => ({ ...one, settings: { ...one.settings, world: one.id } }));
  writeFileSync(config, stringify({ ...settings, hub: { ...settings.hub, http: { port } }, networks }), {
    mode: 0o600,
  });
  const statusUrl = `http://127.0.0.1:${port}`;
  const program = { path: PROGRAM, begun: holdEnd.bind(null, stage.world) };
  return { statusUrl, hub: new HubProcess({ config, logFile: logFile(name), statusUrl, program }) };
}

/** What is wrong with the histories once they are as they must be, or after a while. */
async function wrong(): Promise<readonly string[]> {
  let found: readonly string[] = [];
  const whole = async (): Promise<boolean> => {
    found = [...(await stage.busyLanes()), ...(await complaints(stage, false))];
    return found.length === 0;
  };
  await waitFor(whole, SETTLED).catch(() => undefined);
  return found;
}

/** People write in all channels while `act` goes on; then all is there, once, in order. */
async function underLoad(seed: number, act: () => Promise<void>): Promise<void> {
  await attendance.complete();
  const unattended = attendance.watch();
  const end = load(stage, words, seed);
  await act();
  expect(await end()).toBeGreaterThan(100);
  for (const longest of await unattended()) expect(longest).toBeLessThan(UNATTENDED_MS_MAX);
  expect(await wrong()).toEqual([]);
}

describe('three hubs on one Redis', () => {
  it('are restarted one after the other while people write', { timeout: 180_000 }, () =>
    underLoad(1, async () => {
      for (const { hub } of processes) {
        expect(await hub.stop()).toBe(0);
        await hub.start();
      }
    }),
  );

  it('are killed one after the other while people write', { timeout: 180_000 }, () =>
    underLoad(2, async () => {
      for (const { hub } of processes) {
        await hub.kill();
        await attendance.complete();
        await hub.start();
      }
    }),
  );

  it('leave nothing behind, neither in Redis nor in a log', async () => {
    for (const { hub } of processes) expect(await hub.stop()).toBe(0);
    expect(await wrong()).toEqual([]);
    expect(await remains(stage)).toEqual([]);
    const logs = NAMES.map((name) => readFileSync(logFile(name), 'utf8')).join('');
    expect(logs).not.toMatch(/\bw\d+ (is said|changed)/);
    expect(logs).not.toMatch(/\.fault"/);
  });
});
