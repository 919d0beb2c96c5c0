import { askRedis, until } from './ask-redis.ts';
import { freePort } from './free-port.ts';
import { COPIED_AT_ONCE, startRedis } from './redis.ts';
import type { RedisServer } from './types.ts';

const SLOTS = 16_384;
const MASTERS = 3;
/** A node silent for that long is down. */
const DOWN_MS = 2000;

/** Three masters that share the slots, each with a copy where that is asked for. */
export interface ClusteredRedis {
  /** As the settings have it: who one is there, and the nodes. */
  readonly url: string;
  readonly cluster: { readonly hosts: readonly string[] };
  readonly servers: readonly RedisServer[];
  /** The master that has the slot of that key. */
  masterOf(key: string): Promise<RedisServer>;
  /** Resolves when every server is there, and all say the same of the others. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startClusteredRedis({ copies = false } = {}): Promise<ClusteredRedis> {
  const servers: RedisServer[] = [];
  const buses: number[] = [];
  for (let number = 0; number < (copies ? 2 * MASTERS : MASTERS); number += 1) {
    const bus = await freePort();
    servers.push(await startNode(bus));
    buses.push(bus);
  }
  const nodes = servers.map(({ url }) => url);
  const [first = ''] = nodes;
  for (const [index, url] of nodes.slice(0, MASTERS).entries())
    await askRedis(url, ['CLUSTER', 'ADDSLOTSRANGE', ...rangeOf(index)]);
  for (const [index, server] of servers.entries())
    if (index > 0)
      await askRedis(first, ['CLUSTER', 'MEET', '127.0.0.1', portOf(server), String(buses[index])]);
  const settled = () => until(() => isWhole(nodes), 'the nodes of the cluster find together');
  await until(() => allMet(nodes), 'the nodes of the cluster have met');
  for (const [index, url] of nodes.slice(MASTERS).entries())
    await askRedis(url, [
      'CLUSTER',
      'REPLICATE',
      String(await askRedis(nodes[index] ?? '', ['CLUSTER', 'MYID'])),
    ]);
  await settled();
  return {
    url: 'redis://unused',
    cluster: { hosts: servers.map((server) => `127.0.0.1:${portOf(server)}`) },
    servers,
    masterOf: (key) => holderOf(servers, key),
    settled,
    stop: async () => {
      for (const server of servers) await server.stop({ signal: 'SIGKILL', wipe: true });
    },
  };
}

const startNode = (bus: number): Promise<RedisServer> =>
  startRedis({
    more: {
      'cluster-enabled': 'yes',
      'cluster-port': String(bus),
      'cluster-node-timeout': String(DOWN_MS),
      // Each room is whole on one master: the others need not stop with it.
      'cluster-require-full-coverage': 'no',
      ...COPIED_AT_ONCE,
    },
  });

const portOf = (server: RedisServer): string => String(server.ports.redis);

const rangeOf = (index: number): string[] => {
  const from = (part: number): number => Math.ceil((part * SLOTS) / MASTERS);
  return [String(from(index)), String(from(index + 1) - 1)];
};

type SlotRange = [first: number, last: number, ...nodes: [host: string, port: number, id: string][]];

async function holderOf(servers: readonly RedisServer[], key: string): Promise<RedisServer> {
  for (const { url } of servers) {
    const slot = Number(await askRedis(url, ['CLUSTER', 'KEYSLOT', key]).catch(() => Number.NaN));
    const ranges = (await askRedis(url, ['CLUSTER', 'SLOTS']).catch(() => [])) as SlotRange[];
    const port = ranges.find(([first, last]) => first <= slot && slot <= last)?.[2]?.[1];
    const holder = servers.find((server) => portOf(server) === String(port));
    if (holder !== undefined) return holder;
  }
  throw new Error(`no node has the slot of ${key}`);
}

const allMet = async (nodes: readonly string[]): Promise<boolean> => {
  const known = await Promise.all(
    nodes.map(async (url) =>
      String(await askRedis(url, ['CLUSTER', 'INFO'])).includes(`cluster_known_nodes:${nodes.length}`),
    ),
  );
  return known.every(Boolean);
};

/** Whether every node knows every slot's master and all the copies, none of which lags behind. */
async function isWhole(nodes: readonly string[]): Promise<boolean> {
  const said = await Promise.all(
    nodes.map(async (url) => {
      const ranges = (await askRedis(url, ['CLUSTER', 'SLOTS'])) as SlotRange[];
      const state = String(await askRedis(url, ['CLUSTER', 'INFO'])).includes('cluster_state:ok');
      const link = String(await askRedis(url, ['INFO', 'replication']));
      const behind = link.includes('role:slave') && !link.includes('master_link_status:up');
      const places = ranges.flatMap(([from, to, ...its]) =>
        its.map(([, port], at) => `${from}-${to} ${at === 0} ${port}`),
      );
      return state && !behind ? places.sort().join() : null;
    }),
  );
  const [first] = said;
  return first != null && said.every((one) => one === first) && first.split(',').length === nodes.length;
}
