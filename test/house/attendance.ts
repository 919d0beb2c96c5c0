import type { HubProcess } from './hub-process.ts';
import { metric } from './status.ts';
import { until } from './until.ts';

/** One of several hub processes on one Redis. */
export interface Process {
  readonly hub: HubProcess;
  readonly statusUrl: string;
}

/** How long a network may have nobody who speaks to it, whatever becomes of a process. */
export const UNATTENDED_MS_MAX = 10_000;
const LOOK_MS = 50;

/** Which of the processes speaks to which network, as they say themselves. */
export class Attendance {
  readonly #processes: readonly Process[];
  readonly #networks: readonly string[];

  constructor(processes: readonly Process[], networks: readonly string[]) {
    this.#processes = processes;
    this.#networks = networks;
  }

  /** The process that speaks to the network, when there is one. */
  async of(network: string): Promise<Process | null> {
    const found = await Promise.all(this.#processes.map((one) => attends(one, network)));
    return this.#processes[found.indexOf(true)] ?? null;
  }

  /** Resolves when every network has somebody. */
  complete(): Promise<void> {
    return until('every network is attended', async () => {
      const found = await Promise.all(this.#networks.map((network) => this.of(network)));
      return !found.includes(null);
    });
  }

  /** Watches until it is told to stop; gives the longest time that each network had nobody, in ms. */
  watch(): () => Promise<readonly number[]> {
    let over = false;
    const watching = this.#networks.map(async (network) => {
      let [longest, since] = [0, performance.now()];
      while (!over) {
        const now = performance.now();
        if ((await this.of(network)) !== null) since = performance.now();
        longest = Math.max(longest, now - since);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      return longest;
    });
    return () => {
      over = true;
      return Promise.all(watching);
    };
  }
}

const attends = async (one: Process, network: string): Promise<boolean> =>
  one.hub.running && (await metric(one, 'brygga_network_up', { network }).catch(() => 0)) === 1;
