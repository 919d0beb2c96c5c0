import type { NetworkId, RoomId } from '@brygga/event';
import { Queue, Worker } from 'bullmq';
import { codeOf, forQueues } from './connect.ts';
import type { LaneName } from './keys.ts';

/** A wake-up of a lane: at once (the lane belongs to another process) or after a hold. */
export interface Wake {
  readonly room: RoomId;
  readonly lane: LaneName;
}

export interface WakeOptions {
  readonly url: string;
  readonly prefix: string;
  readonly onError: (code: string) => void;
}

const KEEP_NONE = { removeOnComplete: true, removeOnFail: true } as const;

/**
 * What is not "now, here", by BullMQ: one queue a network for wake-ups of lanes (worked only by the process
 * that speaks to the network) and one for the hub's regular work. Jobs carry ids, never contents. A lost job
 * loses nothing: the sweep finds every lane with items and no owner.
 */
export class Wakes {
  readonly #options: WakeOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #workers = new Map<string, Worker>();

  constructor(options: WakeOptions) {
    this.#options = options;
  }

  /** Wakes a lane of that network after `delayMs`, once however often it is asked for meanwhile. */
  async wake(network: NetworkId, wake: Wake, delayMs: number): Promise<void> {
    // BullMQ keeps colons for itself in job ids.
    const jobId = `${wake.room}/${wake.lane.replace(':', '/')}`;
    await this.#queue(`net.${network}`).add('wake', wake, { ...KEEP_NONE, jobId, delay: delayMs });
  }

  /** Works the wake-ups of a network in this process. */
  attend(network: NetworkId, run: (wake: Wake) => Promise<void>): void {
    const name = `net.${network}`;
    if (this.#workers.has(name)) return;
    this.#workers.set(
      name,
      this.#worker(name, 16, async (data) => run(data as Wake)),
    );
  }

  async unattend(network: NetworkId): Promise<void> {
    const worker = this.#workers.get(`net.${network}`);
    this.#workers.delete(`net.${network}`);
    await worker?.close();
  }

  /** Lets a whole network's wake-ups wait. */
  async pause(network: NetworkId, ms: number): Promise<void> {
    await this.#queue(`net.${network}`).rateLimit(ms);
  }

  /** Runs `work` every `everyMs` in one of all hub processes. */
  async regularly(name: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    const queue = `hub.${name}`;
    await this.#queue(queue).upsertJobScheduler(name, { every: everyMs }, { name, opts: KEEP_NONE });
    this.#workers.set(queue, this.#worker(queue, 1, work));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(name, { connection: forQueues(this.#options.url), prefix: this.#prefix });
    queue.on('error', (error) => this.#options.onError(codeOf(error)));
    this.#queues.set(name, queue);
    return queue;
  }

  #worker(name: string, concurrency: number, run: (data: unknown) => Promise<void>): Worker {
    const worker = new Worker(name, async (job) => run(job.data), {
      connection: forQueues(this.#options.url),
      prefix: this.#prefix,
      concurrency,
    });
    worker.on('error', (error) => this.#options.onError(codeOf(error)));
    return worker;
  }

  get #prefix(): string {
    return `{${this.#options.prefix}-jobs}`;
  }
}
