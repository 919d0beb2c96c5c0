import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, type Job as Task, Worker } from 'bullmq';
import { type Figures, type JobOf, TEXT, type Tell, Wrong } from './job.ts';
import { latencyOf } from './statistics.ts';

/*
 * BullMQ as everybody would use it first, as the measuring-stick: one queue, one worker, jobs that do nothing
 * and are removed when done, the text of a message as their payload.
 */

const ADDED_AT_ONCE = 500;
/** Jobs (of a hundred) that warm the worker up and are not counted. */
const WARM_UP = 20;
const KEEP_NONE = { removeOnComplete: true, removeOnFail: true } as const;
const PAUSE_MS = 5;

const connection = (url: string) => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null };
};

/** How many jobs a second a worker does that were all added beforehand, at the concurrency that suits it best. */
export async function jobsRate(job: JobOf<'jobs-rate'>, tell: Tell): Promise<Figures> {
  let best = { perSecond: 0, concurrency: 0 };
  for (const concurrency of job.concurrencies) {
    tell(`${job.jobs} jobs at concurrency ${concurrency}`);
    const perSecond = await worked(job.redis, job.jobs, concurrency);
    if (perSecond > best.perSecond) best = { perSecond, concurrency };
  }
  return best;
}

async function worked(url: string, jobs: number, concurrency: number): Promise<number> {
  const name = `noop-${concurrency}`;
  const queue = new Queue(name, { connection: connection(url) });
  for (let added = 0; added < jobs; added += ADDED_AT_ONCE) {
    const some = Array.from({ length: Math.min(ADDED_AT_ONCE, jobs - added) }, (_, index) => ({
      name: 'noop',
      data: { id: added + index, text: TEXT },
      opts: KEEP_NONE,
    }));
    await queue.addBulk(some);
  }
  const seen = new Set<number>();
  const { promise: all, resolve } = Promise.withResolvers<void>();
  let counting = 0;
  const worker = new Worker(name, async () => undefined, { connection: connection(url), concurrency });
  worker.on('completed', (task: Task<{ id: number }>) => {
    seen.add(task.data.id);
    if (seen.size === Math.floor((jobs * WARM_UP) / 100)) counting = performance.now();
    if (seen.size === jobs) resolve();
  });
  const failed = new Promise<never>((_, reject) => worker.on('failed', (_task, error) => reject(error)));
  await Promise.race([all, failed]);
  const seconds = (performance.now() - counting) / 1000;
  await worker.close();
  await queue.close();
  return (jobs * (100 - WARM_UP)) / 100 / seconds;
}

/** From calling `add` to the worker's function being called, one job at a time, with a pause between. */
export async function jobsIdle(job: JobOf<'jobs-idle'>, tell: Tell): Promise<Figures> {
  const queue = new Queue('idle', { connection: connection(job.redis) });
  let arrived: (at: number) => void = () => undefined;
  const worker = new Worker('idle', async () => arrived(performance.now()), {
    connection: connection(job.redis),
    concurrency: 50,
  });
  try {
    await worker.waitUntilReady();
    tell(`${job.samples} jobs, one at a time`);
    const warmUp = Math.ceil(job.samples / 5);
    const values: number[] = [];
    for (let i = 0; i < warmUp + job.samples; i++) {
      const { promise, resolve } = Promise.withResolvers<number>();
      arrived = resolve;
      const asked = performance.now();
      await queue.add('idle', { text: TEXT }, KEEP_NONE);
      const value = (await promise) - asked;
      if (i >= warmUp) values.push(value);
      await sleep(PAUSE_MS);
    }
    if (values.length !== job.samples) throw new Wrong('a job was not worked');
    const { p50, p99 } = latencyOf(values);
    return { p50Ms: p50, p99Ms: p99 };
  } finally {
    await worker.close();
    await queue.close();
  }
}
