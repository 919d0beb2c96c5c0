import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';

/** Everything Redis holds: each key with all its values, by its type. */
export async function everythingIn(redis: Redis): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  for (const key of await redis.keys('*')) all.set(key, JSON.stringify(await valuesOf(redis, key)));
  return all;
}

async function valuesOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return redis.get(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'hash':
      return redis.hgetall(key);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    case 'none': // gone meanwhile
      return null;
    default:
      throw new Error(`no way to read a ${type}`);
  }
}

/** The keys in whose name or values one of the words stands. */
export async function keysWith(redis: Redis, words: readonly string[]): Promise<string[]> {
  const all = [...(await everythingIn(redis))];
  return all.filter(([key, text]) => words.some((word) => (key + text).includes(word))).map(([key]) => key);
}

/** Which of the words stand in the append-only files of a Redis with that folder. */
export async function wordsOnDisk(folder: string, words: readonly string[]): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  const texts = await Promise.all(
    files
      .filter((file) => /\.aof$|\.rdb$/.test(file))
      .map((file) => readFile(join(folder, file), 'utf8').catch(() => '')),
  );
  if (texts.length === 0) throw new Error('no append-only file was found');
  return words.filter((word) => texts.some((text) => text.includes(word)));
}
