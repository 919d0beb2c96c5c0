import { Redis } from 'ioredis';
import { type House, type HouseRoom, MatrixUser, openHouse } from '../house/house.ts';
import {
  prepare,
  prosodyAvailable,
  redisAvailable,
  type ServerName,
  synapseAvailable,
} from '../servers/index.ts';
import { type Histories, histories } from './histories.ts';
import type { Options } from './options.ts';
import type { Place } from './place.ts';
import type { Screen } from './screen.ts';
import { PEOPLE, ROOM } from './script.ts';

/** For whoever runs the demonstration: an account on either server. */
export const GUEST = { name: 'guest', password: 'guest-password' } as const;

export interface Stage {
  readonly house: House;
  readonly room: HouseRoom;
  /** What stood in the room before the hub was started: of an earlier run. */
  readonly before: Histories;
  /** First part of the keys to be removed from a Redis that is not ours; null where there is nothing to remove. */
  readonly prefix: string | null;
}

const WITHOUT = '"npm test" runs all tests that need no server, and says which were not run.';

/** @throws with the remedy, when a server cannot be had on this machine */
export async function prepareServers({ redisUrl }: Options, screen: Screen): Promise<void> {
  const needed: ServerName[] = redisUrl === null ? ['redis', 'prosody', 'synapse'] : ['prosody', 'synapse'];
  const available = { redis: redisAvailable, prosody: prosodyAvailable, synapse: synapseAvailable };
  const answers = await Promise.all(needed.map((name) => available[name]()));
  const reasons = answers.flatMap(({ ok, reason }) =>
    ok ? [] : [reason ?? 'a server cannot be started here'],
  );
  if (reasons.length > 0) {
    const what = 'the demonstration needs real servers, which this machine cannot start:';
    throw new Error([what, ...reasons.map((reason) => `  - ${reason}`), WITHOUT].join('\n'));
  }
  await prepare(needed, (line) => screen.progress(line));
}

/** Starts everything: the servers, the room on both, and last the hub in its own process. */
export async function openStage(
  { redisUrl }: Options,
  { folder, kept }: Place,
  screen: Screen,
): Promise<Stage> {
  const prefix = kept ? 'brygga-demo' : `brygga-demo-${process.pid}`;
  const house = await openHouse({
    rooms: 1,
    folder,
    servers: folder,
    progress: (line) => screen.progress(line),
    names: () => ROOM,
    nick: PEOPLE.xmpp.name,
    prosody: { tls: true, users: { [GUEST.name]: GUEST.password } },
    ownHub: true,
    ...(redisUrl === null ? {} : { redisUrl, settings: { redis: { url: redisUrl, prefix } } }),
  });
  const [room] = house.rooms;
  if (room === undefined) throw new Error('there is no room');
  await inviteGuest(house, room);
  const before = await histories(house, room);
  const begun = performance.now();
  await house.hub.start();
  screen.progress(`hub: up after ${Math.round(performance.now() - begun)} ms, ${house.statusUrl}/readyz`);
  return { house, room, before, prefix: redisUrl === null || kept ? null : prefix };
}

async function inviteGuest({ synapse }: House, room: HouseRoom): Promise<void> {
  const guest = new MatrixUser(() => synapse.url, await synapse.register(GUEST.name, GUEST.password));
  await guest.call('PUT', `/v3/profile/${encodeURIComponent(guest.id)}/displayname`, {
    displayname: 'Guest',
  });
  await guest.call('POST', `/v3/join/${encodeURIComponent(room.matrix)}`, {});
}

/** Stops everything in order, the hub first so that nothing it has in hand meets a closed door. False: not so. */
export async function closeStage({ house, prefix }: Stage, screen: Screen): Promise<boolean> {
  const exit = await house.hub.stop();
  const hubWell = exit === 0;
  screen.progress(
    hubWell ? 'hub: stopped' : `hub: ended with exit code ${exit ?? 'none'}, see ${house.folder}/hub.log`,
  );
  await house.xmpp.close();
  for (const [name, server] of [
    ['prosody', house.prosody],
    ['synapse', house.synapse],
    ['redis', house.redis],
  ] as const) {
    await server?.stop();
    if (server !== null) screen.progress(`${name}: stopped`);
  }
  if (prefix !== null) await emptied(house.redisUrl, prefix, screen);
  return hubWell;
}

/** Takes our keys out of a Redis that is not ours. */
async function emptied(url: string, prefix: string, screen: Screen): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => null });
  try {
    await redis.connect();
    let count = 0;
    for (const match of [`${prefix}:*`, `{${prefix}-jobs}:*`]) {
      for await (const keys of redis.scanStream({ match, count: 1000 }) as AsyncIterable<string[]>) {
        for (const key of keys) count += await redis.unlink(key);
      }
    }
    screen.progress(`redis (yours): ${count} keys of the demonstration removed`);
  } catch {
    screen.progress(`redis (yours): not reached; keys that begin with ${prefix} are left there`);
  } finally {
    redis.disconnect();
  }
}

/** Resolves with the name of what has ended by itself. */
export async function fallen({ house }: Stage, done: () => boolean): Promise<string | null> {
  const servers = { prosody: house.prosody, synapse: house.synapse, redis: house.redis };
  while (!done()) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (!house.hub.running) return 'the hub';
    for (const [name, server] of Object.entries(servers)) if (server !== null && !runs(server)) return name;
  }
  return null;
}

/** `pid` throws while a server is not running. */
function runs(server: { readonly pid: number }): boolean {
  try {
    return server.pid > 0;
  } catch {
    return false;
  }
}
