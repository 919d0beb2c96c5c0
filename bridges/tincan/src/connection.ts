import { type Clock, type ConnectionState, faultOf, type Log } from '@brygga/contract';
import type { LineEnd, TincanLine } from './world/line.ts';
import type { TincanNetwork } from './world/network.ts';
import { TincanError } from './world/types.ts';

export interface ConnectionParts {
  readonly network: TincanNetwork;
  readonly password: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly state: (state: ConnectionState, code?: string) => void;
  /** What the line is told; `broken` is heard by the connection first. */
  readonly end: LineEnd;
  /** A new line is there: what is to be watched is watched before it counts as up. */
  readonly opened: (line: TincanLine) => Promise<void>;
}

const PAUSE_MS_MIN = 20;
const PAUSE_MS_MAX = 30_000;

/** Keeps one line to the network open: tries again with growing, jittered pauses, for ever. */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #stop = new AbortController();
  #line: TincanLine | null = null;
  #broken: () => void = () => undefined;
  readonly #run: Promise<void>;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#run = this.#keep();
  }

  /** The line, when there is one. */
  get line(): TincanLine | null {
    return this.#line;
  }

  /** Hangs up for good. Calls under way are rejected. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#line?.close();
    await this.#run;
  }

  async #keep(): Promise<void> {
    const { clock, random, state } = this.#parts;
    const { signal } = this.#stop;
    let failures = 0;
    while (!signal.aborted) {
      if (failures === 0) state('connecting');
      const came = await this.#once(() => {
        failures = 0;
      });
      if (signal.aborted) break;
      failures += 1;
      state(
        came === 'password' ? 'refused' : 'down',
        came === 'password' ? 'CREDENTIALS_REFUSED' : 'NETWORK_DOWN',
      );
      // Full jitter: many bridges that lost the same server do not come back at once.
      const most = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(failures, 12));
      await clock.sleep(random() * most, signal);
    }
    state('down', 'HUB_STOPPING');
  }

  /** One line from its opening to its end; what ended it. */
  async #once(succeeded: () => void): Promise<string> {
    const { network, password, end, state, log } = this.#parts;
    const over = new Promise<void>((resolve) => {
      this.#broken = resolve;
    });
    try {
      const line = await network.connect(password, { ...bound(end), broken: () => this.#lost(end) });
      if (this.#stop.signal.aborted) {
        line.close();
        return 'stopped';
      }
      // From here on a channel that is attached is watched by whoever attaches it; earlier ones are by `opened`.
      this.#line = line;
      await this.#prepared(line);
      // It may have broken while the channels were being watched.
      if (line.open) {
        succeeded();
        state('up');
        await over;
      }
      return 'lost';
    } catch (error) {
      if (error instanceof TincanError) return error.trouble;
      log.error('connection.fault', { fault: faultOf(error) });
      return 'fault';
    }
  }

  async #prepared(line: TincanLine): Promise<void> {
    try {
      await this.#parts.opened(line);
    } catch (error) {
      line.close();
      throw error;
    }
  }

  #lost(end: LineEnd): void {
    this.#line = null;
    end.broken();
    this.#broken();
  }
}

const bound = (end: LineEnd): LineEnd => ({
  changed: (channel, change) => end.changed(channel, change),
  signalled: (signal) => end.signalled(signal),
  pinned: (channel) => end.pinned?.(channel),
  broken: () => end.broken(),
});
