import type { LaneReport, RoomReport } from '@brygga/hub';
import { atDesk, type DeskOptions, linkText, operatorsWords, roomsOrNull } from '../desk.ts';
import { EXIT, type Exit } from '../exit.ts';
import type { Io } from '../io.ts';
import { columns, counted, lasting, times } from '../text.ts';

export interface LanesOptions extends DeskOptions {
  readonly all?: boolean;
}

/** `brygga lanes`: what waits where, how long, who works on it and what for it waits. Changes nothing. */
export function lanes(options: LanesOptions, io: Io): Promise<Exit> {
  return atDesk(options, io, async (desk) => {
    const rooms = roomsOrNull(desk, options, io);
    if (rooms === null) return EXIT.usage;
    const reports = await desk.lanes(rooms, options.all === true);
    const now = io.clock.now();
    io.out(options.json === true ? asJson(reports, now) : asText(reports, now));
    return EXIT.ok;
  });
}

function asJson(reports: readonly RoomReport[], at: number): string {
  const rooms = reports.map(({ lanes: own, ...room }) => ({
    ...room,
    lanes: own.map(({ link, ...lane }) => ({
      lane: link === null ? 'inbox' : 'outbox',
      link: link?.id ?? null,
      network: link?.network ?? null,
      organisation: link?.organisation ?? null,
      ...lane,
    })),
  }));
  return `${JSON.stringify({ at, rooms }, null, 2)}\n`;
}

/** Said of a lane that holds as much as it may. */
const FULL = 'full: its room takes nothing more; ';
const TITLES = ['ROOM', 'LANE', 'ITEMS', 'OLDEST', 'STATE'];

function asText(reports: readonly RoomReport[], now: number): string {
  const rows = reports.flatMap(({ room, lanes: own }) =>
    own.map((lane) => [
      room,
      lane.link === null ? 'inbox' : linkText(lane.link.id, lane.link),
      String(lane.items),
      lane.head === null ? '-' : lasting(now - lane.head.since),
      `${lane.full ? FULL : ''}${stateOf(lane)}`,
    ]),
  );
  const beside = reports.filter(({ aside, dead }) => aside > 0 || dead > 0).map(besideOf);
  const table = rows.length === 0 ? '' : `${columns(TITLES, rows)}\n`;
  return `${table}${beside.join('')}${beside.length === 0 ? '' : '\n'}${summary(reports)}\n`;
}

function besideOf({ room, aside, dead }: RoomReport): string {
  const parts = [
    ...(aside > 0
      ? [`${counted(aside, 'event')} stepped aside, for the message they are about to come`]
      : []),
    ...(dead > 0 ? [`${counted(dead, 'dead letter')}: brygga dead list --room ${room}`] : []),
  ];
  return parts.map((part) => `${room}: ${part}\n`).join('');
}

function summary(reports: readonly RoomReport[]): string {
  const busy = reports.flatMap((report) => report.lanes).filter(({ items }) => items > 0);
  const items = busy.reduce((sum, lane) => sum + lane.items, 0);
  const dead = reports.reduce((sum, report) => sum + report.dead, 0);
  return `${counted(busy.length, 'lane')} with ${counted(items, 'item')}, ${counted(dead, 'dead letter')}`;
}

function stateOf(lane: LaneReport): string {
  const failed = failureOf(lane);
  switch (lane.state) {
    case 'empty':
      return lane.hold?.paused === true ? 'empty; paused in the settings' : 'empty';
    case 'paused':
      return `paused in the settings${failed === null ? '' : `; ${failed}`}`;
    case 'held':
      return `${heldFor(lane)}; ${failed ?? 'its network asked all its lanes to wait'}`;
    case 'worked': {
      const { name = '', leaseMs = 0 } = lane.owner ?? {};
      return `worked on by ${name} (lease ${lasting(leaseMs)})${failed === null ? '' : `; ${failed}`}`;
    }
    default:
      return `${nobody(lane)}${failed === null ? '' : `; ${failed}`}`;
  }
}

const heldFor = ({ hold }: LaneReport): string =>
  hold?.leftMs == null ? 'held' : `held for ${lasting(hold.leftMs)} more`;

const nobody = ({ link }: LaneReport): string =>
  `nobody works on it: ${link === null ? 'does a hub run?' : `does a hub run that reaches ${link.network}?`}`;

function failureOf({ head }: LaneReport): string | null {
  if (head === null || head.failed === null) return null;
  const { tries, since, last, code } = head.failed;
  const span = last > since ? ` in ${lasting(last - since)}` : '';
  return `its head failed ${times(tries)}${span}, the last time by ${code} (${operatorsWords(code)})`;
}
