import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { House } from '../test/house.ts';
import { checkRedis } from './index.ts';

const prefix = 'checked';
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));

const set = async (...words: string[]): Promise<void> => {
  const house = new House(redis.url);
  await house.raw.config('SET', ...(words as [string, string]));
  await house.close();
};

const levels = async (url: string): Promise<string[]> =>
  (await checkRedis({ url, prefix })).map(({ level, what }) => `${level}: ${what}`);

describe('checkRedis', () => {
  it('finds nothing wrong with one set up as asked', async () => {
    expect(await levels(redis.url)).toEqual([
      expect.stringMatching(/^ok: Redis \d/),
      'ok: maxmemory-policy noeviction',
      expect.stringMatching(/^ok: append-only file on, written every second/),
      'ok: data of schema 1',
    ]);
    await set('appendfsync', 'always');
    expect(await levels(redis.url)).toContain('ok: append-only file on');
    await set('appendfsync', 'everysec');
  });

  it('warns of an append-only file that is written whenever it suits the system', async () => {
    await set('appendfsync', 'no');
    const warned = (await checkRedis({ url: redis.url, prefix })).filter(({ level }) => level === 'warn');
    expect(warned.map(({ remedy }) => remedy)).toEqual([expect.stringContaining('appendfsync everysec')]);
    await set('appendfsync', 'everysec');
  });

  it('warns of a Redis that is nearly full, and fails one that is', async () => {
    const house = new House(redis.url);
    const used = Number(/used_memory:(\d+)/.exec(await house.raw.info('memory'))?.[1]);
    await house.close();
    await set('maxmemory', String(Math.round(used * 1.15)));
    expect(await levels(redis.url)).toContainEqual(
      expect.stringMatching(/^warn: Redis uses (8|9)\d % of its maxmemory/),
    );
    await set('maxmemory', '1');
    expect(await levels(redis.url)).toContain('fail: Redis is full: nothing is accepted');
    await set('maxmemory', '0');
  });

  it('warns, with the remedy, of an eviction policy and of a missing append-only file', async () => {
    await set('maxmemory-policy', 'allkeys-lru');
    await set('appendonly', 'no');
    const findings = await checkRedis({ url: redis.url, prefix });
    const warned = findings.filter(({ level }) => level === 'warn');
    expect(warned.map(({ remedy }) => remedy)).toEqual([
      expect.stringContaining('maxmemory-policy noeviction'),
      expect.stringContaining('appendonly yes'),
    ]);
    await set('maxmemory-policy', 'noeviction');
    await set('appendonly', 'yes');
  });

  it('knows its own data, and refuses those of a version it does not know', async () => {
    const house = new House(redis.url);
    const bus = house.bus('one', { prefix });
    expect((await bus.claimSchema()).level).toBe('ok');
    expect((await bus.claimSchema()).level).toBe('ok');
    expect(await levels(redis.url)).toContain('ok: data of schema 1');
    await house.raw.set(`${prefix}:schema`, '2');
    const found = (await checkRedis({ url: redis.url, prefix })).find(({ level }) => level === 'fail');
    expect(found?.what).toBe('Redis holds data of schema 2, and this version of Brygga knows 1');
    expect(found?.remedy).toMatch(/rolling-upgrade\.md$/);
    expect((await bus.claimSchema()).level).toBe('fail');
    expect(await house.raw.get(`${prefix}:schema`)).toBe('2');
    await house.raw.del(`${prefix}:schema`);
    await house.close();
  });

  it('says when nobody is there', async () => {
    expect(await levels(`redis://127.0.0.1:${await freePort()}`)).toEqual(['fail: Redis cannot be reached']);
  });

  it('says when the password is wrong or missing', async () => {
    await set('requirepass', 'right');
    const { port } = new URL(redis.url);
    expect(await levels(redis.url)).toEqual(['fail: Redis refuses the password']);
    expect(await levels(`redis://:wrong@127.0.0.1:${port}`)).toEqual(['fail: Redis refuses the password']);
    expect(await levels(`redis://:right@127.0.0.1:${port}`)).toContainEqual(
      expect.stringMatching(/^ok: append-only file on/),
    );
    const raw = new House(`redis://:right@127.0.0.1:${port}`);
    await raw.raw.config('SET', 'requirepass', '');
    await raw.close();
  });

  it('does not wait for ever for one that does not answer', async () => {
    const mute: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const began = performance.now();
    expect(await levels(`redis://127.0.0.1:${port}`)).toEqual(['fail: Redis cannot be reached']);
    expect(performance.now() - began).toBeLessThan(15_000);
    mute.close();
  });
});
