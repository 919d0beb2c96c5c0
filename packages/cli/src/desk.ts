import { CODES, type Code, faultOf } from '@brygga/contract';
import { type DeskLink, type OperatorsDesk, type Selection, suggestion, Unreadable } from '@brygga/hub';
import { EXIT, type Exit } from './exit.ts';
import type { Io } from './io.ts';
import { type ConfigOption, settingsOrNull } from './settings.ts';

export interface DeskOptions extends ConfigOption {
  readonly room?: string;
  readonly link?: string;
  readonly json?: boolean;
}

/** Runs `work` at the desk of the settings. Where that fails, its message may hold what people wrote: it stays out. */
export async function atDesk(
  options: ConfigOption,
  io: Io,
  work: (desk: OperatorsDesk) => Promise<Exit>,
): Promise<Exit> {
  const opened = settingsOrNull(options, io);
  if (opened === null) return EXIT.problem;
  const desk = io.hub.openDesk(opened.loaded.settings);
  try {
    return await work(desk);
  } catch (error) {
    io.err(reasonOf(error));
    return EXIT.problem;
  } finally {
    await desk.close();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Unreadable))
    return `brygga: Redis did not answer: ${faultOf(error)}\n    brygga check --online tells more\n`;
  const { code, key } = error;
  return code === 'KEY_UNKNOWN'
    ? `brygga: a dead letter was sealed with the key "${key}"\n    put that key into redis.sealKeys, as the second if need be\n`
    : `brygga: a dead letter cannot be read: ${code}\n    was it changed in Redis, or written by a newer version?\n`;
}

const TAKEN_OUT =
  '    of what was taken out of the settings: put it back under the same id to reach its dead letters;\n' +
  '    without that they are removed by themselves after limits.deadLetterDays\n';

/** The room meant by `--room`, all without it; null (and said on standard error) when the settings have none such. */
export function roomsOrNull(desk: OperatorsDesk, { room }: DeskOptions, io: Io) {
  if (room === undefined) return desk.rooms;
  const found = desk.rooms.filter(({ id }) => id === room);
  if (found.length > 0) return found;
  const known = desk.rooms.map(({ id }) => id);
  io.err(`brygga: the settings have no room "${room}": ${suggestion(room, known, 'rooms')}\n${TAKEN_OUT}`);
  return null;
}

/**
 * What `--room` and `--link` choose; null (and said) when there is no such room, or `link` is neither in the
 * settings nor, where `retired` links count as well, has any letters.
 */
export async function selectionOrNull(
  desk: OperatorsDesk,
  options: DeskOptions,
  io: Io,
  retired: boolean,
): Promise<Selection | null> {
  const rooms = roomsOrNull(desk, options, io);
  if (rooms === null) return null;
  const known = [...new Set(rooms.flatMap(({ links }) => links.map(({ id }) => id)))];
  const { link } = options;
  const room = options.room === undefined ? {} : { room: rooms[0]?.id };
  if (link === undefined) return room;
  // A link that the settings lost is known by its letters alone.
  const selection = { ...room, link: link as DeskLink['id'] };
  if (known.some((id) => id === link)) return selection;
  if (retired && (await desk.letters.newest(selection, 1)).length > 0) return selection;
  const where = options.room === undefined ? 'the settings have' : `room ${options.room} has`;
  io.err(`brygga: ${where} no link "${link}": ${suggestion(link, known, 'links')}\n${TAKEN_OUT}`);
  return null;
}

/** `drum (Southern Watch)`; a link that the settings lost has nobody. */
export const linkText = (id: string, link: DeskLink | null): string =>
  link === null ? `${id} (not in the settings)` : `${id} (${link.organisation})`;

const isCode = (code: string): code is Code => Object.hasOwn(CODES, code);

/** A code in the operator's words; '' for one that this version does not know. */
export const operatorsWords = (code: string): string => (isCode(code) ? CODES[code].operator : '');
