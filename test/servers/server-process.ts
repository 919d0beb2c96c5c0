import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFree } from './free-port.ts';
import type { Command } from './isolated.ts';
import { tail } from './run-step.ts';
import { handOver } from './state-folder.ts';
import type { Progress, RunningServer, StopOptions } from './types.ts';

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;
/** A process that was just killed from outside needs a moment until its end is known here. */
const DYING_MS_MAX = 1_000;
const POLL_MS = 20;

/** What is particular about a server. */
export interface ServerSpec {
  name: string;
  folder: string;
  ports: Record<string, number>;
  command: Command;
  /** Looks once whether the server does its work. */
  ready: () => Promise<boolean>;
  /** Log files in the folder, beside `output.log`, shown when it does not come up. */
  logs: readonly string[];
  progress: Progress;
}

async function takenPorts(ports: readonly number[]): Promise<number[]> {
  const free = await Promise.all(ports.map(isFree));
  return ports.filter((_, index) => !free[index]);
}

/** A process with a state folder that can be stopped, started again, frozen and thawed. */
export class ServerProcess implements RunningServer {
  readonly #spec: ServerSpec;
  #child: ChildProcess | undefined;

  constructor(spec: ServerSpec) {
    this.#spec = spec;
  }

  get folder(): string {
    return this.#spec.folder;
  }

  get ports(): Record<string, number> {
    return this.#spec.ports;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined || !this.running) throw new Error(`${this.#spec.name} is not running`);
    return pid;
  }

  /** Whether the process exists; a frozen one does. */
  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Files that tell what the server did, absolute. */
  get logFiles(): string[] {
    return ['output.log', ...this.#spec.logs].map((name) => join(this.folder, name));
  }

  async start(): Promise<void> {
    const { name, folder, progress } = this.#spec;
    if (this.running && !(await this.#ends(DYING_MS_MAX))) throw new Error(`${name} is already running`);
    // checked here because Prosody would run on without a port that it cannot have
    const taken = await takenPorts(Object.values(this.ports));
    if (taken.length > 0) throw new Error(`${name}: port ${taken.join(', ')} is taken by another program`);
    const began = Date.now();
    await handOver(folder);
    this.#child = await this.#spawn();
    await this.#waitUntilReady(began + START_MS_MAX);
    progress(
      `${name}: up after ${Date.now() - began} ms, pid ${this.pid}, ports ${JSON.stringify(this.ports)}`,
    );
  }

  async stop(how: StopOptions = {}): Promise<void> {
    const { name, folder, progress } = this.#spec;
    if (this.running) {
      this.#child?.kill(how.signal ?? 'SIGTERM');
      // a frozen process would not see the SIGTERM
      this.#child?.kill('SIGCONT');
      if (!(await this.#ends(STOP_MS_MAX))) {
        progress(`${name}: still running ${STOP_MS_MAX / 1000} s after the signal, killing it`);
        this.#child?.kill('SIGKILL');
        await this.#ends(STOP_MS_MAX);
      }
    }
    if (how.wipe) await rm(folder, { recursive: true, force: true });
  }

  suspend(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  #spawn(): Promise<ChildProcess> {
    const { command } = this.#spec;
    const output = openSync(join(this.folder, 'output.log'), 'a');
    // detached: Ctrl-C in the terminal is for the tests, which then stop the server in their own order
    const child = spawn(command.command, command.args, {
      cwd: '/',
      env: command.env,
      stdio: ['ignore', output, output],
      detached: true,
    });
    closeSync(output);
    // a forgotten server must not keep the test run alive; it dies with us by its death signal
    child.unref();
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', () => resolve(child));
    });
  }

  async #waitUntilReady(deadline: number): Promise<void> {
    while (!(await this.#spec.ready())) {
      if (!this.running) throw await this.#failure('ended instead of coming up');
      if (Date.now() > deadline) {
        await this.stop({ signal: 'SIGKILL' });
        throw await this.#failure(`did not answer within ${START_MS_MAX / 1000} s`);
      }
      await sleep(POLL_MS);
    }
    // something else may have answered on the port
    if (!this.running) throw await this.#failure('ended instead of coming up');
  }

  async #failure(what: string): Promise<Error> {
    return new Error(`${this.#spec.name} ${what}\n${await tail(this.logFiles)}`);
  }

  /** Waits for the end by polling: the process is unreferenced, only a timer keeps this one waiting. */
  async #ends(msMax: number): Promise<boolean> {
    const deadline = Date.now() + msMax;
    while (this.running && Date.now() < deadline) await sleep(POLL_MS);
    return !this.running;
  }
}
