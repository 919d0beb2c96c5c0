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

/** A Redis that has not answered for that long counts as gone: the connection is made anew. */
const SILENT_MS = 5000;

/**
 * A connection for commands. Errors are told to `onError` by code (`ECONNREFUSED`); the client reconnects.
 * A command whose answer was lost is not sent again by the client: scripts that release items may have run, and
 * running them twice would lose what follows. It rejects when the connection ends, one that waits for a
 * connection when the next attempt fails (`maxRetriesPerRequest: 0`): nobody waits for ever, nothing piles up.
 * The caller gives its lane up and looks at what Redis holds.
 */
export function connect(url: string, onError: (code: string) => void): Redis {
  const redis = new Redis({
    ...addressOf(url),
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    socketTimeout: SILENT_MS,
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

/** The connection that BullMQ's queues and workers share, as it asks (https://docs.bullmq.io/guide/connections). */
export function connectQueues(url: string, onError: (code: string) => void): Redis {
  const redis = new Redis({ ...addressOf(url), maxRetriesPerRequest: null, retryStrategy });
  redis.on('error', (error: Error) => onError(codeOf(error)));
  return redis;
}
