import { type Dice, dice, waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { B, fresh, House, place, planFor, ROOM, recordOf, won } from '../test/house.ts';
import { type Bus, type Claim, type InboxItem, LOST, type OutboxItem } from './index.ts';

const PROCESSES = ['one', 'two', 'three'] as const;
const WRITERS = 8;
const EVENTS = 60;
/** A record in so many is made when the lease has just ended. At most 3 events a record: one process makes 54 or more. */
const LAPSE_EVERY = 40;

let redis: RedisServer;
let house: House;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(() => {
  house = new House(redis.url);
});
afterEach(() => house.close());

interface Released {
  readonly token: number;
  readonly native: string;
  readonly acceptedAt: number;
}

/** What a hub process does with lanes, without networks: one room, one link. */
class Process {
  readonly released: Released[] = [];
  /** How often a step failed since the lane was somebody else's by then. */
  lost = 0;
  readonly #bus: Bus;
  readonly #dice: Dice;
  readonly #runs = new Set<Promise<void>>();
  #number = 0;
  #recorded = 0;

  constructor(bus: Bus, chance: Dice) {
    this.#bus = bus;
    this.#dice = chance;
  }

  async write(writer: string): Promise<void> {
    for (let left = EVENTS; left > 0; ) {
      const count = Math.min(left, 1 + this.#dice.below(4));
      left -= count;
      this.#number += 1;
      const events = Array.from({ length: count }, (_, index) => fresh(`${writer}-${left}-${index}`));
      const { claim } = await this.#bus.accept(place(this.#number), events);
      if (claim !== null) this.#start(this.#inbox(claim));
      // A notification that comes twice is one event.
      if (this.#dice.oneIn(5)) await this.#bus.accept(place(this.#number), events);
    }
  }

  /** Takes what nobody drains. */
  async sweep(): Promise<void> {
    const { lanes } = await this.#bus.sweep(ROOM, [B]);
    for (const lane of lanes) {
      const [inbox, out] =
        lane === 'in' ? [await this.#bus.takeInbox(ROOM), null] : [null, await this.#bus.takeOutbox(ROOM, B)];
      if (inbox !== null) this.#start(this.#inbox(inbox));
      if (out !== null) this.#start(this.#outbox(out));
    }
  }

  async settled(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all(this.#runs);
  }

  #start(run: Promise<void>): void {
    const running = run.finally(() => this.#runs.delete(running));
    this.#runs.add(running);
  }

  async #inbox(claim: Claim<InboxItem>): Promise<void> {
    let items = claim.fromRedis && claim.items.length === 0 ? await this.#moreInbox(claim) : claim.items;
    while (items.length > 0) {
      const some = items.slice(0, 1 + this.#dice.below(items.length));
      const plan = planFor(
        some.map(({ event }) => event),
        [B],
      );
      const planned = await this.#bus.commitPlan(claim, plan);
      if (planned === LOST) return this.#note();
      for (const out of planned.claims) this.#start(this.#outbox(out));
      items = planned.next;
    }
  }

  #note(): void {
    this.lost += 1;
  }

  async #moreInbox(claim: Claim<InboxItem>): Promise<InboxItem[]> {
    const left = await this.#bus.moreInbox(claim);
    return left === LOST ? [] : left.next;
  }

  async #outbox(claim: Claim<OutboxItem>): Promise<void> {
    let items = claim.items;
    for (;;) {
      if (items.length === 0) {
        const left = await this.#bus.more(claim);
        if (left === LOST || left.left === 0) return;
        items = left.next;
      }
      const some = items.slice(0, 1 + this.#dice.below(3));
      const records = some.map((item) => recordOf(item));
      this.#recorded += 1;
      if (this.#recorded % LAPSE_EVERY === 0) await house.raw.del(house.key('out:b:own'));
      const left = await this.#bus.record(claim, B, records, some.length, true);
      if (left === LOST) return this.#note();
      const token = Number(claim.own.split(':')[1]);
      for (const { event } of some)
        this.released.push({ token, native: event.origin.nativeId, acceptedAt: event.acceptedAt });
      if (left.left === 0) return;
      if (this.#dice.oneIn(20)) return void (await this.#bus.hold(claim, this.#dice.below(3)));
      items = left.next;
    }
  }
}

/** Leases end out of the blue, as they do when a process stands still for long. */
async function sabotage(chance: Dice, over: () => boolean): Promise<void> {
  while (!over()) {
    for (let pause = chance.below(20); pause > 0; pause--) await house.raw.ping();
    await house.raw.del(house.key(chance.oneIn(2) ? 'in:own' : 'out:b:own'));
  }
}

async function play(seed: number) {
  const chance = dice(seed);
  const processes = PROCESSES.map((name) => new Process(house.bus(name), dice(chance.below(2 ** 31))));
  let over = false;
  const spoiling = sabotage(chance, () => over);
  const writing = Promise.all(
    Array.from({ length: WRITERS }, (_, writer) => {
      const process = won(processes[writer % processes.length]);
      return process.write(`w${writer}`);
    }),
  );
  const sweeping = (async () => {
    await writing;
    over = true;
    await spoiling;
    const [sweeper] = processes;
    await waitFor(async () => {
      await won(sweeper).sweep();
      for (const process of processes) await process.settled();
      return (await house.raw.exists(house.key('in'), house.key('out:b'))) === 0;
    });
  })();
  const meanwhile = (async () => {
    while (!over) await won(processes[chance.below(processes.length)]).sweep();
  })();
  await Promise.all([writing, sweeping, meanwhile]);
  return processes;
}

describe('three processes, eight writers, one room, leases that end at any time', () => {
  it.each([1, 2, 3, 4, 5, 6])('release every event once and in order (seed %i)', async (seed) => {
    const processes = await play(seed);
    // A later owner has a greater token, and no earlier one can release after it.
    const released = processes.flatMap((process) => process.released);
    const inOrder = released
      .map((one, index) => ({ ...one, index }))
      .sort((a, b) => a.token - b.token || a.index - b.index);
    const dates = inOrder.map((one) => one.acceptedAt);
    expect(dates).toEqual([...dates].sort((a, b) => a - b));
    expect(new Set(released.map((one) => one.native)).size).toBe(released.length);
    expect(released).toHaveLength(WRITERS * EVENTS);
    expect(processes.reduce((sum, process) => sum + process.lost, 0)).toBeGreaterThan(0);
  });
});
