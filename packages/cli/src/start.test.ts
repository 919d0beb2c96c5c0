import { UnfitRedis } from '@brygga/hub';
import { describe, expect, test } from 'vitest';
import type { HubDoor, Io } from './io.ts';
import { brygga } from './program.ts';
import { FIXTURES, heldIo, only } from './testing/run.ts';

const ENV = { TOWER_TOKEN: 'tower-token', DRUM_TOKEN: 'drum-token-1' };
const START = ['start', '-c', `${FIXTURES}/good.yaml`];

type StartHub = HubDoor['startHub'];

/** A hub to start, and the stop signals in the test's hand. */
function stage(startHub: StartHub, more: Partial<Io> = {}) {
  const listeners = new Set<() => void>();
  const ended: number[] = [];
  const { io, written } = heldIo({
    env: ENV,
    onStop: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exitNow: (code) => void ended.push(code),
    ...more,
  });
  const hub = { ...io.hub, startHub };
  const signal = (): void => {
    for (const listener of listeners) listener();
  };
  return { io: { ...io, hub }, written, signal, ended, listeners };
}

const running = (stop: () => Promise<void> = async () => {}) => ({ url: 'http://127.0.0.1:8080', stop });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('brygga start', () => {
  test('starts the hub with its bridges and stops it once, on the first signal', async () => {
    let stops = 0;
    const seen: string[] = [];
    const { io, signal, written, listeners } = stage(async ({ settings, bridges }) => {
      seen.push(
        ...settings.networks.map(({ id }) => id),
        ...[...bridges.values()].map(({ bridge }) => bridge.manifest.title),
      );
      return running(async () => void stops++);
    });
    const exit = brygga(START, io);
    await turn();
    expect(written.err).toContain('started; health and metrics at http://127.0.0.1:8080');
    expect(stops).toBe(0);
    signal();
    expect(await exit).toBe(0);
    expect(stops).toBe(1);
    expect(seen).toEqual(['tower', 'drum', 'Semaphore', 'Drum']);
    expect(listeners.size).toBe(0);
  });

  test('a second signal ends the process at once', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { io, signal, ended } = stage(async () => running(() => promise));
    const exit = brygga(START, io);
    await turn();
    signal();
    await turn();
    expect(ended).toEqual([]);
    signal();
    expect(ended).toEqual([1]);
    resolve();
    await exit;
  });

  test('a signal while the hub starts ends the start', async () => {
    const { io, signal, written } = stage(
      ({ signal: asked }) =>
        new Promise((_, reject) => asked?.addEventListener('abort', () => reject(new Error('ended')))),
    );
    const exit = brygga(START, io);
    signal();
    expect(await exit).toBe(0);
    expect(written.err).not.toContain('not started');
  });

  test('a hub that has started all the same is stopped', async () => {
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof running>>();
    let stopped = false;
    const { io, signal } = stage(() => promise);
    const exit = brygga(START, io);
    signal();
    resolve(
      running(async () => {
        stopped = true;
      }),
    );
    expect(await exit).toBe(0);
    expect(stopped).toBe(true);
  });

  test('what keeps it from starting is told, without secrets', async () => {
    const { io, written } = stage(() => Promise.reject(new Error('refused tower-token at the gate')));
    expect(await brygga(START, io)).toBe(1);
    expect(written.err).toContain('not started: refused *** at the gate');
  });

  test('a Redis that fails is a problem, one that only warns is a strict refusal', async () => {
    const unfit =
      (level: 'warn' | 'fail'): StartHub =>
      () =>
        Promise.reject(
          new UnfitRedis([{ level, what: 'the append-only file is off', remedy: 'turn it on' }]),
        );
    const failing = stage(unfit('fail'));
    expect(await brygga(START, failing.io)).toBe(1);
    expect(failing.written.err).toContain('Redis: the append-only file is off\n    turn it on');
    expect(await brygga(START, stage(unfit('warn')).io)).toBe(3);
  });

  test('problems of the settings are told and nothing starts', async () => {
    const { io, written } = stage(() => Promise.reject(new Error('must not be called')));
    expect(await brygga(['start', '-c', `${FIXTURES}/broken-fields.yaml`], io)).toBe(1);
    expect(written.err).toContain('broken-fields.yaml:3:3 hub.langauge');
    expect(written.err).not.toContain('must not be called');
  });

  test('strict: warnings of the settings keep it from starting', async () => {
    const text = `
hub: { strict: true }
organisations: [{ id: o, name: O }]
networks: [{ id: n, bridge: drum, organisation: o, settings: { server: "https://h", token: t0000000 } }]
rooms: [{ id: r, name: R, links: [{ network: n, channel: "hill:a" }] }]
`;
    const { io, written } = stage(async () => running(), only(text));
    expect(await brygga(['start', '-c', 'a.yaml'], io)).toBe(3);
    expect(written.err).toContain('warning: the room has one link');
  });

  test('a stop that fails is told', async () => {
    const { io, signal, written } = stage(async () => running(() => Promise.reject(new Error('stuck'))));
    const exit = brygga(START, io);
    signal();
    expect(await exit).toBe(1);
    expect(written.err).toContain('not stopped in good order: stuck');
  });
});
