import { setTimeout as sleep } from 'node:timers/promises';
import type { BadRoom, House } from './house.ts';
import { inHouse, Offered, warmUpMs } from './hub-jobs.ts';
import type { Figures, JobOf, Tell } from './job.ts';
import { LINKS } from './ledger.ts';
import { type Latency, latencyOf } from './statistics.ts';

const SLOW_MS = 5000;
const THROTTLED_MS = 1000;
/** Messages a second to the bad links. */
const TO_BAD = 20;

/**
 * Latency in quiet rooms, alone and then beside bad neighbours in the same hub: a link that takes five seconds for
 * each call, one that is throttled, one whose network is down, and a room with more messages than all others.
 */
export function hubNeighbours(job: JobOf<'hub-neighbours'>, tell: Tell): Promise<Figures> {
  const { rooms, perSecond, seconds } = job;
  return inHouse(
    job,
    tell,
    async (house) => {
      // The last room is the one that is flooded later.
      const offered = new Offered(house, rooms - 1, perSecond);
      tell('warming up');
      await sleep(warmUpMs(seconds));
      tell('measuring alone');
      const quiet = await latencies(house, rooms - 1, seconds);
      spoil(house.badRoom);
      const toBad = repeat(TO_BAD, house.badRoom.say);
      const flood = repeat(job.flood, () => house.say((rooms - 1) * LINKS));
      await sleep(warmUpMs(seconds));
      tell('measuring beside bad neighbours');
      const carried = house.ledger.complete;
      const beside = await latencies(house, rooms - 1, seconds);
      const floodPerSecond = (house.ledger.complete - carried) / seconds - perSecond;
      toBad();
      flood();
      await offered.stop();
      const waiting = await house.watch.lengthOf(house.badLanes);
      await house.drained();
      const { p50, p99 } = beside;
      return {
        quietP50Ms: quiet.p50,
        quietP99Ms: quiet.p99,
        p50Ms: p50,
        p99Ms: p99,
        floodPerSecond,
        waiting,
      };
    },
    { bad: true },
  );
}

function spoil({ slow, throttled, dead }: BadRoom): void {
  slow.calls.always(({ name }) => (name === 'post' ? { kind: 'lag', ms: SLOW_MS } : undefined));
  throttled.calls.always(({ name }) =>
    name === 'post' ? { kind: 'throttle', afterMs: THROTTLED_MS } : undefined,
  );
  dead.down();
}

/** How long messages of the first `rooms` rooms took, in a window of so many seconds. */
async function latencies({ ledger }: House, rooms: number, seconds: number): Promise<Latency> {
  const values: number[] = [];
  ledger.completed = (message) => {
    if (ledger.roomOf(message) < rooms) values.push(ledger.added(message));
  };
  await sleep(seconds * 1000);
  ledger.completed = () => undefined;
  return latencyOf(values);
}

/** Does it so often a second, evenly, until told to stop. */
function repeat(perSecond: number, run: () => void): () => void {
  const began = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1000) * perSecond;
    for (; done < due; done += 1) run();
  }, 2);
  return () => clearInterval(timer);
}
