import type { Clock } from '@brygga/contract';
import { Recent } from '@brygga/wire';

const CHANNELS_MAX = 1000;
/** The server dates posts in whole milliseconds, and those of one have no order (`post_store.go`). */
const APART_MS = 2;

/** Keeps what is written in one channel so far apart that it has different dates. */
export class Spacing {
  readonly #clock: Clock;
  /** When the last one was answered, or found to be there. */
  readonly #last = new Recent<number>(CHANNELS_MAX);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async rest(channel: string, signal: AbortSignal): Promise<void> {
    const last = this.#last.get(channel);
    const ms = last === undefined ? 0 : last + APART_MS - this.#clock.elapsed();
    if (ms > 0) await this.#clock.sleep(ms, signal);
  }

  wrote(channel: string): void {
    this.#last.set(channel, this.#clock.elapsed());
  }
}
