import type { Event, EventId, LinkId, RoomId } from '@brygga/event';
import type { Facts } from './facts.ts';
import { type InboxItem, type Items, type OutboxItem, readAll } from './items.ts';
import { INBOX, type Keys, outbox } from './keys.ts';
import { type Claim, type Left, LOST, type Lost } from './lane.ts';
import type { Argument, Scripts } from './scripts.ts';

/** A write to the id map: one field of an event's entry. */
export interface MapWrite {
  readonly event: EventId;
  readonly field: string;
  readonly value: string;
}

export interface LinkPlan {
  readonly link: LinkId;
  /** Whether this process speaks to the link's network: then it may claim the lane at once. */
  readonly here: boolean;
  readonly items: readonly OutboxItem[];
}

/** What was decided about the first events of the inbox, `consumed`. */
export interface Plan {
  readonly consumed: readonly InboxItem[];
  readonly writes: readonly MapWrite[];
  /** What waits for its target. */
  readonly aside: readonly InboxItem[];
  /** What these wait for, and what others do not wait for any more: see `waits.ts`. */
  readonly waits: { readonly begin: readonly string[]; readonly end: readonly string[] };
  readonly links: readonly LinkPlan[];
}

export interface Planned extends Left<InboxItem> {
  /** The room's clock just then: what was accepted before is dated no later, what comes after is. */
  readonly clock: number;
  readonly claims: readonly Claim<OutboxItem>[];
  /** Links of other processes' networks whose lanes were empty until now: nobody there knows of the items yet. */
  readonly elsewhere: readonly LinkId[];
}

/** Which of the consumed items go as they are, and the others: distinct ones once each, whatever they go to. */
class Goods {
  readonly texts: string[] = [];
  readonly #write: (item: OutboxItem) => string;
  readonly #others = new Map<OutboxItem, number>();
  readonly #places = new Map<Event, number>();

  constructor(consumed: readonly InboxItem[], write: (item: OutboxItem) => string) {
    this.#write = write;
    // With the time until which it waited, an event does not stand in the inbox as it would in an outbox.
    for (const [place, { event, until }] of consumed.entries())
      if (until === null) this.#places.set(event, place);
  }

  /** What goes into a lane, as the script wants to have it told. */
  ways(items: readonly OutboxItem[]): Argument[] {
    let ways = '';
    let next = 0;
    const others: number[] = [];
    for (const item of items) {
      const place = item.hub || item.lost.length > 0 ? undefined : this.#places.get(item.event);
      if (place === undefined || place < next) {
        ways += '+';
        others.push(this.#other(item));
      } else {
        ways += `${'-'.repeat(place - next)}=`;
        next = place + 1;
      }
    }
    return [ways, others.length, ...others];
  }

  #other(item: OutboxItem): number {
    const known = this.#others.get(item);
    if (known !== undefined) return known;
    const index = this.texts.push(this.#write(item));
    this.#others.set(item, index);
    return index;
  }
}

/** Station 3: moves decided events to the outbox lanes in one step and gives an empty inbox up. */
export async function commitPlan(
  scripts: Scripts,
  keys: Keys,
  options: { readonly owner: string; readonly leaseMs: number; readonly mapSeconds: number },
  { items, facts }: { readonly items: Items; readonly facts: Facts },
  claim: Claim<InboxItem>,
  plan: Plan,
  wanted: number,
): Promise<Planned | Lost> {
  const { room } = claim;
  const goods = new Goods(plan.consumed, (item) => items.writeOutbox(room, item));
  const links = plan.links.flatMap((one): Argument[] => [
    one.link,
    one.here ? '1' : '0',
    ...goods.ways(one.items),
  ]);
  const writes = plan.writes.flatMap(({ event, field, value }): Argument[] => [
    event,
    field,
    facts.write(room, event, field, value),
  ]);
  const answer = (await scripts.run(
    'plan',
    [keys.lane(room, INBOX)],
    [
      keys.room(room),
      claim.own,
      options.owner,
      options.leaseMs,
      plan.consumed.length,
      wanted,
      options.mapSeconds,
      plan.writes.length,
      ...writes,
      plan.aside.length,
      ...plan.aside.map((item) => items.writeAside(room, item)),
      plan.waits.begin.length,
      ...plan.waits.begin,
      plan.waits.end.length,
      ...plan.waits.end,
      goods.texts.length,
      ...goods.texts,
      plan.links.length,
      ...links,
    ],
  )) as [number, string[]?, ...number[]];
  const [left, next, clock = 0, ...lanes] = answer;
  if (left === -1 || next === undefined) return LOST;
  const elsewhere = plan.links.filter(({ here }, index) => !here && lanes[2 * index + 1] === 0);
  return {
    left,
    next: readAll(room, next, items.readInbox),
    clock,
    claims: claimsOf(options.owner, room, plan.links, lanes),
    elsewhere: elsewhere.map(({ link }) => link),
  };
}

function claimsOf(
  owner: string,
  room: RoomId,
  links: readonly LinkPlan[],
  lanes: readonly number[],
): Claim<OutboxItem>[] {
  return links.flatMap(({ link, items }, index): Claim<OutboxItem>[] => {
    const token = lanes[2 * index] ?? 0;
    const alone = lanes[2 * index + 1] === 0;
    if (token === 0) return [];
    const own = `${owner}:${token}`;
    return [{ room, lane: outbox(link), own, items: alone ? [...items] : [], fromRedis: !alone }];
  });
}
