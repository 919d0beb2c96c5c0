import type { EventId, LinkId, RoomId } from '@brygga/event';
import { type InboxItem, type OutboxItem, readInbox, writeOutbox } from './items.ts';
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

/** What was decided about the first `consumed` events of the inbox. */
export interface Plan {
  readonly consumed: number;
  readonly writes: readonly MapWrite[];
  /** Inbox items (`writeAside`) that wait for their target. */
  readonly aside: readonly string[];
  /** What these wait for, and what others do not wait for any more: see `waits.ts`. */
  readonly waits: { readonly begin: readonly string[]; readonly end: readonly string[] };
  readonly links: readonly LinkPlan[];
}

export interface Planned extends Left<InboxItem> {
  readonly claims: readonly Claim<OutboxItem>[];
  /** Links of other processes' networks whose lanes were empty until now: nobody there knows of the items yet. */
  readonly elsewhere: readonly LinkId[];
}

/** Distinct items once each, whatever number of links they go to. */
class Shared {
  readonly texts: string[] = [];
  readonly #index = new Map<OutboxItem, number>();

  of(item: OutboxItem): number {
    const known = this.#index.get(item);
    if (known !== undefined) return known;
    const index = this.texts.push(writeOutbox(item));
    this.#index.set(item, index);
    return index;
  }
}

/** Station 3: moves decided events to the outbox lanes in one step and gives an empty inbox up. */
export async function commitPlan(
  scripts: Scripts,
  keys: Keys,
  options: { readonly owner: string; readonly leaseMs: number; readonly mapSeconds: number },
  claim: Claim<InboxItem>,
  plan: Plan,
  wanted: number,
): Promise<Planned | Lost> {
  const shared = new Shared();
  const links = plan.links.flatMap(({ link, here, items }): Argument[] => [
    link,
    here ? '1' : '0',
    items.length,
    ...items.map((item) => shared.of(item)),
  ]);
  const writes = plan.writes.flatMap((write): Argument[] => [write.event, write.field, write.value]);
  const answer = (await scripts.run(
    'plan',
    [keys.lane(claim.room, INBOX)],
    [
      keys.room(claim.room),
      claim.own,
      options.owner,
      options.leaseMs,
      plan.consumed,
      wanted,
      options.mapSeconds,
      plan.writes.length,
      ...writes,
      plan.aside.length,
      ...plan.aside,
      plan.waits.begin.length,
      ...plan.waits.begin,
      plan.waits.end.length,
      ...plan.waits.end,
      shared.texts.length,
      ...shared.texts,
      plan.links.length,
      ...links,
    ],
  )) as [number, string[]?, ...number[]];
  const [left, next, ...lanes] = answer;
  if (left === -1 || next === undefined) return LOST;
  const elsewhere = plan.links.filter(({ here }, index) => !here && lanes[2 * index + 1] === 0);
  return {
    left,
    next: next.map(readInbox),
    claims: claimsOf(options.owner, claim.room, plan.links, lanes),
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
