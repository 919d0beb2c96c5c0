import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { hostRedis } from '../servers/availability.ts';

/** Passable for the servers' own user, not to be listed. */
const PASSABLE = 0o711;

// Its input ends when we do, whatever ended us; the servers, which still write, end a moment later.
const SWEEP = `read line
for again in 1 2 3 4 5; do sleep 1; rm -rf -- "$1" && exit; done`;

/** The folder that everything of a run lies in. */
export class Place {
  readonly folder: string;
  readonly kept: boolean;
  readonly #sweeper: ChildProcess | null;

  /**
   * `keep`: a folder that is kept, null for a temporary one.
   * @throws when the folder cannot be used, with the remedy
   */
  constructor(keep: string | null) {
    this.kept = keep !== null;
    this.folder = keep === null ? mkdtempSync(join(tmpdir(), 'brygga-demo-')) : resolve(keep);
    this.#sweeper = this.kept ? null : sweeperOf(this.folder);
    try {
      if (this.kept) mkdirSync(this.folder, { recursive: true, mode: PASSABLE });
      else chmodSync(this.folder, PASSABLE);
      const fault = faultOf(this.folder);
      if (fault !== null) throw new Error(fault);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${this.folder} cannot be used: ${why}`, { cause: error });
    }
  }

  /** Everything has stopped: a temporary folder is removed. Else that is done when this process has ended. */
  leave(): void {
    if (this.kept) return;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
    this.#sweeper?.kill();
  }
}

function sweeperOf(folder: string): ChildProcess {
  const sweeper = spawn('sh', ['-c', SWEEP, 'sweeper', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    detached: true,
  });
  sweeper.unref();
  return sweeper;
}

function faultOf(folder: string): string | null {
  if (readdirSync(folder).length > 0 && !existsSync(join(folder, 'synapse')))
    return 'it is not empty and holds no earlier demonstration; name one that is new or empty';
  // The machine's own Redis is the one server that sees its folder by this path, and runs as nobody under root.
  if (process.getuid?.() !== 0 || hostRedis() === undefined) return null;
  const shut = parentsOf(folder).find((one) => (statSync(one).mode & 0o001) === 0);
  if (shut === undefined) return null;
  return `the servers run as nobody and cannot pass ${shut}; chmod o+x it, or use another (--keep, TMPDIR)`;
}

const parentsOf = (folder: string): string[] =>
  dirname(folder) === folder ? [folder] : [...parentsOf(dirname(folder)), folder];
