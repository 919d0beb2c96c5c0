import { AtOnce, dice } from '@brygga/testkit';
import { Redis } from 'ioredis';
import { startRedis } from '../servers/index.ts';
import { Broken, type RedisAt } from './history.ts';
import { play } from './play.ts';
import { type Plot, plotOf } from './random.ts';
import { AHEAD, allCases, type Finished, nameOf, playOn, runCases } from './systematic.ts';
import { lineOf, type SeedResult, type Told } from './told.ts';

/** A Redis of one's own, with a client to look into it. */
export interface OwnRedis extends RedisAt {
  /** Killed and started again, with what its append-only file holds. */
  die(): Promise<void>;
  close(): Promise<void>;
}

/** `dies`: what it was told has to survive its death, so the file is synced at every write. Else it has none. */
export async function ownRedis(dies = false): Promise<OwnRedis> {
  const server = await startRedis(dies ? { appendfsync: 'always' } : { appendonly: false });
  const raw = new Redis(server.url);
  raw.on('error', () => undefined);
  return {
    url: server.url,
    raw,
    die: async () => {
      await server.stop({ signal: 'SIGKILL' });
      await server.start();
    },
    close: async () => {
      raw.disconnect();
      await server.stop({ wipe: true });
    },
  };
}

/** The systematic cases whose name contains `filter`. Gives what was broken. */
export async function systematic(
  redis: RedisAt,
  filter: string,
  atOnce: number,
  told: Told,
): Promise<Finished[]> {
  const cases = allCases().filter((one) => nameOf(one).includes(filter));
  const finished = await runCases(cases, {
    name: nameOf,
    play: playOn(redis, dice(1)),
    atOnce,
    stride: () => ({ ahead: AHEAD }),
    told: (one) => told(lineOf(one)),
  });
  return [...finished];
}

/** The random histories of these seeds. */
export async function seeds(
  redis: RedisAt,
  which: readonly number[],
  atOnce: number,
  told: Told,
): Promise<SeedResult[]> {
  const places = new AtOnce(atOnce);
  return Promise.all(
    which.map((seed) =>
      places.run(async () => {
        const broken = await playSeed(redis, plotOf(seed));
        told(`seed ${seed}: ${broken ?? 'whole'}`);
        return { seed, broken };
      }),
    ),
  );
}

async function playSeed(shared: RedisAt, plot: Plot): Promise<string | null> {
  const own = plot.ownRedis ? await ownRedis(true) : null;
  try {
    await play(own ?? shared, plot, async () => own?.die());
    return null;
  } catch (error) {
    if (error instanceof Broken) return error.message;
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } finally {
    await own?.close();
  }
}
