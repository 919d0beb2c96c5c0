import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { House, type HouseOptions } from './house.ts';
import type { Figures, JobOf, Tell } from './job.ts';
import { LINKS } from './ledger.ts';
import { perMessage, type Reading } from './redis-watch.ts';
import { dice, latencyOf } from './statistics.ts';

const SEED = 7;
const TICK_MS = 2;
/** Messages said without letting the hub do anything. */
const AT_ONCE = 1000;

/** The hub under as much as it can take: a fixed number of messages is under way, one that arrived is replaced. */
export async function hubRate(job: JobOf<'hub-rate'>, tell: Tell): Promise<Figures> {
  return inHouse(job, tell, async (house) => {
    const random = dice(SEED);
    const say = (): void => house.say(Math.floor(random() * job.rooms * LINKS));
    const { ledger } = house;
    ledger.completed = say;
    tell('warming up');
    for (let said = 1; said <= job.underWay; said++) {
      say();
      if (said % AT_ONCE === 0) await sleep(TICK_MS);
    }
    await sleep(warmUpMs(job.seconds));
    // Those said in one go come in larger batches than those that replace them.
    await house.arrived(job.underWay);
    tell('measuring');
    const window = await measured(house, job.seconds);
    ledger.completed = () => undefined;
    tell('waiting for the last ones');
    await house.drained();
    const { repeated } = ledger;
    return {
      deliveriesPerSecond: window.deliveries / window.seconds,
      repeated,
      underWaySeconds: (job.underWay * window.seconds) / window.messages,
      ...window.costs,
    };
  });
}

/** From the hub being handed a message to its last link being sent it, one message at a time. */
export async function hubIdle(job: JobOf<'hub-idle'>, tell: Tell): Promise<Figures> {
  return inHouse(job, tell, async (house) => {
    const random = dice(SEED);
    const warmUp = Math.ceil(job.samples / 5);
    const values: number[] = [];
    tell(`${job.samples} messages, one at a time`);
    for (let i = 0; i < warmUp + job.samples; i++) {
      const { promise, resolve } = Promise.withResolvers<number>();
      house.ledger.completed = resolve;
      house.say(Math.floor(random() * job.rooms * LINKS));
      const message = await promise;
      if (i >= warmUp) values.push(house.ledger.added(message));
      await sleep(5);
    }
    await house.drained();
    const { p50, p99 } = latencyOf(values);
    return { p50Ms: p50, p99Ms: p99 };
  });
}

/** What a message costs when as many come in a second as were asked for, spread evenly over the rooms. */
export async function hubCost(job: JobOf<'hub-cost'>, tell: Tell): Promise<Figures> {
  return inHouse(job, tell, async (house) => {
    const empty = await house.watch.read();
    const offered = new Offered(house, job.rooms, job.perSecond);
    tell(`warming up at ${job.perSecond} messages/s`);
    await sleep(warmUpMs(job.seconds));
    tell(`measuring at ${job.perSecond} messages/s`);
    const window = await measured(house, job.seconds);
    await offered.stop();
    tell('waiting for the last ones');
    await house.drained();
    const full = await house.watch.read();
    const { said } = house.ledger;
    return {
      messagesPerSecond: window.messages / window.seconds,
      ...window.costs,
      keptBytes: (full.memoryBytes - empty.memoryBytes) / said,
      keptKeys: (full.keys - empty.keys) / said,
      writtenBytes: (full.writtenBytes - empty.writtenBytes) / said,
    };
  });
}

/** Says so many messages a second, whatever becomes of them, each in a channel drawn by lot. */
export class Offered {
  readonly #running: Promise<void>;
  #on = true;

  constructor(house: House, rooms: number, perSecond: number) {
    this.#running = this.#run(house, rooms, perSecond);
  }

  async #run(house: House, rooms: number, perSecond: number): Promise<void> {
    const random = dice(SEED);
    const began = performance.now();
    let said = 0;
    while (this.#on) {
      const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
      for (; said < due; said++) house.say(Math.floor(random() * rooms * LINKS));
      await sleep(TICK_MS);
    }
  }

  async stop(): Promise<void> {
    this.#on = false;
    await this.#running;
  }
}

export const warmUpMs = (seconds: number): number => Math.max(1500, seconds * 500);

interface Window {
  readonly seconds: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly costs: Readonly<Record<string, number>>;
}

/** What happens in so many seconds, by the counters of this process and of Redis. */
async function measured(house: House, seconds: number): Promise<Window> {
  const stalls = monitorEventLoopDelay({ resolution: 10 });
  const before = await snapshot(house);
  stalls.enable();
  await sleep(seconds * 1000);
  stalls.disable();
  const after = await snapshot(house);
  const messages = after.messages - before.messages;
  const redis = perMessage(before.redis, after.redis, messages);
  return {
    seconds: (after.at - before.at) / 1000,
    messages,
    deliveries: after.deliveries - before.deliveries,
    costs: {
      hubCpuMicros: (after.cpuMicros - before.cpuMicros) / messages,
      redisCpuMicros: redis.cpuMicros,
      redisScripts: redis.scripts,
      redisCommands: redis.commands,
      redisReads: redis.reads,
      stallMs: stalls.max / 1e6,
    },
  };
}

interface Snapshot {
  readonly at: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly cpuMicros: number;
  readonly redis: Reading;
}

async function snapshot({ ledger, watch }: House): Promise<Snapshot> {
  const redis = await watch.read();
  const { user, system } = process.cpuUsage();
  const { complete, deliveries } = ledger;
  return { at: performance.now(), messages: complete, deliveries, cpuMicros: user + system, redis };
}

export async function inHouse(
  job: { readonly redis: string; readonly rooms: number },
  tell: Tell,
  work: (house: House) => Promise<Figures>,
  options: HouseOptions = {},
): Promise<Figures> {
  const house = await House.open(job.redis, job.rooms, tell, options);
  try {
    return await work(house);
  } finally {
    await house.close();
  }
}
