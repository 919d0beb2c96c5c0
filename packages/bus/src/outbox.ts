import type { EventId, LinkId, NativeId, RoomId } from '@brygga/event';
import type { Facts } from './facts.ts';
import { deliveryName, type Items, type OutboxItem, type Read, readAll, SEALED } from './items.ts';
import { type Keys, type LaneName, outbox } from './keys.ts';
import { type Claim, type Left, LOST, type Lost } from './lane.ts';
import { lateDead } from './late.ts';
import type { Argument, Scripts } from './scripts.ts';

/** What the id map learns of one delivery. */
export type DeliveryRecord = OneMessage | OtherRecord;

interface AnyRecord {
  readonly event: EventId;
  /** The event's entry was given its time when it was accepted, not long ago: it keeps that. */
  readonly lasting?: boolean;
}

/** Most deliveries: on this link the event is one message with nothing beside its id. */
interface OneMessage extends AnyRecord {
  readonly native: NativeId;
}

interface OtherRecord extends AnyRecord {
  readonly fields: Readonly<Record<string, string>>;
  /** Ids under which the event is found on this link from now on. */
  readonly natives: readonly NativeId[];
}

export interface LaneOptions {
  readonly owner: string;
  readonly leaseMs: number;
  readonly mapSeconds: number;
  readonly deadLetterMs: number;
}

/** A delivery to be given up on. `tried`: it was just now, in vain; else it was not even tried any more. */
export interface Burial {
  readonly item: OutboxItem;
  readonly link: LinkId;
  readonly code: string;
  /** ms since 1970. */
  readonly at: number;
  readonly tried: boolean;
}

/** A delivery given up on, as kept for the operator. */
export interface DeadLetter extends Omit<Burial, 'tried'> {
  readonly history: History;
}

/** The tries of a delivery that failed: how many, the first and the last (ms since 1970), and how often each code. */
export interface History {
  readonly tries: number;
  readonly since: number | null;
  readonly last: number | null;
  readonly codes: Readonly<Record<string, number>>;
}

/** A try of a lane's head that failed. `at`: ms since 1970. */
export interface Failure {
  readonly item: OutboxItem;
  readonly link: LinkId;
  readonly code: string;
  readonly at: number;
}

/** Word to the origin's channel that a delivery was given up. `once`: no second one for that long. */
export interface Telling {
  readonly link: LinkId;
  readonly items: readonly OutboxItem[];
  readonly once: string;
  readonly onceSeconds: number;
  /** Whether this process speaks to the link's network. */
  readonly here: boolean;
}

/** `claim`: the told lane's. `elsewhere`: it is another process's and was empty until now. */
export interface Buried {
  readonly left: number;
  readonly claim: Claim<OutboxItem> | null;
  readonly elsewhere: boolean;
}

/** One step of one lane: what became of its first items, and that they are to be released. */
export interface RecordStep {
  readonly claim: Claim<unknown>;
  readonly link: LinkId;
  readonly records: readonly DeliveryRecord[];
  readonly released: number;
  readonly wanted: number;
}

export type RecordAnswer = readonly [left: number, next?: readonly string[]];

/** What is kept no longer than that gets its time anew in any case. */
const LASTING_SECONDS_MIN = 3600;

function recordArguments(
  room: RoomId,
  record: DeliveryRecord,
  mapSeconds: number,
  facts: Facts,
  into: Argument[],
): void {
  const { event, lasting = false } = record;
  const lasts = lasting && mapSeconds >= LASTING_SECONDS_MIN;
  if ('native' in record) return void into.push(event, lasts ? '=' : '+', record.native);
  const { fields, natives } = record;
  const names = Object.keys(fields);
  into.push(event, lasts ? '0' : '1', names.length);
  for (const name of names) into.push(name, facts.write(room, event, name, fields[name] ?? ''));
  into.push(natives.length, ...natives);
}

/** Station 5: the arguments that write what became of the first items of some lanes of one room. */
export function recordsArguments(
  keys: Keys,
  options: LaneOptions,
  facts: Facts,
  steps: readonly RecordStep[],
): Argument[] {
  const room = steps[0]?.claim.room;
  if (room === undefined) return [];
  const args: Argument[] = [keys.room(room), options.leaseMs, options.mapSeconds, steps.length];
  for (const { claim, link, records, released, wanted } of steps)
    args.push(link, claim.own, released, wanted, records.length);
  for (const { records } of steps)
    for (const one of records) recordArguments(room, one, options.mapSeconds, facts, args);
  return args;
}

/** What is noted of a try of a lane's head that failed. */
export const noteOf = (
  failed: Failure | null,
  { deadLetterMs }: Pick<LaneOptions, 'deadLetterMs'>,
): Argument[] =>
  failed === null ? [''] : [deliveryName(failed.item, failed.link), failed.code, failed.at, deadLetterMs];

/** Gives up the first item: a dead letter is kept, and the origin's channel told. */
export async function bury(
  scripts: Scripts,
  keys: Keys,
  options: LaneOptions,
  items: Items,
  claim: Claim<OutboxItem>,
  { tried, ...letter }: Burial,
  tell: Telling | null,
): Promise<Buried | Lost> {
  const lane: LaneName | '' = tell === null ? '' : outbox(tell.link);
  const [left, told, token, before] = (await scripts.run(
    'bury',
    [keys.lane(claim.room, claim.lane)],
    [
      keys.room(claim.room),
      claim.own,
      options.owner,
      options.leaseMs,
      letter.at,
      deliveryName(letter.item, letter.link),
      letter.code,
      tried ? '1' : '0',
      writeLetter(items, claim.room, letter).slice(0, -1),
      options.deadLetterMs,
      lane,
      tell?.once ?? '',
      tell?.onceSeconds ?? 0,
      tell?.here === true ? '1' : '0',
      letter.link,
      lateDead(letter.link, tell?.link ?? letter.link),
      ...(tell?.items ?? []).map((item) => items.writeOutbox(claim.room, item)),
    ],
  )) as [number, number, number, number];
  if (left === -1) return LOST;
  const elsewhere = told === 1 && tell?.here === false && before === 0;
  if (token === 0 || tell === null) return { left, claim: null, elsewhere };
  const own = `${options.owner}:${token}`;
  const alone = before === 0;
  return {
    left,
    claim: {
      room: claim.room,
      lane: outbox(tell.link),
      own,
      items: alone ? [...tell.items] : [],
      fromRedis: !alone,
    },
    elsewhere,
  };
}

export function leftOf<Item>(room: RoomId, answer: RecordAnswer, read: Read<Item>): Left<Item> | Lost {
  const [left, next = []] = answer;
  if (left === -1) return LOST;
  return { left, next: readAll(room, next, read) };
}

/** Sealed, the item is a text in it: why, where and when stay to be read. */
function writeLetter(items: Items, room: RoomId, letter: Omit<Burial, 'tried'>): string {
  const item = items.writeOutbox(room, letter.item);
  return JSON.stringify(item.startsWith(SEALED) ? { ...letter, item } : letter);
}
