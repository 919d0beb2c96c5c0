import { Redis } from 'ioredis';

const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 6), 2000);

/** Where Redis is, and under which name everything lies there. */
export interface RedisPlace {
  /** `rediss://user:password@host:port/db` */
  readonly url: string;
  readonly prefix: string;
  /** Who is asked where Redis is; `url` then gives user, password, database and TLS. */
  readonly sentinel?: SentinelPlace | undefined;
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

/** What ioredis has to know to get there. */
export function addressOf({ url, sentinel }: Pick<RedisPlace, 'url' | 'sentinel'>) {
  const parts = new URL(url);
  const { username, password, pathname, protocol } = parts;
  const secure = protocol === 'rediss:';
  return {
    ...(sentinel === undefined ? hostOf(parts, 6379) : viaSentinels(sentinel, secure)),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 ? { db: Number(pathname.slice(1)) } : {}),
    ...(secure ? { tls: {} } : {}),
  };
}

const viaSentinels = ({ name, hosts, user, password }: SentinelPlace, secure: boolean) => ({
  name,
  sentinels: hosts.map((host) => hostOf(new URL(`redis://${host}`), 26_379)),
  ...(user === undefined ? {} : { sentinelUsername: user }),
  ...(password === undefined ? {} : { sentinelPassword: password }),
  ...(secure ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
  sentinelRetryStrategy: retryStrategy,
  connectTimeout: 2000, // of each sentinel as well: the next is asked after that
  failoverDetector: true, // the sentinels tell, so that nobody waits for the old master
});

/** A master that became a copy takes nothing any more: the connection is made anew, to whichever is master now. */
const reconnectOnError = (error: Error): boolean => error.message.startsWith('READONLY');

/**
 * A connection for commands. A Redis that does not answer for `silentMs` counts as gone: the connection is made anew.
 * Errors are told to `onError` by code (`ECONNREFUSED`); the client reconnects.
 * A command whose answer was lost is not sent again by the client: scripts that release items may have run, and
 * running them twice would lose what follows. It rejects when the connection ends, one that waits for a
 * connection when the next attempt fails (`maxRetriesPerRequest: 0`): nobody waits for ever, nothing piles up.
 * The caller gives its lane up and looks at what Redis holds.
 */
export function connect(
  place: Pick<RedisPlace, 'url' | 'sentinel'>,
  silentMs: number,
  onError: (code: string) => void,
): Redis {
  const redis = new Redis({
    connectTimeout: 5000,
    ...addressOf(place),
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    socketTimeout: silentMs,
    enableOfflineQueue: true,
    enableAutoPipelining: true,
    retryStrategy,
    reconnectOnError,
  });
  redis.on('error', (error: Error) => onError(codeOf(error)));
  return redis;
}

/** `ECONNREFUSED` and its like, or the class of the error: never its message, which may name hosts and data. */
export const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;

/**
 * A connection for BullMQ, as it asks (https://docs.bullmq.io/guide/connections), with the copies it makes of it.
 * BullMQ 5 lets go of some that are closed while Redis is away without ending them: they try to connect for ever,
 * and nobody hears their errors. `end` ends all of them for good.
 */
export class QueueConnection {
  readonly redis: Redis;
  readonly #copies: QueueConnection[] = [];
  #ended = false;

  constructor(
    place: Pick<RedisPlace, 'url' | 'sentinel'>,
    onError: (code: string) => void,
    more: object = {},
  ) {
    const usual = { maxRetriesPerRequest: null, retryStrategy, reconnectOnError };
    this.redis = new Redis({ ...addressOf(place), ...more, ...usual });
    this.redis.on('error', (error: Error) => onError(codeOf(error)));
    const connect = this.redis.connect.bind(this.redis);
    Object.assign(this.redis, {
      connect: () => (this.#ended ? Promise.reject(new Error('ended')) : connect()),
      duplicate: (other: object = {}) => {
        const copy = new QueueConnection(place, onError, { ...more, ...other });
        this.#copies.push(copy);
        return copy.redis;
      },
    });
  }

  /** Redis fell silent on another connection: this one, which waits for answers for ever, is made anew. */
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
