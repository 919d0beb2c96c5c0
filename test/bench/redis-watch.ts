import { Redis } from 'ioredis';

/** One reading of what Redis counts about itself. */
export interface Reading {
  /** Calls by command, those inside scripts included. */
  readonly calls: Readonly<Record<string, number>>;
  readonly cpuMicros: number;
  /** Reads from sockets: a pipeline that comes in one piece counts once. */
  readonly reads: number;
  readonly memoryBytes: number;
  readonly writtenBytes: number;
  readonly keys: number;
}

/** What happened between two readings, per message. */
export interface PerMessage {
  readonly cpuMicros: number;
  readonly scripts: number;
  readonly commands: number;
  readonly reads: number;
}

const CALLS = /^cmdstat_([^:]+):calls=(\d+)/gm;
const OWN = new Set(['info', 'ping', 'dbsize', 'client|setinfo']);

function number(info: string, name: string): number {
  const value = new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1];
  return value === undefined ? 0 : Number(value);
}

/** Reads Redis's own counters over a connection of its own. */
export class RedisWatch {
  readonly redis: Redis;

  constructor(url: string) {
    this.redis = new Redis(url);
  }

  async read(): Promise<Reading> {
    const [info, stats, keys] = await Promise.all([
      this.redis.info(),
      this.redis.info('commandstats'),
      this.redis.dbsize(),
    ]);
    return {
      calls: Object.fromEntries([...stats.matchAll(CALLS)].map(([, name, calls]) => [name, Number(calls)])),
      cpuMicros: (number(info, 'used_cpu_user') + number(info, 'used_cpu_sys')) * 1e6,
      reads: number(info, 'total_reads_processed'),
      memoryBytes: number(info, 'used_memory'),
      writtenBytes: number(info, 'aof_current_size'),
      keys,
    };
  }

  /** Items in these lists, all together. */
  async lengthOf(keys: readonly string[]): Promise<number> {
    const lengths = await Promise.all(keys.map((key) => this.redis.llen(key)));
    return lengths.reduce((sum, length) => sum + length, 0);
  }

  /** Lists under `prefix` that hold something: lanes. */
  async lists(prefix: string): Promise<readonly string[]> {
    const found: string[] = [];
    let cursor = '0';
    do {
      const [next, keys] = await this.redis.scan(
        cursor,
        'MATCH',
        `${prefix}*`,
        'COUNT',
        10_000,
        'TYPE',
        'list',
      );
      found.push(...keys);
      cursor = next;
    } while (cursor !== '0');
    return found;
  }

  close(): void {
    this.redis.disconnect();
  }
}

/** The difference of two readings shared out over `messages`. */
export function perMessage(before: Reading, after: Reading, messages: number): PerMessage {
  let commands = 0;
  for (const [name, calls] of Object.entries(after.calls)) {
    if (!OWN.has(name)) commands += calls - (before.calls[name] ?? 0);
  }
  const called = (name: string): number => (after.calls[name] ?? 0) - (before.calls[name] ?? 0);
  return {
    cpuMicros: (after.cpuMicros - before.cpuMicros) / messages,
    scripts: (called('evalsha') + called('eval')) / messages,
    commands: commands / messages,
    reads: (after.reads - before.reads) / messages,
  };
}
