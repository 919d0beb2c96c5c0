import { Desk, nameOf } from '@brygga/bus';
import { type Clock, systemClock } from '@brygga/contract';
import { sealOf } from '../sealing.ts';
import type { Settings } from '../settings/schema.ts';
import { laneReports, type RoomReport } from './lanes.ts';
import { DeskLetters } from './letters.ts';
import { type DeskRoom, deskRooms } from './places.ts';

export type { LaneReport, LaneState, RoomReport } from './lanes.ts';
export type { DeskLetters, LetterPlace, LetterReport, LetterVerdict, Selection, Verdict } from './letters.ts';
export type { DeskLink, DeskRoom } from './places.ts';

/** What an operator sees and does beside a running hub. What is asked for rejects when Redis cannot be reached. */
export interface OperatorsDesk {
  readonly rooms: readonly DeskRoom[];
  readonly letters: Pick<DeskLetters, 'newest' | 'all' | 'find' | 'contents' | 'look' | 'replay' | 'drop'>;
  /** How the lanes of these rooms stand; without `all`, the empty ones are left out. */
  lanes(rooms: readonly DeskRoom[], all: boolean): Promise<readonly RoomReport[]>;
  close(): Promise<void>;
}

/** Whether that is how a dead letter may be called. */
export const isLetterId = (text: string): boolean => nameOf(text) !== null;

/** Opens the desk at the Redis of the settings. Connects by itself; no hub need run. */
export function openDesk(settings: Settings, clock: Clock = systemClock): OperatorsDesk {
  const { redis, limits } = settings;
  const { url, prefix, sentinel, cluster, replicas } = redis;
  const silentMs = Math.ceil(limits.redisSilentSeconds * 1000);
  const { laneItemsMax, laneBytesMax } = limits;
  const place = { url, prefix, sentinel, cluster, replicas };
  const desk = new Desk({ ...place, laneItemsMax, laneBytesMax, clock, silentMs, seal: sealOf(settings) });
  const rooms = deskRooms(settings);
  const letters = new DeskLetters({ desk, rooms, clock });
  return {
    rooms,
    letters,
    lanes: (some, all) => laneReports(desk, some, all),
    close: () => desk.close(),
  };
}
