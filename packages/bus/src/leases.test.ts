import { ManualClock } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { Leases } from './leases.ts';
import type { ScriptName } from './scripts.ts';

const TERM = 4000;

/** A Redis that knows leases and no time: one lasts until it is taken away. */
class FakeRedis {
  readonly asked: ScriptName[] = [];
  readonly held = new Map<string, string>();
  away = false;
  /** While set, answers come when it is called. */
  answer: (() => void) | null = null;
  #token = 0;

  async run(name: ScriptName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    this.asked.push(name);
    if (this.away) throw new Error('Redis is away');
    const key = keys[0] ?? '';
    const own = String(args[0]);
    if (this.answer !== null) await new Promise<void>((resolve) => (this.answer = resolve));
    if (name === 'renew') return this.held.get(key) === own ? 1 : -1;
    if (name === 'unlease') return this.held.get(key) === own && this.held.delete(key) ? 1 : 0;
    if (this.held.has(key)) return 0;
    this.#token += 1;
    this.held.set(key, `${own}:${this.#token}`);
    return this.#token;
  }
}

let redis: FakeRedis;
let clock: ManualClock;
let leases: Leases;
let lost: string[];
beforeEach(() => {
  redis = new FakeRedis();
  clock = new ManualClock();
  leases = new Leases(redis, clock, 'me', TERM);
  lost = [];
});

const hold = (key: string): void => {
  redis.held.set(key, 'me:1');
  leases.hold(key, 'me:1', leases.moment(), () => lost.push(key));
};
const keys = ['k', 'k:holders'] as const;
const never = new AbortController().signal;

describe('a held lease', () => {
  it('is lost when only the date went on: the machine was suspended', async () => {
    const suspended = { now: clock.now.bind(clock), by: 0 };
    clock.now = () => suspended.now() + suspended.by;
    hold('k');
    suspended.by = TERM;
    expect(leases.has('k', 'me:1')).toBe(false);
    redis.held.set('k', 'another:2');
    await clock.advance(TERM / 4);
    expect(lost).toEqual(['k']);
  });

  it('survives a date that is put back', async () => {
    const before = clock.now.bind(clock);
    hold('k');
    clock.now = () => before() - 3_600_000;
    await clock.advance(3 * TERM);
    expect(leases.has('k', 'me:1')).toBe(true);
  });

  it('is renewed as long as it is held', async () => {
    hold('k');
    await clock.advance(10 * TERM);
    expect(leases.has('k', 'me:1')).toBe(true);
    expect(redis.asked.filter((name) => name === 'renew').length).toBeGreaterThanOrEqual(39);
    leases.drop('k', 'me:1');
    await clock.advance(TERM);
    expect(clock.waiting).toBe(0);
  });

  it('is lost when somebody took it', async () => {
    hold('k');
    hold('other');
    redis.held.set('k', 'you:2');
    await clock.advance(TERM / 4);
    expect(lost).toEqual(['k']);
    expect(leases.has('k', 'me:1')).toBe(false);
    expect(leases.has('other', 'me:1')).toBe(true);
  });

  it('is lost before it ends when Redis does not answer', async () => {
    hold('k');
    await clock.advance(TERM / 2);
    redis.away = true;
    await clock.advance(TERM / 2);
    expect(lost).toEqual([]);
    await clock.advance(TERM / 4);
    expect(lost).toEqual(['k']);
  });

  it('is lost in time also when it was taken between two turns', async () => {
    hold('early');
    await clock.advance(TERM / 8);
    hold('late');
    redis.away = true;
    const taken = clock.elapsed();
    while (!lost.includes('late')) await clock.advance(50);
    expect(clock.elapsed() - taken).toBeLessThan(TERM);
    expect(lost).toEqual(['early', 'late']);
  });

  it('survives an answer that comes late', async () => {
    hold('k');
    redis.answer = () => undefined;
    await clock.advance(TERM / 2);
    redis.answer();
    redis.answer = null;
    await clock.advance(TERM / 4);
    expect(lost).toEqual([]);
    expect(leases.has('k', 'me:1')).toBe(true);
  });

  /** The timers of this process come only when so much time has gone by. */
  const starved = async (ms: number): Promise<void> => {
    const elapsed = clock.elapsed.bind(clock);
    clock.elapsed = () => elapsed() + ms - TERM / 4;
    await clock.advance(TERM / 4);
  };

  it('is asked for once more when the timers come late, and kept', async () => {
    hold('k');
    await starved(TERM - 100);
    expect(lost).toEqual([]);
    await clock.advance(3 * TERM);
    expect(leases.has('k', 'me:1')).toBe(true);
  });

  it('is lost before it ends when the timers come late and Redis does not answer', async () => {
    hold('k');
    redis.away = true;
    await starved(TERM - 100);
    expect(lost).toEqual([]);
    await clock.advance(99);
    expect(lost).toEqual(['k']);
  });

  it('is not had any more once its time is over, whatever the timers do', async () => {
    redis.away = true;
    hold('k');
    expect(leases.has('k', 'me:2')).toBe(false);
    await clock.advance(TERM);
    expect(leases.has('k', 'me:1')).toBe(false);
  });

  it("a later holder of the same key is left alone by an earlier one's drop", () => {
    hold('k');
    leases.hold('k', 'me:2', leases.moment(), () => lost.push('again'));
    leases.drop('k', 'me:1');
    expect(leases.has('k', 'me:2')).toBe(true);
  });

  it('none is held after the close, and no timer is left', async () => {
    hold('k');
    leases.close();
    hold('k');
    expect(leases.has('k', 'me:1')).toBe(false);
    expect(clock.waiting).toBe(0);
  });
});

describe('take', () => {
  it('gets a free lease, and tells when it is lost', async () => {
    const lease = await leases.take(keys, never);
    expect(lease?.token).toBe(1);
    expect(lease?.lost.aborted).toBe(false);
    redis.held.clear();
    await clock.advance(TERM);
    expect(lease?.lost.aborted).toBe(true);
  });

  it('waits until the holder gives it up', async () => {
    const first = await leases.take(keys, never);
    const waiting = new Leases(redis, clock, 'you', TERM).take(keys, never);
    await clock.advance(TERM);
    await first?.release();
    await clock.advance(TERM / 8);
    expect((await waiting)?.token).toBe(2);
  });

  it('waits while Redis is away', async () => {
    redis.away = true;
    const waiting = leases.take(keys, never);
    await clock.advance(10 * TERM);
    redis.away = false;
    await clock.advance(TERM / 8);
    expect(await waiting).not.toBeNull();
  });

  it('gives up when it is called off, and holds nothing then', async () => {
    redis.held.set('k', 'you:9');
    const off = new AbortController();
    const waiting = leases.take(keys, off.signal);
    await clock.advance(TERM);
    off.abort();
    expect(await waiting).toBeNull();
    expect(await leases.take(keys, off.signal)).toBeNull();
  });

  it('gives back at once what it got after it was called off', async () => {
    redis.answer = () => undefined;
    const off = new AbortController();
    const waiting = leases.take(keys, off.signal);
    await clock.advance(1);
    off.abort();
    const release = redis.answer;
    redis.answer = null;
    release();
    expect(await waiting).toBeNull();
    expect(redis.held.size).toBe(0);
    expect(clock.waiting).toBe(0);
  });
});
