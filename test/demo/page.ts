import type { Histories, Row, Shown } from './histories.ts';
import { beside, cells, harmless, shortened, wrapped } from './layout.ts';
import { type Paint, SIDE_BY_SIDE } from './screen.ts';
import { other, PEOPLE, ROOM, type Side } from './script.ts';

export const duration = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

const SIDES = ['matrix', 'xmpp'] as const satisfies readonly Side[];

/** How long what was done with the message took to this side; undefined where it was done here. */
type Took = (does: string) => string | undefined;

function took({ told }: Row, side: Side, does: string): string | undefined {
  const crossed = told?.crossedMs.filter(({ act }) => act.does === does && act.by !== side).at(-1);
  return crossed === undefined ? undefined : `after ${duration(crossed.ms)}`;
}

const withTime = (words: string, time: string | undefined): string =>
  time === undefined ? words : `${words} ${time}`;

/** One message as one side shows it. */
function cell(shown: Shown, answered: Shown | undefined, took: Took, width: number, paint: Paint): string[] {
  const inside = width - 2;
  const dim = (text: string): string => paint('dim', text);
  const block = (text: string, style: (line: string) => string): string[] =>
    wrapped(harmless(text), inside).map((line) => (line === '' ? '' : `  ${style(line)}`));
  const head = headOf(harmless(shown.who), took('say'), width, paint);
  if (shown.deleted) return [...head, ...block(withTime('(removed)', took('remove')), dim)];
  const quote =
    answered === undefined
      ? []
      : [`┌ ${answered.who}: ${shortened(answered.text, inside - answered.who.length - 4)}`];
  const below = [
    ...(shown.edited ? [withTime('(edited)', took('edit'))] : []),
    ...shown.reactions.map(({ emoji, who }) => withTime(`${emoji} ${who.join(', ')}`, took('react'))),
  ];
  return [
    ...head,
    ...quote.flatMap((line) => block(line, dim)),
    ...block(shown.text, (line) => formatting(line, paint)),
    ...below.flatMap((line) => block(line, dim)),
  ];
}

function headOf(who: string, came: string | undefined, width: number, paint: Paint): string[] {
  const names = wrapped(who, width).map((line) => paint('bold', line));
  if (came === undefined) return names;
  const time = paint('dim', came);
  const last = names.at(-1) ?? '';
  if (cells(last) + cells(came) + 2 > width) return [...names, `  ${time}`];
  return [...names.slice(0, -1), `${last}  ${time}`];
}

/** Signs of formatting stay, so that it is seen without colours too. */
const formatting = (line: string, paint: Paint): string =>
  line
    .replaceAll(/(?<![^\s([])\*[^\s*](?:[^*]*[^\s*])?\*/g, (words) => paint('bold', words))
    .replaceAll(/(?<![^\s([])_[^\s_](?:[^_]*[^\s_])?_/g, (words) => paint('italic', words));

function headings(paint: Paint): Readonly<Record<Side, string>> {
  const of = (side: Side): string => {
    const { system, organisation, first } = PEOPLE[side];
    return paint('cyan', `${system} (${organisation}), what ${first} sees`);
  };
  return { matrix: of('matrix'), xmpp: of('xmpp') };
}

/** The conversation as each side's own history has it: side by side, or one below the other where that is too wide. */
export function conversationPage(
  rows: readonly Row[],
  histories: Histories,
  columns: number,
  paint: Paint,
): string {
  const wide = columns >= SIDE_BY_SIDE;
  const width = wide ? Math.floor((columns - 3) / 2) : columns - 1;
  const heads = headings(paint);
  const cellOf = (row: Row, side: Side): string[] => {
    const shown = row[side];
    if (shown === undefined) return [];
    const answered = histories[side].find(({ id }) => id === shown.answers);
    return cell(shown, answered, (does) => took(row, side, does), width, paint);
  };
  const title = `${paint('bold', ROOM.name)}: one room on two systems, read from each server's own history`;
  if (!wide) {
    const column = (side: Side): string[] => [
      '',
      heads[side],
      ...rows.flatMap((row) => ['', ...cellOf(row, side)]),
    ];
    return [title, ...SIDES.flatMap(column), ''].join('\n');
  }
  const line = '─'.repeat(width);
  const body = rows.flatMap((row) => [
    ...beside(cellOf(row, 'matrix'), cellOf(row, 'xmpp'), width),
    ...beside([''], [''], width),
  ]);
  const table = [...beside([heads.matrix], [heads.xmpp], width), `${line}─┼─${line}`, ...body];
  return [title, '', ...table].join('\n');
}

/** What crossed, and how fast. */
export function timesLines(rows: readonly Row[]): string {
  const all = rows.flatMap(({ told }) => told?.crossedMs ?? []);
  const counted = (does: string, one: string): string => {
    const count = all.filter(({ act }) => act.does === does).length;
    return `${count} ${one}${count === 1 ? '' : 's'}`;
  };
  const way = (side: Side): string => {
    const ms = all
      .filter(({ act }) => act.by === side)
      .map((crossed) => crossed.ms)
      .sort((a, b) => a - b);
    const [least = 0, middle = 0, most = 0] = [ms[0], ms[Math.floor(ms.length / 2)], ms.at(-1)];
    const systems = `${PEOPLE[side].system} to ${PEOPLE[other(side)].system}`;
    return `  ${systems}: ${duration(least)} to ${duration(most)}, half of it within ${duration(middle)}`;
  };
  const what = [
    counted('say', 'message'),
    counted('react', 'reaction'),
    counted('edit', 'edit'),
    counted('remove', 'removal'),
  ].join(', ');
  return [`Everything crossed: ${what}. From one client to the other:`, ...SIDES.map(way)].join('\n');
}
