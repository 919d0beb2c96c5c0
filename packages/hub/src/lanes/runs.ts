import { faultOf, type Log } from '@brygga/contract';

/** The drains under way in this process: each is owned here, and a stop waits for all of them. */
export class Runs {
  readonly #running = new Set<Promise<void>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Starts `run`, which must not reject but for a defect. */
  start(run: () => Promise<void>): void {
    const running = run()
      .catch((error: unknown) => this.#log.error('lane.fault', { fault: faultOf(error) }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  get count(): number {
    return this.#running.size;
  }

  /** Resolves when none is under way any more, also of those that begin meanwhile. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
