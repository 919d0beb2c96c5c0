import { checkOtherHubs, checkRedis, createLog, openDesk, startHub } from '@brygga/hub';
import { waitFor } from '@brygga/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { brygga } from './program.ts';
import { held, heldIo, only } from './testing/run.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));

const hub = { startHub, checkRedis, checkOtherHubs, openDesk, createLog: () => createLog('error') };

/** The towers of this house refuse whatever they are given: what the hub says at the opening dies on both links. */
const settings = (): string => `
hub: { http: { port: 0 } }
redis: { url: "${redis.url}", prefix: dead-test }
organisations: [{ id: north, name: Northern Watch }, { id: south, name: Southern Watch }]
networks:
  - { id: tower, bridge: semaphore, organisation: north, settings: { server: "https://h", token: key-of-tower } }
  - { id: drum, bridge: drum, organisation: south, settings: { server: "https://h", token: key-of-drum } }
rooms:
  - { id: coast, name: Coast, links: [{ network: tower, channel: "hill:one" }, { network: drum, channel: "hill:two" }] }
`;

const run = (...args: string[]) => held([...args, '-c', 'a.yaml'], { ...only(settings()), hub });

interface Listed {
  readonly letters: readonly { readonly id: string; readonly link: string; readonly replays: number }[];
}

async function listed(): Promise<Listed['letters']> {
  return (JSON.parse((await run('dead', 'list', '--json')).out) as Listed).letters;
}

test('beside a running hub: seen, put back, dead again, dropped', async () => {
  const stops: (() => void)[] = [];
  const onStop = (stop: () => void) => {
    stops.push(stop);
    return () => undefined;
  };
  const { io } = heldIo({ ...only(settings()), hub, onStop });
  const running = brygga(['start', '-c', 'a.yaml'], io);
  try {
    const letters = await waitFor(async () => ((await listed()).length === 2 ? listed() : null), {
      withinMs: 20_000,
      what: 'both announcements are dead',
    });
    expect(letters.map(({ link }) => link).toSorted()).toEqual(['drum', 'tower']);
    const [first, second] = letters.map(({ id }) => id);
    const shown = await run('dead', 'show', first ?? '');
    expect(shown.out).toContain('BRIDGE_FAULT: the bridge threw an error: a defect, please report it');
    expect(shown.out).toContain('replay    would go to the end of its lane');
    expect((await run('lanes')).out).toContain('coast: 2 dead letters: brygga dead list --room coast');
    expect(await run('dead', 'replay', first ?? '', '--yes')).toMatchObject({ exit: 0 });
    await waitFor(async () => (await listed()).find(({ id, replays }) => id === first && replays === 1), {
      withinMs: 20_000,
      what: 'the hub was woken and gave it up again',
    });
    expect(await run('dead', 'drop', second ?? '', '--yes')).toMatchObject({ exit: 0 });
    expect(await run('dead', 'drop', second ?? '', '--yes')).toMatchObject({ exit: 1 });
    expect(await run('dead', 'drop', '--all', '--yes')).toMatchObject({ exit: 0 });
    expect((await run('dead', 'list')).out).toBe('no dead letters\n');
  } finally {
    for (const stop of stops) stop();
    await running;
  }
});
