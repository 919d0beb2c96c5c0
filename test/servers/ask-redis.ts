import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

const SETTLED_MS_MAX = 30_000;
const POLL_MS = 50;

/** The answer of one server, over a connection of its own. */
export async function askRedis(url: string, [name = '', ...words]: readonly string[]): Promise<unknown> {
  const redis = new Redis(url, { retryStrategy: () => null, lazyConnect: true });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await redis.call(name, words);
  } finally {
    redis.disconnect();
  }
}

/** Waits until it holds; what fails meanwhile does not hold. */
export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + SETTLED_MS_MAX;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not within ${SETTLED_MS_MAX} ms: ${what}`);
    await sleep(POLL_MS);
  }
}
