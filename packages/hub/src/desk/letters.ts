import { type DeadLetter, type Desk, deliveryName, nameOf, type ReplayResult } from '@brygga/bus';
import type { Clock } from '@brygga/contract';
import type { Event, EventId, LinkId, RoomId } from '@brygga/event';
import { deliveryKey } from '../ids.ts';
import { type DeskLink, type DeskRoom, pieces } from './places.ts';

/** Where a dead letter lies. `id`: how operators name it. `link` null: the settings have it no more. */
export interface LetterPlace {
  readonly id: string;
  readonly room: RoomId;
  readonly linkId: LinkId;
  readonly link: DeskLink | null;
}

/**
 * What a replay does, or would do, with a letter: what the bus says, and `retired`: its link is not in the settings.
 * `targetDead`: the message it changes is a dead letter itself, which must come first.
 */
export type Verdict = ReplayResult | 'retired' | 'targetDead';

/** A dead letter without what was written. Times in ms since 1970. */
export interface LetterReport extends LetterPlace {
  readonly code: string;
  readonly at: number;
  readonly kind: Event['kind'];
  /** Of the event, when it was accepted. */
  readonly acceptedAt: number;
  readonly history: DeadLetter['history'];
  /** How often it was put back before. */
  readonly replays: number;
  readonly event: EventId;
  /** The event it changes, removes or reacts to. */
  readonly target: EventId | null;
  readonly origin: { readonly network: string; readonly nativeId: string };
  readonly key: string;
}

export interface LetterVerdict extends LetterReport {
  readonly verdict: Verdict;
  /** A message that was changed since: it arrives with its first words. */
  readonly changed: boolean;
}

export interface Selection {
  readonly room?: RoomId | undefined;
  readonly link?: LinkId | undefined;
}

export interface LettersParts {
  readonly desk: Pick<Desk, 'letters' | 'idMap' | 'wake'>;
  readonly rooms: readonly DeskRoom[];
  readonly clock: Clock;
}

/** Rooms asked in one pipeline, names read at once, and letters (each may be half a megabyte). */
const ROOMS_AT_ONCE = 200;
const NAMES_AT_ONCE = 1000;
const LETTERS_AT_ONCE = 16;

/** The dead letters of the rooms in the settings, as an operator has them in hand. */
export class DeskLetters {
  readonly #parts: LettersParts;

  constructor(parts: LettersParts) {
    this.#parts = parts;
  }

  /** The newest `limit` letters, newest first. */
  async newest(selection: Selection, limit: number): Promise<readonly LetterReport[]> {
    let newest: { readonly place: LetterPlace; readonly at: number }[] = [];
    for (const some of pieces(this.#rooms(selection), ROOMS_AT_ONCE)) {
      const found = await Promise.all(some.map((room) => this.#newestOf(room, selection.link, limit)));
      newest = [...newest, ...found.flat()].sort((one, other) => other.at - one.at).slice(0, limit);
    }
    const letters = await this.#read(newest.map(({ place }) => place));
    return letters.map(({ report }) => report).sort((one, other) => other.at - one.at);
  }

  /** Where all letters of a selection lie, in the order in which their events came. Reads no contents. */
  async all(selection: Selection): Promise<readonly LetterPlace[]> {
    const places: LetterPlace[] = [];
    for (const some of pieces(this.#rooms(selection), ROOMS_AT_ONCE)) {
      const found = await Promise.all(some.map((room) => this.#allOf(room, selection.link)));
      places.push(...found.flat());
    }
    return inOrder(places);
  }

  /** Where the letters of those ids lie, in the order in which their events came; those that are none are left out. */
  async find(ids: readonly string[]): Promise<readonly LetterPlace[]> {
    const places: LetterPlace[] = [];
    for (const some of pieces(this.#parts.rooms, ROOMS_AT_ONCE)) {
      const found = await Promise.all(
        some.map(async (room) => ({ room, among: await this.#parts.desk.letters.among(room.id, ids) })),
      );
      for (const { room, among } of found)
        places.push(...ids.filter((_, index) => among[index] === true).map((id) => placeOf(room, id)));
    }
    return inOrder(places);
  }

  /** What was written, for those who asked for it expressly; null when it is none any more. */
  async contents(place: LetterPlace): Promise<Event | null> {
    const [letter] = await this.#parts.desk.letters.read(place.room, [place.id]);
    return letter?.item.event ?? null;
  }

  /** What a replay of these letters would do with each. Changes nothing. */
  look(places: readonly LetterPlace[]): Promise<readonly LetterVerdict[]> {
    return this.#replay(places, true);
  }

  /** Puts letters back to the end of their lanes and wakes these. `places` in the order in which they are to go. */
  async replay(places: readonly LetterPlace[]): Promise<readonly LetterVerdict[]> {
    const verdicts = await this.#replay(places, false);
    const lanes = new Map(
      verdicts.flatMap(({ verdict, room, link }) =>
        verdict === 'replayed' && link !== null ? [[`${room} ${link.id}`, { room, link }] as const] : [],
      ),
    );
    // What one wake-up does not get through for, the others will not either: the sweep finds the lanes.
    for (const { room, link } of lanes.values())
      if (!(await this.#parts.desk.wake(link.network, { room, lane: `out:${link.id}` }))) break;
    return verdicts;
  }

  /** Removes letters for good: the places of those that were there. */
  async drop(places: readonly LetterPlace[]): Promise<readonly LetterPlace[]> {
    const dropped: LetterPlace[] = [];
    for (const [room, own] of Map.groupBy(places, (place) => place.room))
      for (const some of pieces(own, NAMES_AT_ONCE)) {
        const answers = await this.#parts.desk.letters.drop(
          room,
          some.map(({ id }) => id),
        );
        dropped.push(...some.filter((_, index) => answers[index] === true));
      }
    return dropped;
  }

  #rooms({ room }: Selection): readonly DeskRoom[] {
    return room === undefined ? this.#parts.rooms : this.#parts.rooms.filter(({ id }) => id === room);
  }

  async #newestOf(
    room: DeskRoom,
    link: LinkId | undefined,
    limit: number,
  ): Promise<{ readonly place: LetterPlace; readonly at: number }[]> {
    const found: { readonly place: LetterPlace; readonly at: number }[] = [];
    const page = link === undefined ? limit : NAMES_AT_ONCE;
    for (let from = 0; found.length < limit; from += page) {
      const names = await this.#parts.desk.letters.newest(room.id, from, page);
      const places = names.filter(isKnown).map(({ name, at }) => ({ place: placeOf(room, name), at }));
      found.push(...places.filter(({ place }) => link === undefined || place.linkId === link));
      if (names.length < page) break;
    }
    return found.slice(0, limit);
  }

  /** What dies meanwhile moves the others on: then some are met twice. */
  async #allOf(room: DeskRoom, link: LinkId | undefined): Promise<LetterPlace[]> {
    const { letters } = this.#parts.desk;
    const ids = new Set<string>();
    const count = await letters.count(room.id);
    for (let from = 0; from < count; from += NAMES_AT_ONCE)
      for (const one of await letters.newest(room.id, from, NAMES_AT_ONCE))
        if (isKnown(one)) ids.add(one.name);
    const places = [...ids].map((id) => placeOf(room, id));
    return places.filter(({ linkId }) => link === undefined || linkId === link);
  }

  async #read(
    places: readonly LetterPlace[],
  ): Promise<{ readonly letter: DeadLetter; readonly report: LetterReport }[]> {
    const all: { readonly letter: DeadLetter; readonly report: LetterReport }[] = [];
    for (const [room, own] of Map.groupBy(places, (place) => place.room))
      for (const some of pieces(own, LETTERS_AT_ONCE)) {
        const letters = await this.#parts.desk.letters.read(
          room,
          some.map(({ id }) => id),
        );
        for (const [index, place] of some.entries()) {
          const letter = letters[index];
          if (letter != null) all.push({ letter, report: reportOf(place, letter) });
        }
      }
    return all;
  }

  /** Lane by lane and a few letters at a time, in their order. */
  async #replay(places: readonly LetterPlace[], dry: boolean): Promise<readonly LetterVerdict[]> {
    const asked = new Set(places.map(({ room, id }) => `${room} ${id}`));
    const verdicts: LetterVerdict[] = [];
    for (const own of Map.groupBy(places, ({ room, linkId }) => `${room} ${linkId}`).values())
      for (const some of pieces(own, LETTERS_AT_ONCE)) verdicts.push(...(await this.#some(some, asked, dry)));
    return verdicts;
  }

  /** Letters of one lane. */
  async #some(
    places: readonly LetterPlace[],
    asked: ReadonlySet<string>,
    dry: boolean,
  ): Promise<readonly LetterVerdict[]> {
    const { desk, clock } = this.#parts;
    const read = await this.#read(places);
    const early = await Promise.all(read.map(({ report }) => this.#withhold(report, asked)));
    const going = read.filter((_, index) => early[index] === null);
    const [first] = places;
    const results =
      first === undefined || first.link === null
        ? []
        : await desk.letters.replay(
            first.room,
            first.linkId,
            going.map(({ letter }) => ({ letter, now: clock.now() })),
            dry,
          );
    const verdicts = new Map(going.map(({ report }, index) => [report, results[index] ?? 'gone'] as const));
    const changed = await Promise.all(read.map(({ report }) => this.#changed(report)));
    return read.map(({ report }, index) => ({
      ...report,
      verdict: early[index] ?? verdicts.get(report) ?? 'gone',
      changed: changed[index] ?? false,
    }));
  }

  async #changed({ kind, room, event }: LetterReport): Promise<boolean> {
    if (kind !== 'message') return false;
    const known = await this.#parts.desk.idMap.known(room, event);
    return known !== null && known.edited !== null;
  }

  /** Why a letter does not go at all, as far as this is known without asking the bus to move it. */
  async #withhold(report: LetterReport, asked: ReadonlySet<string>): Promise<Verdict | null> {
    const { link, kind, target, room, linkId } = report;
    if (link === null) return 'retired';
    if (target === null || (kind !== 'edit' && kind !== 'reaction')) return null;
    const message = `${target}/${linkId}`;
    if (asked.has(`${room} ${message}`)) return null;
    const [dead] = await this.#parts.desk.letters.among(room, [message]);
    return dead === true ? 'targetDead' : null;
  }
}

function placeOf(room: DeskRoom, id: string): LetterPlace {
  const linkId = nameOf(id)?.link ?? ('' as LinkId);
  return { id, room: room.id, linkId, link: room.links.find((link) => link.id === linkId) ?? null };
}

/** Letters of before they had names lay there with all their words, which nobody here is to see. */
const isKnown = ({ name }: { readonly name: string }): boolean => nameOf(name) !== null;

/** Ids of events begin with their time. */
const inOrder = (places: readonly LetterPlace[]): readonly LetterPlace[] =>
  places.toSorted((one, other) => (one.id < other.id ? -1 : 1));

function reportOf(place: LetterPlace, { item, code, at, history }: DeadLetter): LetterReport {
  const { event, again, beside } = item;
  return {
    ...place,
    id: deliveryName(item, place.linkId),
    code,
    at,
    kind: event.kind,
    acceptedAt: event.acceptedAt,
    history,
    replays: again?.times ?? 0,
    event: event.id,
    target: 'target' in event ? (event.target.event ?? null) : null,
    origin: { network: event.origin.network, nativeId: event.origin.nativeId },
    key: deliveryKey(event.id, place.linkId, beside),
  };
}
