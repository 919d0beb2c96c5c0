import type { LetterPlace, LetterVerdict, OperatorsDesk, Verdict } from '@brygga/hub';
import { isLetterId } from '@brygga/hub';
import { atDesk, type DeskOptions, linkText, selectionOrNull } from '../desk.ts';
import { EXIT, type Exit } from '../exit.ts';
import type { Io } from '../io.ts';
import { columns, counted } from '../text.ts';
import { did, wouldDo } from '../verdicts.ts';
import { jsonOf, missing, notAnId } from './dead.ts';

export interface ActOptions extends DeskOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** The letters meant: where they lie, and the ids that are none. */
interface Meant {
  readonly places: readonly LetterPlace[];
  readonly missing: readonly string[];
}

/** Rows shown to people. */
const ROWS_MAX = 20;

/** `brygga dead replay`: puts letters back to the end of their lanes. */
export function deadReplay(ids: readonly string[], options: ActOptions, io: Io): Promise<Exit> {
  return act(ids, options, io, false, async (desk, meant) => {
    const looked = await desk.letters.look(meant.places);
    if (options.dryRun === true) return tellReplay(looked, meant, options, io);
    const ready = looked.filter(({ verdict }) => verdict === 'replayed');
    if (ready.length === 0) return tellReplay(looked, meant, options, io);
    if (asks(options)) io.err(tableOf(looked, true));
    if (!(await agreed(`Put ${counted(ready.length, 'letter')} back?`, options, io))) return EXIT.ok;
    const verdicts = await desk.letters.replay(meant.places);
    const there = new Set(verdicts.map(({ id }) => id));
    const gone = meant.places.map(({ id }) => id).filter((id) => !there.has(id));
    for (const id of gone) io.err(missing(id));
    return tellReplay(verdicts, { ...meant, missing: [...meant.missing, ...gone] }, options, io);
  });
}

/** `brygga dead drop`: removes letters for good. */
export function deadDrop(ids: readonly string[], options: ActOptions, io: Io): Promise<Exit> {
  return act(ids, options, io, true, async (desk, meant) => {
    const { places } = meant;
    if (options.dryRun === true) return tellDrop(places, places, meant, options, io);
    if (asks(options)) io.err(dropTable(places, places, 'would be removed for good'));
    const question = `Remove ${counted(places.length, 'letter')} for good?`;
    if (!(await agreed(question, options, io))) return EXIT.ok;
    return tellDrop(places, await desk.letters.drop(places), meant, options, io);
  });
}

/** What both have in common: usage, the letters meant, and that there are any. */
async function act(
  ids: readonly string[],
  options: ActOptions,
  io: Io,
  retired: boolean,
  run: (desk: OperatorsDesk, meant: Meant) => Promise<Exit>,
): Promise<Exit> {
  const wrong = misused(ids, options, io);
  if (wrong !== null) {
    io.err(wrong);
    return EXIT.usage;
  }
  return atDesk(options, io, async (desk) => {
    const meant = await meantBy(desk, ids, options, io, retired);
    if (meant === null) return EXIT.usage;
    for (const id of meant.missing) io.err(missing(id));
    if (meant.places.length > 0) return run(desk, meant);
    const nothing = { dryRun: options.dryRun === true, letters: [], missing: meant.missing };
    io.out(options.json === true ? `${JSON.stringify(nothing, null, 2)}\n` : 'no dead letters\n');
    return exitOf(true, meant);
  });
}

function misused(
  ids: readonly string[],
  { all, room, link, yes, dryRun }: ActOptions,
  io: Io,
): string | null {
  const bad = ids.find((id) => !isLetterId(id));
  if (bad !== undefined) return notAnId(bad);
  if (all !== true && ids.length === 0)
    return 'brygga: which letters? Name their ids (brygga dead list shows them), or say --all\n';
  if (all === true && ids.length > 0) return 'brygga: ids or --all, not both\n';
  if (all !== true && (room ?? link) !== undefined)
    return 'brygga: --room and --link choose among --all: an id needs neither\n';
  if (yes === true || dryRun === true || io.ask !== null) return null;
  return 'brygga: nothing done: there is no terminal to ask on; say --yes, or --dry-run to see what would be done\n';
}

async function meantBy(
  desk: OperatorsDesk,
  ids: readonly string[],
  options: ActOptions,
  io: Io,
  retired: boolean,
): Promise<Meant | null> {
  if (options.all === true) {
    const selection = await selectionOrNull(desk, options, io, retired);
    return selection === null ? null : { places: await desk.letters.all(selection), missing: [] };
  }
  const wanted = [...new Set(ids)];
  const places = await desk.letters.find(wanted);
  const found = new Set(places.map(({ id }) => id));
  return { places, missing: wanted.filter((id) => !found.has(id)) };
}

/** Whoever is asked sees what about. */
const asks = ({ yes, json }: ActOptions): boolean => yes !== true && json !== true;

async function agreed(question: string, { yes }: ActOptions, io: Io): Promise<boolean> {
  if (yes === true) return true;
  const answer = (await io.ask?.(`${question} [y/N] `)) ?? '';
  if (/^y(es)?$/i.test(answer.trim())) return true;
  io.err('brygga: nothing done\n');
  return false;
}

const exitOf = (well: boolean, meant: Meant): Exit =>
  well && meant.missing.length === 0 ? EXIT.ok : EXIT.problem;

function tellReplay(
  verdicts: readonly LetterVerdict[],
  meant: Meant,
  { dryRun = false, json }: ActOptions,
  io: Io,
): Exit {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
  const well = counts.replayed ?? 0;
  if (json === true) {
    const letters = verdicts.map((letter) => ({ ...jsonOf(letter), verdict: letter.verdict }));
    io.out(`${JSON.stringify({ dryRun, summary: counts, letters, missing: meant.missing }, null, 2)}\n`);
  } else {
    const rest = verdicts.length - well;
    const end = rest === 0 ? '' : `, ${counted(rest, 'letter')} ${dryRun ? 'would stay' : 'not'}`;
    io.out(
      `${tableOf(verdicts, dryRun)}${counted(well, 'letter')} ${dryRun ? 'would be ' : ''}put back${end}\n`,
    );
  }
  return exitOf(well === verdicts.length, meant);
}

function tellDrop(
  places: readonly LetterPlace[],
  dropped: readonly LetterPlace[],
  meant: Meant,
  { dryRun = false, json }: ActOptions,
  io: Io,
): Exit {
  if (json === true) {
    const gone = new Set(dropped);
    const letters = places.map((place) => {
      const { id, room, linkId } = place;
      return { id, room, link: linkId, dropped: !dryRun && gone.has(place) };
    });
    io.out(`${JSON.stringify({ dryRun, letters, missing: meant.missing }, null, 2)}\n`);
  } else {
    const what = dryRun ? 'would be removed for good' : 'removed for good';
    io.out(`${dropTable(places, dropped, what)}${counted(dropped.length, 'letter')} ${what}\n`);
  }
  return exitOf(dropped.length === places.length, meant);
}

const tableOf = (letters: readonly LetterVerdict[], dry: boolean): string =>
  rowsOf(letters, dry ? wouldDo : did);

const dropTable = (places: readonly LetterPlace[], dropped: readonly LetterPlace[], what: string): string =>
  rowsOf(places, (place) => (dropped.includes(place) ? what : 'was no dead letter any more'));

function rowsOf<Place extends LetterPlace>(
  letters: readonly Place[],
  says: (letter: Place) => string,
): string {
  const rows = letters
    .slice(0, ROWS_MAX)
    .map((letter) => [letter.id, letter.room, linkText(letter.linkId, letter.link), says(letter)]);
  const more = letters.length - rows.length;
  return `${columns(['ID', 'ROOM', 'LINK', ''], rows)}${more > 0 ? `… and ${more} more (--json has all)\n` : ''}\n`;
}
