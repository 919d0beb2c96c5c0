import { type Desk, INBOX, type LaneLook, type LaneName, outbox, type RoomLook } from '@brygga/bus';
import type { RoomId } from '@brygga/event';
import { type DeskLink, type DeskRoom, pieces } from './places.ts';

/**
 * How a lane stands. `worked`: a process drains it. `held`: it waits for its time after a failure, or because its
 * network asked for it. `paused`: by the settings. `nobody`: it has items, and nobody drains it.
 */
export type LaneState = 'empty' | 'worked' | 'held' | 'paused' | 'nobody';

/** A lane with what it waits for. `link` null: the room's inbox. */
export interface LaneReport extends Omit<LaneLook, 'lane'> {
  readonly link: DeskLink | null;
  readonly state: LaneState;
}

export interface RoomReport {
  readonly room: RoomId;
  /** Events that stepped aside and wait for the message they are about. */
  readonly aside: number;
  readonly dead: number;
  readonly lanes: readonly LaneReport[];
}

/** Lengths asked for in one pipeline; and lanes whose heads are read together. */
const LENGTHS_AT_ONCE = 500;
const HEADS_AT_ONCE = 32;

interface Place {
  readonly room: RoomId;
  readonly lane: LaneName;
  readonly link: DeskLink | null;
}

/** How the lanes of these rooms stand; without `all`, the empty lanes and the rooms with nothing in them are left out. */
export async function laneReports(
  desk: Pick<Desk, 'room' | 'lane'>,
  rooms: readonly DeskRoom[],
  all: boolean,
): Promise<readonly RoomReport[]> {
  const looks: { readonly room: DeskRoom; readonly look: RoomLook }[] = [];
  for (const some of pieces(rooms, LENGTHS_AT_ONCE, ({ links }) => links.length + 3))
    looks.push(
      ...(await Promise.all(
        some.map(async (room) => ({ room, look: await desk.room(room.id, idsOf(room)) })),
      )),
    );
  const places = looks.flatMap(({ room, look }) =>
    placesOf(room).filter(({ lane }) => all || (look.items.get(lane) ?? 0) > 0),
  );
  const lanes = Map.groupBy(await reports(desk, places), ({ room }) => room);
  return looks.flatMap(({ room: { id }, look: { aside, dead } }): RoomReport[] => {
    const own = (lanes.get(id) ?? []).map(({ report }) => report);
    const shown = own.filter(({ items }) => all || items > 0);
    const nothing = shown.length === 0 && aside === 0 && dead === 0;
    return nothing && !all ? [] : [{ room: id, aside, dead, lanes: shown }];
  });
}

const idsOf = ({ links }: DeskRoom) => links.map(({ id }) => id);

const placesOf = ({ id, links }: DeskRoom): Place[] => [
  { room: id, lane: INBOX, link: null },
  ...links.map((link): Place => ({ room: id, lane: outbox(link.id), link })),
];

async function reports(
  desk: Pick<Desk, 'lane'>,
  places: readonly Place[],
): Promise<{ readonly room: RoomId; readonly report: LaneReport }[]> {
  const all: { readonly room: RoomId; readonly report: LaneReport }[] = [];
  for (const some of pieces(places, HEADS_AT_ONCE)) {
    const looks = await Promise.all(some.map(({ room, lane }) => desk.lane(room, lane)));
    for (const [index, { room, link }] of some.entries()) {
      const look = looks[index];
      if (look === undefined) continue;
      const { lane: _, ...rest } = look;
      all.push({ room, report: { ...rest, link, state: stateOf(look) } });
    }
  }
  return all;
}

function stateOf({ items, owner, hold }: LaneLook): LaneState {
  if (items === 0) return 'empty';
  if (owner !== null) return 'worked';
  if (hold === null) return 'nobody';
  return hold.paused ? 'paused' : 'held';
}
