import { type ChildProcess, fork } from 'node:child_process';
import type { IncomingEvent, NetworkId } from '@brygga/event';
import type { ToChild, ToParent } from './child.ts';
import type { FakeNetwork } from './fake-network.ts';

/** A hub in a process of its own, which speaks to networks in memory here. */
export class ChildHub {
  readonly #child: ChildProcess;
  readonly #networks: ReadonlyMap<string, FakeNetwork>;
  readonly #open = new Set<NetworkId>();
  readonly #accepts = new Map<number, (taken: boolean) => void>();
  #number = 0;
  #alive = true;

  constructor(settings: unknown, networks: ReadonlyMap<string, FakeNetwork>, sendWindow = 1) {
    this.#networks = networks;
    this.#child = fork(new URL('./child.ts', import.meta.url), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message: ToParent) => void this.#hear(message));
    this.#child.on('error', () => undefined); // a message to one that was just killed
    this.#child.once('exit', () => this.#ended());
    this.#tell({ kind: 'start', settings, sendWindow });
  }

  speaksTo(network: FakeNetwork): boolean {
    return this.#open.has(network.id);
  }

  /** Hands events over; false when they were not taken, or nobody knows. */
  accept(network: FakeNetwork, events: readonly IncomingEvent[]): Promise<boolean> {
    if (!this.#alive) return Promise.resolve(false);
    this.#number += 1;
    const id = this.#number;
    return new Promise((resolve) => {
      this.#accepts.set(id, resolve);
      this.#tell({ kind: 'accept', id, network: network.id, events });
    });
  }

  /** At once, at whatever instruction it is. */
  async kill(): Promise<void> {
    if (!this.#alive) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  async #hear(message: ToParent): Promise<void> {
    if (message.kind === 'open') this.#open.add(message.network);
    if (message.kind === 'closed') this.#open.delete(message.network);
    if (message.kind === 'accepted') {
      this.#accepts.get(message.id)?.(message.taken);
      this.#accepts.delete(message.id);
    }
    if (message.kind === 'send') {
      const outcome = await this.#networks.get(message.network)?.send(message.delivery);
      if (outcome !== undefined) this.#tell({ kind: 'outcome', id: message.id, outcome });
    }
  }

  #ended(): void {
    this.#alive = false;
    this.#open.clear();
    for (const resolve of this.#accepts.values()) resolve(false);
    this.#accepts.clear();
  }

  #tell(message: ToChild): void {
    if (this.#alive && this.#child.connected) this.#child.send(message, () => undefined);
  }
}
