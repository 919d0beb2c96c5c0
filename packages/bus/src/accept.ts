import type { NativeMessage } from '@brygga/contract';
import type { EventId, IncomingEvent, LinkId, RoomId } from '@brygga/event';
import type { Author } from './id-map.ts';
import type { InboxItem, Items } from './items.ts';
import { INBOX, type Keys, type LaneName, nativeName } from './keys.ts';
import type { Claim } from './lane.ts';
import type { Argument, Scripts } from './scripts.ts';

export interface AcceptOptions {
  readonly owner: string;
  readonly leaseMs: number;
  readonly knownSeconds: number;
  readonly mapSeconds: number;
  readonly laneItemsMax: number;
}

/** `until`: see `InboxItem`. */
export interface NewEvent {
  readonly id: EventId;
  readonly event: IncomingEvent;
  readonly until: number | null;
}

/**
 * `fresh`: those that were not there before, as they stand in the inbox behind `before` others. `claim`: the inbox,
 * when it fell to this process; its items are the fresh ones themselves if the lane was empty, else they must be
 * read.
 */
export interface AcceptResult {
  readonly fresh: readonly InboxItem[];
  readonly before: number;
  readonly claim: Claim<InboxItem> | null;
}

/** A lane of the room holds as much as it may: nothing was written, the network must wait. */
export class LaneFull extends Error {
  override readonly name = 'LaneFull';
  readonly lane: LaneName;
  constructor(lane: LaneName) {
    super(lane);
    this.lane = lane;
  }
}

/** What later events may refer to. */
const KEPT: ReadonlySet<IncomingEvent['kind']> = new Set(['message', 'edit', 'reaction']);

function authorOf({ origin, sender }: IncomingEvent): string {
  const author: Author = { network: origin.network, person: sender.nativeId };
  return JSON.stringify(author);
}

function argumentsOf({ id, event, until }: NewEvent, room: RoomId, link: LinkId, items: Items): Argument[] {
  const { origin } = event;
  const kept = KEPT.has(event.kind);
  const native: NativeMessage = { id: origin.nativeId };
  // A later revision of the same native id is another event, but not another name of the message: it is
  // remembered where no native id can be (a link's id holds no `@`).
  const { revision } = origin;
  const first =
    revision === '1'
      ? nativeName(link, origin.nativeId)
      : `${link}@${revision.length} ${revision}${origin.nativeId}`;
  return [
    id,
    event.kind,
    kept ? authorOf(event) : '',
    kept ? JSON.stringify([native]) : '',
    items.writeAccepted(room, id, event, until),
    1 + origin.aliases.length,
    first,
    ...origin.aliases.map((alias) => nativeName(link, alias)),
  ];
}

const isFull = (answer: [-1, LaneName] | number[]): answer is [-1, LaneName] => answer[0] === -1;

/** Station 1: writes events durably, once, with the channel's cursor. @throws LaneFull */
export async function accept(
  scripts: Scripts,
  keys: Keys,
  options: AcceptOptions,
  items: Items,
  place: { readonly room: RoomId; readonly link: LinkId; readonly now: number; readonly cursor: string },
  events: readonly NewEvent[],
): Promise<AcceptResult> {
  const { room, link, now, cursor } = place;
  const { owner, leaseMs, knownSeconds, mapSeconds, laneItemsMax } = options;
  const answer = (await scripts.run(
    'accept',
    [keys.lane(room, INBOX)],
    [
      keys.room(room),
      now,
      link,
      owner,
      leaseMs,
      knownSeconds,
      mapSeconds,
      laneItemsMax,
      cursor,
      events.length,
      ...events.flatMap((event) => argumentsOf(event, room, link, items)),
    ],
  )) as [-1, LaneName] | number[];
  if (isFull(answer)) throw new LaneFull(answer[1]);
  const [token = 0, before = 0] = answer;
  const fresh = events.flatMap(({ id, event, until }, index): InboxItem[] => {
    const acceptedAt = answer[index + 2] ?? 0;
    return acceptedAt === 0 ? [] : [{ event: { ...event, id, acceptedAt }, until }];
  });
  if (token === 0) return { fresh, before, claim: null };
  const alone = before === 0;
  return {
    fresh,
    before,
    claim: { room, lane: INBOX, own: `${owner}:${token}`, items: alone ? [...fresh] : [], fromRedis: !alone },
  };
}
