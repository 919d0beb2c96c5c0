import type { LetterPlace, LetterReport, LetterVerdict } from '@brygga/hub';
import { isLetterId } from '@brygga/hub';
import { atDesk, type DeskOptions, linkText, operatorsWords, selectionOrNull } from '../desk.ts';
import { EXIT, type Exit } from '../exit.ts';
import type { Io } from '../io.ts';
import { clean, columns, counted, dateOf, lasting, times } from '../text.ts';
import { wouldDo } from '../verdicts.ts';

export interface DeadListOptions extends DeskOptions {
  readonly limit: number;
}

export interface DeadShowOptions extends DeskOptions {
  readonly contents?: boolean;
}

const TITLES = ['ID', 'ROOM', 'LINK', 'GIVEN UP', 'CODE', 'TRIES', 'KIND', 'AGE'];

/** `brygga dead list`: what was given up, newest first. */
export function deadList(options: DeadListOptions, io: Io): Promise<Exit> {
  return atDesk(options, io, async (desk) => {
    const selection = await selectionOrNull(desk, options, io, true);
    if (selection === null) return EXIT.usage;
    const letters = await desk.letters.newest(selection, options.limit);
    if (options.json === true) {
      io.out(`${JSON.stringify({ at: io.clock.now(), letters: letters.map(jsonOf) }, null, 2)}\n`);
      return EXIT.ok;
    }
    const rows = letters.map((letter) => rowOf(letter, io.clock.now()));
    const full = letters.length === options.limit ? '; --limit shows more' : '';
    io.out(`${rows.length === 0 ? '' : `${columns(TITLES, rows)}\n`}${told(letters.length)}${full}\n`);
    return EXIT.ok;
  });
}

const told = (count: number): string => (count === 0 ? 'no dead letters' : counted(count, 'dead letter'));

const rowOf = (letter: LetterReport, now: number): string[] => [
  letter.id,
  letter.room,
  linkText(letter.linkId, letter.link),
  dateOf(letter.at),
  letter.code,
  String(letter.history.tries),
  letter.kind,
  lasting(now - letter.acceptedAt),
];

/** For programs. Without what people wrote. */
export function jsonOf({ link, linkId, ...letter }: LetterReport): object {
  return {
    ...letter,
    link: linkId,
    linkInSettings: link !== null,
    organisation: link?.organisation ?? null,
    reason: operatorsWords(letter.code),
  };
}

/** `brygga dead show`: one letter with all that is known of it, and what a replay would do. */
export async function deadShow(id: string, options: DeadShowOptions, io: Io): Promise<Exit> {
  if (!isLetterId(id)) {
    io.err(notAnId(id));
    return EXIT.usage;
  }
  return atDesk(options, io, async (desk) => {
    const [place] = await desk.letters.find([id]);
    const [letter] = place === undefined ? [] : await desk.letters.look([place]);
    if (place === undefined || letter === undefined) {
      io.err(missing(id));
      return EXIT.problem;
    }
    const contents = options.contents === true ? await contentsOf(desk.letters, place) : undefined;
    io.out(options.json === true ? showJson(letter, contents) : showText(letter, contents, io.clock.now()));
    return EXIT.ok;
  });
}

export const notAnId = (id: string): string =>
  `brygga: "${clean(id)}" is no id of a dead letter: brygga dead list shows them\n`;

export const missing = (id: string): string =>
  `brygga: there is no dead letter ${id} in the rooms of these settings: it was replayed, dropped, or kept long enough\n` +
  '    (limits.deadLetterDays); brygga dead list shows what there is\n';

/** What was written; null when it holds no words, or is gone. */
async function contentsOf(
  letters: { contents(place: LetterPlace): Promise<object | null> },
  place: LetterPlace,
): Promise<string | null> {
  const event = await letters.contents(place);
  if (event === null) return null;
  if ('plain' in event && typeof event.plain === 'string') return event.plain;
  if ('emoji' in event && Array.isArray(event.emoji)) return event.emoji.join(' ');
  return 'topic' in event && typeof event.topic === 'string' ? event.topic : null;
}

function showJson(letter: LetterVerdict, contents: string | null | undefined): string {
  const shown = { ...jsonOf(letter), replay: wouldDo(letter) };
  return `${JSON.stringify(contents === undefined ? shown : { ...shown, contents }, null, 2)}\n`;
}

function showText(letter: LetterVerdict, contents: string | null | undefined, now: number): string {
  const { history } = letter;
  const lines: readonly (readonly [string, string])[] = [
    ['room', letter.room],
    ['link', linkText(letter.linkId, letter.link)],
    ['given up', `${dateOf(letter.at)}, ${lasting(now - letter.at)} ago`],
    ['code', `${letter.code}: ${operatorsWords(letter.code)}`],
    ['tries', historyOf(history)],
    ['put back', letter.replays === 0 ? 'never yet' : `${times(letter.replays)} before`],
    ['event', `${letter.kind}, ${letter.event}, accepted ${dateOf(letter.acceptedAt)}`],
    ...(letter.target === null ? [] : [['about', letter.target] as const]),
    ['from', `${letter.origin.network}, there called ${clean(letter.origin.nativeId)}`],
    ['key', letter.key],
    ['replay', wouldDo(letter)],
  ];
  const said = contents === undefined ? [] : ['', ...(contents ?? '(no words)').split('\n').map(clean)];
  return `${[letter.id, ...lines.map(([name, value]) => `  ${name.padEnd(9)} ${value}`), ...said].join('\n')}\n`;
}

function historyOf({ tries, since, last, codes }: LetterReport['history']): string {
  if (tries === 0 || since === null || last === null) return 'none';
  const each = Object.entries(codes).map(([code, count]) => `${code} ${times(count)}`);
  return `${tries}, the first ${dateOf(since)}, the last ${dateOf(last)}: ${each.join(', ')}`;
}
