import type { InboxItem } from '@brygga/bus';
import { type Event, eventId } from '@brygga/event';
import { dice } from '@brygga/testkit';
import { describe, expect, it } from 'vitest';
import { FakeNetwork } from '../../test/fake-network.ts';
import { Gathering } from './gathering.ts';

const network = new FakeNetwork('n');
const event = (acceptedAt: number): Event => ({
  ...network.incoming({}, { kind: 'message', plain: 'x', body: { type: 'root', children: [] } }),
  id: eventId(`e${acceptedAt}`),
  acceptedAt,
});
const item = (acceptedAt: number): InboxItem => ({ event: event(acceptedAt), until: null });
const came = (before: number, ...dates: number[]) => ({ before, items: dates.map(item) });
const datesOf = (items: readonly InboxItem[]): number[] => items.map((one) => one.event.acceptedAt);
const dates = (gathering: Gathering): number[] => datesOf(gathering.take());
const answer = (left: number, clock: number, next: readonly number[] = []) => ({
  left,
  clock,
  next: next.map(item),
  claims: [],
  elsewhere: [],
});

describe('what gathers in an inbox that waits', () => {
  it('is taken along when it stands right behind what is here', () => {
    const gathering = new Gathering([item(1), item(2)], true);
    gathering.add(came(2, 3, 4));
    gathering.add(came(4, 5));
    expect(gathering.whole).toBe(true);
    expect(dates(gathering)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is left in Redis from the first gap on: what stands between is not known here', () => {
    const gathering = new Gathering([item(1)], true);
    gathering.add(came(2, 4));
    gathering.add(came(1, 5));
    expect(gathering.whole).toBe(false);
    expect(dates(gathering)).toEqual([1]);
  });

  it('is left in Redis behind items that were read in part', () => {
    const gathering = new Gathering([item(1)], false);
    gathering.add(came(1, 2));
    expect(dates(gathering)).toEqual([1]);
  });

  it('has a bound', () => {
    const gathering = new Gathering([], true);
    for (let date = 1; date <= 300; date++) gathering.add(came(date - 1, date));
    expect(gathering.whole).toBe(false);
    expect(dates(gathering)).toHaveLength(200);
  });
});

describe('what comes to an inbox while it is being planned', () => {
  it('is what is left, and what came behind that', () => {
    const gathering = new Gathering([item(1), item(2)], true);
    const taken = gathering.take();
    gathering.add(came(2, 3));
    gathering.add(came(3, 4));
    gathering.add(came(2, 6)); // behind the two that are left
    gathering.planned(taken, answer(2, 5));
    expect(gathering.whole).toBe(true);
    expect(dates(gathering)).toEqual([3, 4, 6]);
  });

  it("is read when somebody else's events are among it", () => {
    const gathering = new Gathering([item(1)], true);
    const taken = gathering.take();
    gathering.add(came(1, 2));
    gathering.planned(taken, answer(2, 5));
    expect(gathering.whole).toBe(false);
    expect(dates(gathering)).toEqual([]);
  });

  it('is not taken for what was left when it came after: as many of somebody else stood there', () => {
    const gathering = new Gathering([item(1)], true);
    const taken = gathering.take();
    gathering.add(came(1, 9));
    gathering.planned(taken, answer(1, 5));
    expect(gathering.whole).toBe(false);
    expect(dates(gathering)).toEqual([]);
  });

  it('is not taken twice when it was read with the answer, nor when the news of it comes late', () => {
    const gathering = new Gathering([item(1)], false);
    const taken = gathering.take();
    gathering.planned(taken, answer(1, 5, [2]));
    gathering.add(came(1, 2));
    gathering.add(came(1, 6));
    expect(gathering.whole).toBe(true);
    expect(dates(gathering)).toEqual([2, 6]);
  });

  it('has a bound', () => {
    const gathering = new Gathering([item(1)], true);
    const taken = gathering.take();
    for (let date = 2; date <= 300; date++) gathering.add(came(date - 1, date));
    expect(gathering.whole).toBe(false);
    gathering.planned(taken, answer(299, 300));
    expect(dates(gathering)).toEqual([]);
  });
});

/** An inbox as Redis keeps it, to which this process and another write, and of which this one owns the head. */
class Model {
  readonly lane: number[] = [];
  clock = 0;

  accept(count: number) {
    const before = this.lane.length;
    const fresh = Array.from({ length: count }, () => ++this.clock);
    this.lane.push(...fresh);
    return came(before, ...fresh);
  }
}

describe('a gathering beside the lane it stands for', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'holds what the lane begins with, whoever writes to it (seed %i)',
    (seed) => {
      const chance = dice(seed);
      const model = new Model();
      let here = 0;
      const first = model.accept(1 + chance.below(3));
      const gathering = new Gathering(first.items, true);
      /** News that is not told yet: it is told in order, some time. */
      const news: ReturnType<typeof came>[] = [];
      const tell = (most: number): void => {
        for (const one of news.splice(0, chance.below(most + 1))) gathering.add(one);
      };
      const write = (): void => {
        const arrival = model.accept(1 + chance.below(3));
        if (!chance.oneIn(4)) news.push(arrival);
      };
      for (let round = 0; round < 400; round++) {
        while (chance.oneIn(2)) write();
        tell(3);
        const wanted = !gathering.whole;
        let taken = gathering.take();
        const gathered = taken.length;
        expect(datesOf(taken)).toEqual(model.lane.slice(0, gathered));
        if (gathered === 0) taken = model.lane.slice(0, 4).map(item);
        else here += 1;
        while (chance.oneIn(2)) write();
        tell(3);
        model.lane.splice(0, taken.length);
        model.clock += chance.below(2);
        const next = wanted ? model.lane.slice(0, 4) : [];
        const planned = answer(model.lane.length, model.clock, next);
        while (chance.oneIn(3)) write();
        tell(3);
        gathering.planned(taken, planned);
        if (model.lane.length === 0) write();
      }
      expect(here).toBeGreaterThan(50);
    },
  );
});
