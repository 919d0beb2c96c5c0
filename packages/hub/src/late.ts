import {
  type Bus,
  type Claim,
  type LateTelling,
  lateDead,
  type OutboxItem,
  type WaitingLink,
} from '@brygga/bus';
import { CODES, type MessageStatus } from '@brygga/contract';
import type { EventId, LinkId, NetworkId } from '@brygga/event';
import { timeWords, WORDS } from '@brygga/policy';
import type { Link, Room } from './rooms.ts';
import { type About, aboutOf, hubTells, type VoiceParts } from './voice.ts';

export interface LateParts extends VoiceParts {
  readonly bus: Pick<Bus, 'noteLate'> & { readonly lates: Bus['lates'] };
  /** How long something may wait before people are told, in ms. */
  readonly lateMs: number;
  readonly here: (network: NetworkId) => boolean;
  readonly drain: (claim: Claim<OutboxItem>) => void;
  readonly elsewhere: (link: Link) => void;
}

/** What waits of one origin: how many messages, and the first. */
interface Waits {
  readonly count: number;
  readonly first: About | null;
}

/** What is noted of a late link. `read`: items from `head` on that are counted; `upTo`: their newest date. */
interface Note {
  readonly since: number;
  readonly head: EventId;
  readonly read: number;
  readonly upTo: number;
  readonly origins: Readonly<Record<LinkId, Waits>>;
}

/** Items of a lane read in one go, and goes in one look: the next look goes on behind them. */
const SLICE = 200;
const SLICES_MAX = 10;
/** How often is looked in the time after which something is late. */
const LOOKS = 8;

/** When an item began to wait; what comes back from the dead letters begins anew. */
const since = ({ event, again }: OutboxItem): number => again?.at ?? event.acceptedAt;

/** What people would miss. */
const missed = ({ event, hub }: OutboxItem): boolean =>
  !hub && (event.kind === 'message' || event.kind === 'edit' || event.kind === 'delete');

/**
 * Tells the people whose messages wait that they do, once per outage, link and channel, and once more when they are
 * through. What is known lies in Redis: any process may look, and of two that do one tells.
 */
export class Lateness {
  readonly #parts: LateParts;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: LateParts) {
    this.#parts = parts;
  }

  /** What is to be done for every room now, unless it was done here not long ago. */
  due(): ((room: Room) => Promise<void>) | null {
    const now = this.#parts.clock.elapsed();
    if (now - this.#lookedAt < this.#parts.lateMs / LOOKS) return null;
    this.#lookedAt = now;
    return (room) => this.#look(room);
  }

  /** Looks at all links of a room: one call to Redis, and a few more for each link that is late. */
  async #look(room: Room): Promise<void> {
    const { bus, clock, lateMs } = this.#parts;
    const links = room.links.map(({ id }) => id);
    const now = clock.now();
    const { waiting, notes } = await bus.lates.look(room.id, links, now - lateMs / 2);
    for (const link of room.links) {
      const lane = waiting.find((one) => one.link === link.id);
      const note = notes.get(link.id) ?? '';
      const waited = lane === undefined ? 0 : now - since(lane.head);
      if (lane !== undefined && waited >= lateMs) await this.#late(room, link, lane, note);
      // Half the time: a link at the border is not late and punctual by turns.
      else if (note !== '' && waited < lateMs / 2) await this.#over(room, link, note, notes);
    }
  }

  async #late(room: Room, link: Link, lane: WaitingLink, before: string): Promise<void> {
    const known = before === '' ? null : (JSON.parse(before) as Note);
    const note = await this.#counted(room, link, lane, known);
    const told = (id: LinkId): boolean => known?.origins[id] !== undefined;
    const tellings = this.#origins(room, link, note).flatMap(([origin, waits]): LateTelling[] =>
      told(origin.id) ? [] : [this.#telling(origin, 'late', waits, lateWords(origin, link, note, lane))],
    );
    await this.#say(room, link, { before, now: JSON.stringify(note) }, tellings);
  }

  /** What is noted, with what came since. */
  async #counted(room: Room, link: Link, { head }: WaitingLink, known: Note | null): Promise<Note> {
    const same = known?.head === head.event.id;
    let read = same ? known.read : 0;
    let upTo = known?.upTo ?? 0;
    const origins: Record<LinkId, Waits> = { ...known?.origins };
    for (let slice = 0; slice < SLICES_MAX; slice += 1) {
      const items = await this.#parts.bus.lates.items(room.id, link.id, read, SLICE);
      for (const item of items) {
        if (item.event.acceptedAt <= upTo || !missed(item)) continue;
        upTo = item.event.acceptedAt;
        const origin = originOf(room, item);
        if (origin === undefined) continue;
        const { count, first } = origins[origin.id] ?? { count: 0, first: aboutOf(item.event) };
        origins[origin.id] = { count: count + 1, first };
      }
      read += items.length;
      if (items.length < SLICE) break;
    }
    return { since: known?.since ?? since(head), head: head.event.id, read, upTo, origins };
  }

  async #over(room: Room, link: Link, before: string, notes: ReadonlyMap<string, string>): Promise<void> {
    const note = JSON.parse(before) as Note;
    const tellings = this.#origins(room, link, note).map(([origin, waits]) => {
      const count = waits.count - Number(notes.get(lateDead(link.id, origin.id)) ?? 0);
      const said = WORDS[origin.language].arrivedLate(link.organisation, count);
      return this.#telling(origin, 'arrived', waits, said);
    });
    await this.#say(room, link, { before, now: '' }, tellings);
  }

  #origins(room: Room, link: Link, { origins }: Note): [Link, Waits][] {
    return room.links.flatMap((origin): [Link, Waits][] => {
      const waits = origins[origin.id];
      return waits === undefined || origin.id === link.id ? [] : [[origin, waits]];
    });
  }

  #telling(origin: Link, status: MessageStatus, { first }: Waits, said: string): LateTelling {
    const items = hubTells(this.#parts, origin, said, first, status);
    return { link: origin.id, here: this.#parts.here(origin.network), items };
  }

  async #say(
    room: Room,
    link: Link,
    note: { readonly before: string; readonly now: string },
    tellings: readonly LateTelling[],
  ): Promise<void> {
    if (note.before === note.now) return;
    const { bus, drain, elsewhere } = this.#parts;
    const told = await bus.noteLate(room.id, link.id, note, tellings);
    for (const { link: to, claim } of told ?? []) {
      const channel = room.links.find(({ id }) => id === to);
      if (claim !== null) drain(claim);
      else if (channel !== undefined && !this.#parts.here(channel.network)) elsewhere(channel);
    }
  }
}

/** What is said to those of `origin` whose messages have not reached `link` since that note was begun. */
function lateWords(origin: Link, link: Link, { since: from }: Note, { code }: WaitingLink): string {
  const { language, timeZone } = origin;
  const why = code !== null && Object.hasOwn(CODES, code) ? CODES[code as keyof typeof CODES].people : null;
  const at = timeWords(from, language, timeZone);
  return WORDS[language].late(link.organisation, at, why?.[language] ?? '');
}

const originOf = ({ links }: Room, { event }: OutboxItem): Link | undefined =>
  links.find(({ network, channel }) => network === event.origin.network && channel === event.origin.channel);
