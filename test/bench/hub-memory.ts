import { setTimeout as sleep } from 'node:timers/promises';
import type { House } from './house.ts';
import { inHouse } from './hub-jobs.ts';
import { type Figures, type JobOf, type Tell, Wrong } from './job.ts';
import { LINKS } from './ledger.ts';
import { dice } from './statistics.ts';

const SEED = 7;
/** All terms, in days: some seconds. */
const TERM_DAYS = 5 / 86_400;
const LAPSED_MS = 7000;
const LOOK_MS = 250;
const LOOKS_MAX = 240;

/** What the hub process and Redis hold when nothing is under way and all terms are over, early and in the end. */
export function hubMemory(job: JobOf<'hub-memory'>, tell: Tell): Promise<Figures> {
  const limits = { deduplicationDays: TERM_DAYS, idMapDays: TERM_DAYS, deadLetterDays: TERM_DAYS };
  return inHouse(
    job,
    tell,
    async (house) => {
      const random = dice(SEED);
      const say = (): void => house.say(Math.floor(random() * job.rooms * LINKS));
      const early = await after(house, job.messages / 4, job.underWay, say, tell);
      const end = await after(house, job.messages, job.underWay, say, tell);
      return {
        messages: job.messages,
        earlyHeldMegabytes: early.held / 1e6,
        heldMegabytes: end.held / 1e6,
        earlyRssMegabytes: early.rss / 1e6,
        rssMegabytes: end.rss / 1e6,
        earlyRedisKilobytes: early.memoryBytes / 1e3,
        redisKilobytes: end.memoryBytes / 1e3,
        keys: end.keys,
      };
    },
    { limits },
  );
}

/** What is in use once everything unused is collected, and what the process has of the machine for that. Bytes. */
function ownMemory() {
  if (globalThis.gc === undefined) throw new Wrong('needs --expose-gc');
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, rss };
}

async function after(house: House, messages: number, underWay: number, say: () => void, tell: Tell) {
  const { ledger, watch } = house;
  tell(`on to ${messages} messages`);
  const more = (): void => {
    if (ledger.said < messages) say();
  };
  ledger.completed = more;
  for (let said = 0; said < underWay; said += 1) more();
  while (ledger.complete < messages) {
    await house.arrived(Math.min(messages, ledger.complete + 1));
    await sleep(LOOK_MS);
  }
  ledger.completed = () => undefined;
  await house.drained();
  tell('waiting for the terms to lapse');
  await sleep(LAPSED_MS);
  // Redis takes out what has lapsed little by little.
  for (let looks = 0; ; looks += 1) {
    const { keys, memoryBytes } = await watch.read();
    await sleep(LOOK_MS);
    if ((await watch.read()).keys >= keys) return { keys, memoryBytes, ...ownMemory() };
    if (looks > LOOKS_MAX) throw new Wrong('what has lapsed is not taken out');
  }
}
