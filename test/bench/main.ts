/** What `npm run bench` starts. See README.md. */
import { cpus, loadavg, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startRedis } from '../servers/index.ts';
import { inChild } from './child-process.ts';
import type { Results } from './goals.ts';
import { type Figures, Wrong } from './job.ts';
import { MEASURES, type MeasureName } from './measures.ts';
import { HELP, type Wish, wishOf } from './options.ts';
import { json, table } from './table.ts';

const NODE_MAJOR_MIN = 24;

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** Empties Redis and its append-only file, so that no measure pays for the one before. */
async function clean(redis: Redis): Promise<void> {
  await redis.flushall();
  await redis.bgrewriteaof();
  while (/aof_rewrite_(?:in_progress|scheduled):1/.test(await redis.info('persistence'))) await sleep(50);
  await redis.config('RESETSTAT');
}

async function machineOf(redis: Redis): Promise<string> {
  const version = /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1] ?? 'unknown';
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]?.toFixed(1);
  return (
    `${cores.length} x ${cores[0]?.model.trim() ?? 'unknown CPU'}, ${memory} GiB; Node ${process.version}, ` +
    `Redis ${version}, append-only file everysec; load average at the beginning ${load}`
  );
}

/**
 * Measure by measure, then all again: what changes on the machine meanwhile meets all of them. Gives back what
 * was wrong; such a repetition leaves no figures.
 */
async function measureAll(
  wish: Wish,
  redis: { readonly url: string; readonly client: Redis },
  results: Map<MeasureName, Figures[]>,
  signal: AbortSignal,
): Promise<string[]> {
  const wrong: string[] = [];
  for (let repetition = 1; repetition <= wish.repetitions; repetition++) {
    for (const name of wish.only) {
      const heading = `${repetition}/${wish.repetitions} ${name}`;
      tell(`${heading}: ${MEASURES[name].title}`);
      await clean(redis.client);
      const run = { tell: (line: string) => tell(`${heading}: ${line}`), signal, profile: wish.profile };
      try {
        results.get(name)?.push(await inChild(MEASURES[name].job(redis.url, wish.seconds), run));
      } catch (error) {
        if (signal.aborted || !(error instanceof Wrong)) throw error;
        tell(`${heading}: WRONG: ${error.message}`);
        wrong.push(`${name}: ${error.message}`);
      }
    }
  }
  return wrong;
}

function show(wish: Wish, machine: string, results: Results, wrong: readonly string[]): void {
  process.stdout.write(`${wish.json ? json(machine, results, wrong) : table(machine, results, wrong)}\n`);
}

async function bench(wish: Wish): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const server = await startRedis({ progress: tell });
  const client = new Redis(server.url);
  client.on('error', () => undefined);
  const results = new Map<MeasureName, Figures[]>(wish.only.map((name) => [name, []]));
  try {
    // A rewrite in the midst of a window would be measured with it.
    await client.config('SET', 'auto-aof-rewrite-percentage', '0');
    const machine = await machineOf(client);
    try {
      const wrong = await measureAll(wish, { url: server.url, client }, results, interrupted.signal);
      show(wish, machine, results, wrong);
      return wrong.length === 0 ? 0 : 1;
    } catch (error) {
      if (!interrupted.signal.aborted) throw error;
      tell('interrupted; what was measured until now:');
      show(wish, machine, results, []);
      return 130;
    }
  } finally {
    client.disconnect();
    await server.stop({ wipe: true });
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

async function main(words: string[]): Promise<number> {
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
    tell(
      `Node ${NODE_MAJOR_MIN} is needed, this is ${process.version}. "npm ci" brings it; then "npm run bench".`,
    );
    return 2;
  }
  let wish: Wish | 'help';
  try {
    wish = wishOf(words);
  } catch (error) {
    tell(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (wish === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  return bench(wish);
}

process.exitCode = await main(process.argv.slice(2));
