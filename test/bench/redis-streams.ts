import { Redis } from 'ioredis';
import { type Figures, type JobOf, TEXT, type Tell, Wrong } from './job.ts';

const WRITTEN_AT_ONCE = 500;
const READ_AT_ONCE = 200;
const STREAM = 'bench:stream';
const GROUP = 'bench';

/** What Redis itself can take: entries written in pipelines, then read by a group and acknowledged. */
export async function streams(job: JobOf<'streams'>, tell: Tell): Promise<Figures> {
  const redis = new Redis(job.redis);
  try {
    tell('warming up');
    await write(redis, job.seconds / 4);
    await redis.flushall();
    tell('writing in pipelines');
    const written = await write(redis, job.seconds / 2);
    tell('reading as a group, acknowledging');
    const read = await readAll(redis);
    if (read.count !== written.count) throw new Wrong(`${written.count} entries written, ${read.count} read`);
    return {
      writtenPerSecond: written.count / written.seconds,
      readPerSecond: read.count / read.seconds,
      perSecond: written.count / (written.seconds + read.seconds),
    };
  } finally {
    redis.disconnect();
  }
}

interface Done {
  readonly count: number;
  readonly seconds: number;
}

async function write(redis: Redis, seconds: number): Promise<Done> {
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < seconds * 1000) {
    const pipeline = redis.pipeline();
    for (let i = 0; i < WRITTEN_AT_ONCE; i++) pipeline.xadd(STREAM, '*', 'text', TEXT);
    await pipeline.exec();
    count += WRITTEN_AT_ONCE;
  }
  return { count, seconds: (performance.now() - began) / 1000 };
}

async function readAll(redis: Redis): Promise<Done> {
  await redis.xgroup('CREATE', STREAM, GROUP, '0');
  const began = performance.now();
  let count = 0;
  for (;;) {
    const ids = await readSome(redis);
    if (ids.length === 0) return { count, seconds: (performance.now() - began) / 1000 };
    await redis.xack(STREAM, GROUP, ...ids);
    count += ids.length;
  }
}

async function readSome(redis: Redis): Promise<string[]> {
  const answer = (await redis.xreadgroup(
    'GROUP',
    GROUP,
    'one',
    'COUNT',
    READ_AT_ONCE,
    'STREAMS',
    STREAM,
    '>',
  )) as [stream: string, entries: [id: string, fields: string[]][]][] | null;
  return answer?.[0]?.[1].map(([id]) => id) ?? [];
}
