import { Redis } from 'ioredis';

const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 6), 2000);

/** A Redis URL taken apart: `rediss://user:password@host:port/db`. */
const addressOf = (url: string) => {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'), // an IPv6 address stands in brackets
    port: port === '' ? 6379 : Number(port),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 ? { db: Number(pathname.slice(1)) } : {}),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
};

/**
 * A connection for commands. A Redis that does not answer for `silentMs` counts as gone: the connection is made anew.
 * Errors are told to `onError` by code (`ECONNREFUSED`); the client reconnects.
 * A command whose answer was lost is not sent again by the client: scripts that release items may have run, and
 * running them twice would lose what follows. It rejects when the connection ends, one that waits for a
 * connection when the next attempt fails (`maxRetriesPerRequest: 0`): nobody waits for ever, nothing piles up.
 * The caller gives its lane up and looks at what Redis holds.
 */
export function connect(url: string, silentMs: number, onError: (code: string) => void): Redis {
  const redis = new Redis({
    ...addressOf(url),
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    socketTimeout: silentMs,
    enableOfflineQueue: true,
    enableAutoPipelining: true,
    connectTimeout: 5000,
    retryStrategy,
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

  constructor(url: string, onError: (code: string) => void, more: object = {}) {
    this.redis = new Redis({ ...addressOf(url), ...more, maxRetriesPerRequest: null, retryStrategy });
    this.redis.on('error', (error: Error) => onError(codeOf(error)));
    const connect = this.redis.connect.bind(this.redis);
    Object.assign(this.redis, {
      connect: () => (this.#ended ? Promise.reject(new Error('ended')) : connect()),
      duplicate: (other: object = {}) => {
        const copy = new QueueConnection(url, onError, { ...more, ...other });
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
