import { hostRedis } from './availability.ts';
import { freePort } from './free-port.ts';
import type { Command } from './isolated.ts';
import { isolated, onHost, STATE } from './isolated.ts';
import { prepare } from './prepare-servers.ts';
import { answersPing } from './probes.ts';
import { rootFolder } from './recipes.ts';
import { ServerProcess } from './server-process.ts';
import { stateFolder } from './state-folder.ts';
import type { RedisOptions, RedisServer } from './types.ts';

/** Else a copy waits 5 s for others that may come with it, and in a cluster up to 10 s until it counts as one. */
export const COPIED_AT_ONCE = { 'repl-diskless-sync-delay': '0', 'repl-ping-replica-period': '1' } as const;

/** Starts a Redis: the machine's own `redis-server` if there is one, else a prepared one (7.0). */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const progress = options.progress ?? (() => {});
  await prepare(['redis'], progress);
  const folder = await stateFolder('redis', options.folder);
  const port = await freePort();
  const server = new ServerProcess({
    name: 'redis',
    folder,
    ports: { redis: port },
    command: redisCommand(folder, port, options),
    ready: () => answersPing(port),
    logs: [],
    progress,
  });
  await server.start();
  return Object.assign(server, { url: `redis://127.0.0.1:${port}` });
}

function redisCommand(folder: string, port: number, options: RedisOptions): Command {
  return redisProgram(folder, (seen) => settings(seen, port, options));
}

/** `words`: the arguments, given the state folder as the program sees it. */
export function redisProgram(folder: string, words: (folder: string) => readonly string[]): Command {
  const own = hostRedis();
  if (own) return onHost([own, ...words(folder)]);
  const program = ['/usr/bin/redis-server', ...words(STATE)];
  return isolated({ root: rootFolder('redis'), state: folder, program });
}

function settings(folder: string, port: number, options: RedisOptions): string[] {
  const values = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    daemonize: 'no',
    // no snapshots: what survives is the append-only file alone, as promised by appendfsync
    save: '',
    appendonly: options.appendonly === false ? 'no' : 'yes',
    appendfsync: options.appendfsync ?? 'everysec',
    'maxmemory-policy': options.policy ?? 'noeviction',
    ...options.more,
  };
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
}
