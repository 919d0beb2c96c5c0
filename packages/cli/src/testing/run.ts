import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Log, systemClock } from '@brygga/contract';
import { readFileFromDisk } from '@brygga/hub';
import type { Io } from '../io.ts';
import { brygga } from '../program.ts';
import { INVENTED } from './semaphore.ts';

export const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

export interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** An `Io` whose writing is kept; `more` replaces parts of it. */
export function heldIo(more: Partial<Io> = {}): {
  readonly io: Io;
  readonly written: { out: string; err: string };
} {
  const written = { out: '', err: '' };
  const io: Io = {
    bridges: INVENTED,
    hub: {
      startHub: () => Promise.reject(new Error('no hub in this test')),
      checkRedis: async () => [{ level: 'ok', what: 'Redis 7.2' }],
      checkOtherHubs: async () => [],
      openDesk: () => {
        throw new Error('no desk in this test');
      },
      createLog: () => silent,
    },
    env: {},
    clock: systemClock,
    readFile: readFileFromDisk,
    writePrivate: () => {},
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    watched: { out: false, err: false },
    ask: null,
    onStop: () => () => {},
    exitNow: () => {},
    ...more,
  };
  return { io, written };
}

/** Runs a command within this process. */
export async function held(args: readonly string[], more: Partial<Io> = {}): Promise<Ran> {
  const { io, written } = heldIo(more);
  const exit = await brygga(args, io);
  return { exit, ...written };
}

/** Runs a command as a process of its own. */
export async function ran(
  args: readonly string[],
  env: Record<string, string> = {},
  main = MAIN,
): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], { cwd: FIXTURES, env: { PATH: '', ...env } });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exit: child.exitCode, out, err };
}

/** A settings file that needs no disk: its text as the only file there is. */
export const only = (settings: string): Pick<Io, 'readFile'> => ({
  readFile: (path) =>
    path.endsWith('.yaml') ? { ok: true, text: settings, mode: 0o600 } : { ok: false, why: 'missing' },
});
