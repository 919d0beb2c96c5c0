import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { AbstractConnector, Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';

/** Redis Cluster: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */
export interface ClusterPlace {
  /** `host:port` of nodes that are asked for the others. */
  readonly hosts: readonly string[];
}

export interface Host {
  readonly host: string;
  readonly port: number;
}

/** How one speaks to any of the nodes: who one is, and TLS. */
type Manners = Pick<RedisOptions, 'username' | 'password' | 'tls'>;

/** After how many ms it is tried the next time; `times` counts from 1. */
type Pause = (times: number) => number;

/** How long one node may take to say where the slots are; the next is asked after that. */
const ASK_MS = 2000;
/** How often it is asked where the slots are: a fail-over is seen that late. */
const LOOK_MS = 1000;
/** How long a socket may take to end in good order. */
const END_MS = 2000;

/**
 * A client of the cluster for commands. Nothing is sent a second time, to the same node or another one: what is
 * refused because a slot has moved, or because its answer was lost, rejects, and whoever asked looks at what Redis
 * holds. A node that was lost is looked for with the next look at the slots. `each`: what holds for every connection
 * to a node. `waits`: whether what is asked for while no node is there waits for one, without end, or rejects.
 */
export function clusterOf(
  hosts: readonly Host[],
  each: Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping'>,
  { pause, waits }: { readonly pause: Pause; readonly waits: boolean },
): Cluster {
  const cluster = new Cluster([...hosts], {
    redisOptions: each,
    clusterRetryStrategy: pause,
    enableOfflineQueue: waits,
    maxRedirections: 0,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshInterval: LOOK_MS,
    slotsRefreshTimeout: ASK_MS,
    enableAutoPipelining: each.enableAutoPipelining ?? false,
    // A certificate names the host as it is written, not its address.
    ...(each.tls === undefined ? {} : { dnsLookup: (host, found) => found(null, host) }),
  });
  // Else the first command to a node would wait for its connection.
  cluster.on('+node', (node: Redis) => {
    if (node.options.readOnly !== true) node.connect().catch(() => undefined);
  });
  return cluster;
}

/** Asks the nodes one after the other until one answers. @throws what the last one failed with */
export async function askCluster<Answer>(
  hosts: readonly Host[],
  manners: Manners,
  ask: (node: Redis, host: Host) => Promise<Answer>,
): Promise<Answer> {
  let failure: unknown = new Error('no node of the cluster is named');
  for (const host of hosts) {
    const errors: unknown[] = [];
    const node = new Redis({ ...ONCE, ...manners, ...host });
    node.on('error', (error) => errors.push(error)); // connect() itself only says that the connection was closed
    try {
      await node.connect();
      return await ask(node, host);
    } catch (error) {
      failure = errors[0] ?? error;
    } finally {
      node.disconnect();
    }
  }
  throw failure;
}

/** Of a connection that is made once, for a question. */
export const ONCE = {
  lazyConnect: true,
  retryStrategy: () => null,
  maxRetriesPerRequest: 0,
  connectTimeout: ASK_MS,
  socketTimeout: ASK_MS,
} as const;

/** How many slots have a master, and where the masters are: https://redis.io/commands/cluster-slots */
export async function mastersOf(node: Redis, asked: Host): Promise<{ slots: number; masters: Host[] }> {
  const masters = new Map<string, Host>();
  let slots = 0;
  for (const [first, last, ...nodes] of await node.cluster('SLOTS')) {
    slots += last - first + 1;
    const host = masterOf(nodes, asked);
    masters.set(`${host.host}:${host.port}`, host);
  }
  return { slots, masters: [...masters.values()] };
}

/** Which node has the slot of that key. @throws when none has */
export async function holderOf(node: Redis, asked: Host, key: string): Promise<Host> {
  const slot = await node.cluster('KEYSLOT', key);
  const ranges = await node.cluster('SLOTS');
  const range = ranges.find(([first, last]) => first <= slot && slot <= last);
  if (range === undefined) throw new Error('no node has that slot');
  const [, , ...nodes] = range;
  return masterOf(nodes, asked);
}

/** The master comes first; one that does not know its own name is where it was asked. */
const masterOf = (
  [master]: readonly (readonly [host: string, port: number, ...unknown[]])[],
  asked: Host,
): Host => ({
  host: master?.[0] || asked.host,
  port: master?.[1] ?? asked.port,
});

/**
 * Connects an ordinary client to the node that has the slot of `key`, whichever it is by then: for who uses keys of
 * one slot alone. The search goes on, with a `rest` after each time, until it is found or nobody wants it any more.
 */
export const connectorTo = (
  key: string,
  hosts: readonly Host[],
  manners: Manners,
  rest: (times: number) => Promise<void>,
) =>
  class extends AbstractConnector {
    constructor() {
      super(END_MS);
    }

    override async connect(): Promise<Socket> {
      this.connecting = true;
      const host = await this.#search();
      const stream =
        manners.tls === undefined ? connectPlain(host) : connectSecure({ ...host, ...manners.tls });
      stream.once('error', (error) => {
        this.firstError = error;
      });
      this.stream = stream;
      return stream;
    }

    async #search(): Promise<Host> {
      for (let times = 1; this.connecting; times += 1) {
        try {
          const found = await askCluster(hosts, manners, (node, asked) => holderOf(node, asked, key));
          if (this.connecting) return found;
        } catch {
          await rest(times);
        }
      }
      throw new Error('the connection is not wanted any more');
    }
  };

/** What of a key decides where it is: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags */
export const tagOf = (key: string): string => /\{([^}]+)\}/.exec(key)?.[1] ?? key;
