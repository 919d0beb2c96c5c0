import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { askRedis, until } from './ask-redis.ts';
import { freePort } from './free-port.ts';
import { answersPing } from './probes.ts';
import { COPIED_AT_ONCE, redisProgram, startRedis } from './redis.ts';
import { ServerProcess } from './server-process.ts';
import { stateFolder } from './state-folder.ts';
import type { RedisServer } from './types.ts';

const NAME = 'brygga';
/** Redis servers, one of them the master, and as many sentinels. */
const SERVERS = 3;
const QUORUM = 2;
/** A master silent for that long is down. */
const DOWN_MS = 1000;

/** A master with two copies, and three sentinels that watch them. */
export interface ReplicatedRedis {
  /** Where the first master is, and the sentinels: as the settings have it. */
  readonly url: string;
  readonly servers: readonly RedisServer[];
  readonly sentinel: { readonly name: string; readonly hosts: readonly string[] };
  /** Which of the servers is the master now, as the sentinels say. */
  master(): Promise<RedisServer>;
  /** A client that follows the master. */
  client(): Redis;
  /** Resolves when every server is there, one as the master, the others as its copies. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startReplicatedRedis(): Promise<ReplicatedRedis> {
  const servers: RedisServer[] = [];
  for (let number = 0; number < SERVERS; number += 1)
    servers.push(await startRedis({ more: COPIED_AT_ONCE }));
  const [first, ...copies] = servers;
  if (first === undefined) throw new Error('no server');
  for (const { url } of copies) await askRedis(url, ['REPLICAOF', '127.0.0.1', portOf(first)]);
  const watchers: ServerProcess[] = [];
  for (let number = 0; number < SERVERS; number += 1) watchers.push(await startSentinel(portOf(first)));
  const hosts = watchers.map(({ ports }) => `127.0.0.1:${ports.sentinel}`);
  const client = (): Redis => new Redis(optionsOf(hosts));
  const master = async (): Promise<RedisServer> => {
    const [, port] = await masterOf(hosts);
    const found = servers.find((server) => portOf(server) === port);
    if (found === undefined) throw new Error(`the sentinels name a master on port ${port}`);
    return found;
  };
  const settled = () => until(() => isWhole(hosts), 'the servers and their sentinels find together');
  await settled();
  return {
    url: first.url,
    servers,
    sentinel: { name: NAME, hosts },
    master,
    client,
    settled,
    stop: async () => {
      for (const watcher of watchers) await watcher.stop({ signal: 'SIGKILL', wipe: true });
      for (const server of servers) await server.stop({ signal: 'SIGKILL', wipe: true });
    },
  };
}

async function startSentinel(master: string): Promise<ServerProcess> {
  const folder = await stateFolder('sentinel', undefined);
  const port = await freePort();
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor ${NAME} 127.0.0.1 ${master} ${QUORUM}`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_MS}`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  await writeFile(join(folder, 'sentinel.conf'), `${lines.join('\n')}\n`);
  const server = new ServerProcess({
    name: 'sentinel',
    folder,
    ports: { sentinel: port },
    command: redisProgram(folder, (seen) => [join(seen, 'sentinel.conf'), '--sentinel']),
    ready: () => answersPing(port),
    logs: [],
    progress: () => {},
  });
  await server.start();
  return server;
}

const portOf = (server: RedisServer): string => String(server.ports.redis);

const optionsOf = (hosts: readonly string[]) => ({
  name: NAME,
  sentinels: hosts.map((host) => ({ host: '127.0.0.1', port: Number(host.split(':')[1]) })),
});

const masterOf = async ([host = '']: readonly string[]): Promise<string[]> =>
  (await askRedis(`redis://${host}`, ['SENTINEL', 'get-master-addr-by-name', NAME])) as string[];

/** Whether all sentinels know of the same master, with all its copies there. */
async function isWhole(hosts: readonly string[]): Promise<boolean> {
  const masters = await Promise.all(hosts.map(async (host) => (await masterOf([host]))[1]));
  const [port] = masters;
  if (masters.some((other) => other !== port)) return false;
  const info = String(await askRedis(`redis://127.0.0.1:${port}`, ['INFO', 'replication']));
  const there = info.match(/state=online/g)?.length ?? 0;
  const known = await Promise.all(
    hosts.map(
      async (host) => (await askRedis(`redis://${host}`, ['SENTINEL', 'replicas', NAME])) as string[][],
    ),
  );
  return (
    info.includes('role:master') &&
    there === SERVERS - 1 &&
    known.every((copies) => copies.filter((copy) => copy.includes('slave')).length === SERVERS - 1)
  );
}
