import type { Clock } from '@brygga/contract';
import { type Cluster, Redis } from 'ioredis';
import { type ClusterPlace, clusterOf, connectorTo, type Host } from './cluster.ts';
import { Keys } from './keys.ts';
import { SteadySentinels } from './sentinels.ts';

/** One Redis, or a cluster of them. */
export type Client = Redis | Cluster;

const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 6), 2000);

/** Where Redis is, and under which name everything lies there. */
export interface RedisPlace {
  /** `rediss://user:password@host:port/db` */
  readonly url: string;
  readonly prefix: string;
  /** Who is asked where Redis is; `url` then gives user, password, database and TLS. */
  readonly sentinel?: SentinelPlace | undefined;
  /** Whose nodes have the data; `url` then gives user, password and TLS. */
  readonly cluster?: ClusterPlace | undefined;
  /** How many copies of Redis must have each step before anything follows from it. */
  readonly replicas?: number | undefined;
}

/** Redis Sentinel: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/ */
export interface SentinelPlace {
  /** Of the master, as the sentinels call it. */
  readonly name: string;
  /** `host:port` of each. */
  readonly hosts: readonly string[];
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

const hostOf = (url: URL, usual: number) => ({
  host: url.hostname.replace(/^\[(.*)\]$/, '$1'), // an IPv6 address stands in brackets
  port: url.port === '' ? usual : Number(url.port),
});

/** What ioredis has to know to get there, where it is no cluster. */
export function addressOf({ url, sentinel }: Pick<RedisPlace, 'url' | 'sentinel'>) {
  const parts = new URL(url);
  const { pathname } = parts;
  const manners = mannersOf(url);
  return {
    ...(sentinel === undefined ? hostOf(parts, 6379) : viaSentinels(sentinel, 'tls' in manners)),
    ...(pathname.length > 1 ? { db: Number(pathname.slice(1)) } : {}),
    ...manners,
  };
}

/** Who one is there, and whether TLS is spoken. */
export function mannersOf(url: string) {
  const { username, password, protocol } = new URL(url);
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

export const nodesOf = ({ hosts }: ClusterPlace): Host[] =>
  hosts.map((host) => hostOf(new URL(`redis://${host}`), 6379));

/** A sentinel that does not answer for so long is passed over. */
const SENTINEL_MS = 2000;

const viaSentinels = ({ name, hosts, user, password }: SentinelPlace, secure: boolean) => ({
  name,
  sentinels: hosts.map((host) => hostOf(new URL(`redis://${host}`), 26_379)),
  ...(user === undefined ? {} : { sentinelUsername: user }),
  ...(password === undefined ? {} : { sentinelPassword: password }),
  ...(secure ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
  sentinelRetryStrategy: retryStrategy,
  connectTimeout: SENTINEL_MS, // of each sentinel as well: the next is asked after that
  sentinelCommandTimeout: SENTINEL_MS,
  failoverDetector: true, // the sentinels tell, so that nobody waits for the old master
  Connector: SteadySentinels,
});

/** A master that became a copy takes nothing any more: the connection is made anew, to whichever is master now. */
const reconnectOnError = (error: Error): boolean => /^(READONLY|MOVED) /.test(error.message);

/**
 * A connection for commands. A Redis that does not answer for `silentMs` counts as gone: the connection is made anew.
 * Errors are told to `onError` by code (`ECONNREFUSED`); the client reconnects.
 * A command whose answer was lost is not sent again by the client: scripts that release items may have run, and
 * running them twice would lose what follows. It rejects when the connection ends, one that waits for a
 * connection when the next attempt fails (`maxRetriesPerRequest: 0`): nobody waits for ever, nothing piles up.
 * The caller gives its lane up and looks at what Redis holds. `waits`: of a cluster that is not there yet, see there.
 */
export function connect(
  place: Omit<RedisPlace, 'prefix'>,
  silentMs: number,
  onError: (code: string) => void,
  waits = false,
): Client {
  const each = {
    connectTimeout: 5000,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    socketTimeout: silentMs,
    enableAutoPipelining: true,
  };
  const told = (error: Error): void => onError(codeOf(error));
  if (place.cluster === undefined)
    return new Redis({ ...each, ...addressOf(place), retryStrategy, reconnectOnError }).on('error', told);
  const options = { ...each, ...mannersOf(place.url) };
  const cluster = clusterOf(nodesOf(place.cluster), options, { pause: retryStrategy, waits });
  return cluster.on('error', told).on('node error', told);
}

/** Whether all of Redis is there. */
export function isThere(redis: Client): boolean {
  if (redis.status !== 'ready' || redis instanceof Redis) return redis.status === 'ready';
  const ready = redis.nodes('master').filter(({ status }) => status === 'ready');
  const there = new Set(ready.map(({ options: { host, port } }) => `${host}:${port}`));
  return redis.slots.every(([master = '']) => there.has(master));
}

/** Calls `lost` whenever a part of Redis is lost, and `back` when it, or another in its place, is there. */
export function watch(redis: Client, { lost, back }: { lost?: () => void; back?: () => void }): void {
  const follow = (one: Redis, isBack: boolean): void => {
    let away = isBack;
    one.on('close', () => {
      away = true;
      lost?.();
    });
    one.on('ready', () => {
      if (away) back?.();
      away = false;
    });
  };
  if (redis instanceof Redis) {
    follow(redis, false);
    return;
  }
  redis.on('+node', (one: Redis) => follow(one, true));
  for (const one of redis.nodes()) follow(one, one.status !== 'ready');
}

/**
 * Resolves when all of a cluster is there, and rejects when its client is closed before. One Redis need not be waited
 * for: its client keeps what comes early.
 */
export function whenThere(redis: Client): Promise<void> {
  if (redis instanceof Redis || isThere(redis)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (isThere(redis)) resolve();
    };
    watch(redis, { back: look });
    redis.once('ready', look);
    redis.once('end', () => reject(new Error('closed before Redis was there')));
  });
}

/** Where BullMQ's keys are. */
export interface JobsPlace extends RedisPlace {
  readonly clock: Clock;
  readonly onError: (code: string) => void;
  /** A Redis that does not answer for that long counts as gone. */
  readonly silentMs: number;
}

/** They are all in one slot, so that in a cluster one node has them. */
function wayToJobs({ clock, ...place }: JobsPlace) {
  if (place.cluster === undefined) return addressOf(place);
  const manners = mannersOf(place.url);
  const { jobs } = new Keys(place.prefix);
  const rest = (times: number): Promise<void> => clock.sleep(retryStrategy(times));
  return { ...manners, Connector: connectorTo(jobs, nodesOf(place.cluster), manners, rest) };
}

/** `ECONNREFUSED` and its like, or the class of the error: never its message, which may name hosts and data. */
export const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;

/**
 * A connection for BullMQ, as it asks (https://docs.bullmq.io/guide/connections), with the copies it makes of it.
 * A Redis that does not answer for `silentMs` counts as gone here too, and is asked again on a new connection: lanes
 * wait for the answer, with their leases.
 * BullMQ 5 lets go of some that are closed while Redis is away without ending them: they try to connect for ever,
 * and nobody hears their errors. `end` ends all of them for good.
 */
export class QueueConnection {
  readonly redis: Redis;
  readonly #copies: QueueConnection[] = [];
  #ended = false;

  constructor(options: JobsPlace, more: object = {}) {
    const usual = { maxRetriesPerRequest: null, retryStrategy, reconnectOnError };
    const bound = { socketTimeout: options.silentMs };
    this.redis = new Redis({ ...wayToJobs(options), ...bound, ...more, ...usual });
    this.redis.on('error', (error: Error) => options.onError(codeOf(error)));
    const connect = this.redis.connect.bind(this.redis);
    Object.assign(this.redis, {
      connect: () => (this.#ended ? Promise.reject(new Error('ended')) : connect()),
      duplicate: (other: object = {}) => {
        // Redis answers a copy when a job comes, and BullMQ looks itself that it does.
        const copy = new QueueConnection(options, { ...more, ...other, socketTimeout: undefined });
        this.#copies.push(copy);
        return copy.redis;
      },
    });
  }

  /** Redis fell silent on another connection: this one is made anew before it is known to be silent too. */
  renew(): void {
    if (this.redis.status === 'ready') this.redis.disconnect(true);
  }

  /** What BullMQ still waits for is never answered: it would not hear of a failure, and end the process with it. */
  end(): void {
    this.#ended = true;
    this.redis.disconnect(true);
    for (const copy of this.#copies) copy.end();
  }
}
