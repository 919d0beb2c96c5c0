import { faultOf } from '@brygga/contract';
import type { NetworkId, RoomId } from '@brygga/event';
import { Queue, Worker } from 'bullmq';
import { codeOf, type JobsPlace, QueueConnection } from './connect.ts';
import { Keys, type LaneName } from './keys.ts';

/** A wake-up of a lane: at once (the lane belongs to another process) or after a hold. */
export interface Wake {
  readonly room: RoomId;
  readonly lane: LaneName;
  /** The hold this wake-up is the end of: a later hold of the lane stays. */
  readonly hold?: string;
}

interface Working {
  readonly worker: Worker;
  readonly connection: QueueConnection;
  /** Runs under way. */
  readonly runs: Set<Promise<void>>;
}

const KEEP_NONE = { removeOnComplete: true, removeOnFail: true } as const;
/** How soon a job is given to somebody else whose process died over it. */
const STALLED = { lockDuration: 5000, stalledInterval: 5000 } as const;
/** Makes a worker heed `pause`; the numbers limit nothing. */
const LIMITER = { max: 1_000_000, duration: 1000 } as const;
/** How long a worker that has met a pause sleeps at most: it does not see by itself that the pause was ended. */
const PAUSE_LOOK = { maximumRateLimitDelay: 1000 } as const;
/** What BullMQ notes of each job: nobody reads it. */
const EVENTS = { events: { maxLen: 100 } } as const;
/** How long a worker rests after Redis refused what it asked for: BullMQ would ask again at once, without end. */
const REST_MS = 1000;
/** How long a close waits for BullMQ, and for runs under way. */
const CLOSE_MS = 2000;

/**
 * What is not "now, here", by BullMQ: one queue a network for wake-ups of lanes (worked only by the process
 * that speaks to the network) and one for the hub's regular work. Jobs carry ids, never contents. A lost job
 * loses nothing: the sweep finds every lane with items and no owner.
 */
export class Wakes {
  readonly #options: JobsPlace;
  /** Of the queues; each worker has its own. */
  readonly #connection: QueueConnection;
  readonly #queues = new Map<string, Queue>();
  readonly #working = new Map<string, Working>();

  constructor(options: JobsPlace) {
    this.#options = options;
    this.#connection = new QueueConnection(options);
  }

  /**
   * Wakes a lane of that network after `delayMs`. A job of its own each time: one that is being worked off just
   * now may have looked at the lane already.
   */
  async wake(network: NetworkId, wake: Wake, delayMs = 0): Promise<void> {
    await this.#queue(`net.${network}`).add('wake', wake, { ...KEEP_NONE, delay: delayMs });
  }

  /** Wakes a lane once, however often this is asked for until it is worked off: for whoever asks again anyway. */
  async nudge(network: NetworkId, wake: Wake): Promise<void> {
    // BullMQ keeps colons for itself in job ids.
    const jobId = `${wake.room}/${wake.lane.replace(':', '/')}`;
    await this.#queue(`net.${network}`).add('wake', wake, { ...KEEP_NONE, jobId });
  }

  /** Works the wake-ups of a network in this process. */
  attend(network: NetworkId, run: (wake: Wake) => Promise<void>): void {
    const name = `net.${network}`;
    if (!this.#working.has(name)) this.#work(name, 16, (data) => run(data as Wake));
  }

  async unattend(network: NetworkId): Promise<void> {
    await this.#end(`net.${network}`);
  }

  /** Lets a whole network's wake-ups wait. */
  async pause(network: NetworkId, ms: number): Promise<void> {
    await this.#queue(`net.${network}`).rateLimit(ms);
  }

  /** Ends a pause. */
  async resume(network: NetworkId): Promise<void> {
    await this.#queue(`net.${network}`).removeRateLimitKey();
  }

  /** Runs `work` every `everyMs` in one of all hub processes. */
  async regularly(name: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    const queue = `hub.${name}`;
    await this.#queue(queue).upsertJobScheduler(name, { every: everyMs }, { name, opts: KEEP_NONE });
    this.#work(queue, 1, work);
  }

  /** Redis fell silent on another connection. */
  reconnect(): void {
    this.#connection.renew();
    for (const { connection } of this.#working.values()) connection.renew();
  }

  /** Bounded, also when Redis is away. */
  async close(): Promise<void> {
    await Promise.all([...this.#working.keys()].map((name) => this.#end(name)));
    this.#connection.redis.disconnect();
    await this.#patiently([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const settings = { connection: this.#connection.redis, prefix: this.#prefix, streams: EVENTS };
    const queue = new Queue(name, settings);
    queue.on('error', (error) => this.#options.onError(codeOf(error)));
    this.#queues.set(name, queue);
    return queue;
  }

  #work(name: string, concurrency: number, run: (data: unknown) => Promise<void>): void {
    const runs = new Set<Promise<void>>();
    const tracked = async (data: unknown): Promise<void> => {
      const running = run(data);
      runs.add(running);
      try {
        await running;
      } catch (error) {
        // BullMQ keeps the message of what a job failed with; it may hold what people wrote.
        throw new Error(faultOf(error));
      } finally {
        runs.delete(running);
      }
    };
    const connection = new QueueConnection(this.#options);
    const settings = { connection: connection.redis, prefix: this.#prefix, concurrency, limiter: LIMITER };
    const worker = new Worker(name, (job) => tracked(job.data), {
      ...settings,
      ...STALLED,
      ...PAUSE_LOOK,
    });
    worker.on('error', (error) => {
      this.#options.onError(codeOf(error));
      if (error.name === 'ReplyError') this.#rest(name);
    });
    this.#working.set(name, { worker, connection, runs });
  }

  /** Redis is full, or takes nothing for another reason. Asks it nothing. */
  #rest(name: string): void {
    const worker = this.#working.get(name)?.worker;
    if (worker === undefined || worker.isPaused()) return;
    void worker.pause(true);
    this.#options.clock.after(REST_MS, () => {
      if (this.#working.get(name)?.worker === worker) void worker.resume();
    });
  }

  /** A worker's own way of closing in good order waits for Redis to answer, so the runs are waited for here. */
  async #end(name: string): Promise<void> {
    const working = this.#working.get(name);
    this.#working.delete(name);
    if (working === undefined) return;
    await this.#patiently([working.worker.close(true)]);
    working.connection.end();
    await this.#patiently([...working.runs]);
  }

  /** Waits until all are settled, for a bounded time. */
  async #patiently(these: readonly Promise<unknown>[]): Promise<void> {
    const patience = new AbortController();
    await Promise.race([Promise.allSettled(these), this.#options.clock.sleep(CLOSE_MS, patience.signal)]);
    patience.abort();
  }

  get #prefix(): string {
    return new Keys(this.#options.prefix).jobs;
  }
}
