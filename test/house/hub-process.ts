import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

export interface HubProcessOptions {
  readonly config: string;
  /** Its standard output and error are appended here. */
  readonly logFile: string;
  /** Of /readyz. */
  readonly statusUrl: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A process group of its own, so that Ctrl-C in the terminal does not reach it, and an end with this process. */
  readonly own?: boolean;
  /** Run in place of `brygga`, with its words; `begun` is given each process, to speak with it by messages. */
  readonly program?: { readonly path: string; readonly begun: (child: ChildProcess) => void };
}

/** The hub as operators run it: `brygga start` in a process of its own, which can be killed. */
export class HubProcess {
  readonly #options: HubProcessOptions;
  #child: ChildProcess | null = null;

  constructor(options: HubProcessOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it; `ready`: waits until /readyz says so. */
  async start(ready = true): Promise<void> {
    const { config, logFile, env = {}, own = false, program } = this.#options;
    const log = openSync(logFile, 'a');
    const hub = [process.execPath, program?.path ?? MAIN, 'start', '-c', config];
    const [command = '', ...args] = own ? ['setpriv', '--pdeathsig', 'KILL', ...hub] : hub;
    try {
      this.#child = spawn(command, args, {
        stdio: ['ignore', log, log, program === undefined ? 'ignore' : 'ipc'],
        serialization: 'advanced',
        env: { ...process.env, ...env },
        detached: own,
      });
      program?.begun(this.#child);
    } finally {
      closeSync(log);
    }
    if (ready) await this.ready();
  }

  async ready(withinMs = 60_000): Promise<void> {
    const ask = async (): Promise<boolean> => {
      if (!this.running) throw new Error(`the hub ended: ${this.log().slice(-2000)}`);
      const answer = await fetch(`${this.#options.statusUrl}/readyz`).catch(() => null);
      return answer?.status === 200;
    };
    await until('the hub is ready', ask, { withinMs, everyMs: 50 }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log().slice(-3000)}`);
    });
  }

  /** SIGKILL: no instruction more. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM: in good order. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Resolves when the process that runs now has ended, however it comes to that. */
  async ended(): Promise<void> {
    const child = this.#child;
    if (child === null || !this.running) return;
    await new Promise<void>((resolve) => child.once('exit', () => resolve()));
  }

  /** As on a machine that is suspended: it has nothing of what happens until it goes on. */
  suspend(): void {
    this.#child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child?.kill('SIGCONT');
  }

  log(): string {
    return readFileSync(this.#options.logFile, 'utf8');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === null || !this.running) return child?.exitCode ?? null;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await ended;
    if (this.#child === child) this.#child = null;
    return child.exitCode;
  }
}
