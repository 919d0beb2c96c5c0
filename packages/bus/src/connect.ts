import { Redis } from 'ioredis';

const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 6), 2000);

/** A Redis URL taken apart: `rediss://user:password@host:port/db`. */
const addressOf = (url: string) => {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  return {
    host: hostname,
    port: port === '' ? 6379 : Number(port),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 ? { db: Number(pathname.slice(1)) } : {}),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
};

/**
 * A connection for commands. Errors are told to `onError` by code (`ECONNREFUSED`); the client reconnects.
 * A command whose answer was lost is not sent again by the client: scripts that release items may have run, and
 * running them twice would lose what follows. The caller gives its lane up instead and looks at what Redis holds.
 */
export function connect(url: string, onError: (code: string) => void): Redis {
  const redis = new Redis({
    ...addressOf(url),
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
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

/** What BullMQ asks of a connection it blocks on (https://docs.bullmq.io/guide/connections). */
export const forQueues = (url: string) => ({ ...addressOf(url), maxRetriesPerRequest: null, retryStrategy });
