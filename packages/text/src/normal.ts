import type { Block, Body, Code, List, ListItem, Paragraph, Table, TableCell, TableRow } from '@brygga/event';
import { inlinesOf, type Leaf, type Run, runsOf } from './runs.ts';
import { safeText } from './safe-text.ts';

/**
 * The normal form of a body: two bodies that look the same to people are equal in it, and every dialect can
 * carry it. Text is made safe (`safeText`); a newline in a text is a `break`; no space ends a line; tabs are
 * spaces; a no-break space beside another space, or at the edge of a line, is a space; neighbouring texts are
 * one; a mark within its own kind, and anything empty, is gone; rows of a table are equally long; a list that
 * begins at 1 says `start: null`.
 */
export function normalBody(body: Body): Body {
  return { type: 'root', children: normalBlocks(body.children) };
}

/** The normal form of blocks; empty ones go. */
export const normalBlocks = (blocks: readonly Block[]): Block[] => blocks.flatMap(normalBlock);

function normalBlock(block: Block): Block[] {
  switch (block.type) {
    case 'paragraph':
    case 'heading': {
      const children = inlinesOf(tidyRuns(runsOf(block.children)));
      return children.length === 0 ? [] : [{ ...block, children }];
    }
    case 'code':
      return [normalCode(block)];
    case 'blockquote': {
      const children = normalBlocks(block.children);
      return children.length === 0 ? [] : [{ type: 'blockquote', children }];
    }
    case 'list':
      return block.children.length === 0 ? [] : [normalList(block)];
    case 'table':
      return normalTable(block);
  }
}

function normalCode(code: Code): Code {
  const lang = (code.lang ?? '').replace(/[^\w+#.-]/g, '').slice(0, 64);
  return { type: 'code', lang: lang === '' ? null : lang, value: safeText(code.value) };
}

function normalList(list: List): List {
  const start = list.ordered && list.start !== null && list.start !== 1 ? list.start : null;
  const children = list.children.map(
    (item): ListItem => ({ ...item, children: normalBlocks(item.children) }),
  );
  return { type: 'list', ordered: list.ordered, start, children };
}

function normalTable(table: Table): Table[] {
  const columns = table.children.reduce((most, row) => Math.max(most, row.children.length), 0);
  if (columns === 0) return [];
  const cell = (row: TableRow, at: number): TableCell => ({
    type: 'tableCell',
    children: inlinesOf(tidyRuns(runsOf(row.children[at]?.children ?? []))),
  });
  const places = Array.from({ length: columns }, (_, at) => at);
  const rows = table.children.map(
    (row): TableRow => ({
      type: 'tableRow',
      children: places.map((at) => cell(row, at)),
    }),
  );
  return [{ type: 'table', align: places.map((at) => table.align[at] ?? null), children: rows }];
}

const isBreak = (run: Run | undefined): boolean => run?.leaf.type === 'break';

/** Cleans the runs of one paragraph: lines, spaces, controls; breaks at its beginning and end go. */
export function tidyRuns(runs: readonly Run[]): Run[] {
  const all = linesOf(runs.flatMap(cleanRun)).map((line) => mapLine(line, tidyLine));
  const first = all.findIndex((line) => line.length > 0);
  const lines = first < 0 ? [] : all.slice(first, all.findLastIndex((line) => line.length > 0) + 1);
  return lines.flatMap((line, at) =>
    at === 0 ? line : [{ leaf: { type: 'break' }, marks: commonMarks(lines, at) }, ...line],
  );
}

/** A break stands in the marks that both lines beside it share, so that it does not cut a mark in two. */
function commonMarks(lines: readonly Run[][], at: number): Run['marks'] {
  const before = lines[at - 1]?.at(-1)?.marks ?? [];
  const after = lines[at]?.[0]?.marks ?? [];
  const end = before.findIndex((mark, index) => mark !== after[index]);
  return end < 0 ? before : before.slice(0, end);
}

/** Lines parted at the breaks, which are left out. */
function linesOf(runs: readonly Run[]): Run[][] {
  const lines: Run[][] = [[]];
  for (const run of runs) {
    if (isBreak(run)) lines.push([]);
    else lines.at(-1)?.push(run);
  }
  return lines;
}

function cleanRun({ leaf, marks }: Run): Run[] {
  const as = (clean: Leaf): Run => ({ leaf: clean, marks });
  switch (leaf.type) {
    case 'text': {
      const parts = safeText(leaf.value).replaceAll('\t', ' ').split('\n');
      return parts.flatMap((value, at) => [
        ...(at > 0 ? [as({ type: 'break' })] : []),
        ...(value === '' ? [] : [as({ type: 'text', value })]),
      ]);
    }
    case 'inlineCode': {
      const value = safeText(leaf.value).replaceAll('\n', ' ');
      return value === '' ? [] : [as({ type: 'inlineCode', value })];
    }
    case 'mention':
      return [as({ ...leaf, label: safeText(leaf.label).replaceAll('\n', ' ') })];
    case 'image':
      return [as({ ...leaf, alt: safeText(leaf.alt).replaceAll('\n', ' ') })];
    default:
      return [as(leaf)];
  }
}

function tidyLine(line: string): string {
  // Not /[ ]+$/: on a long run of spaces inside a line that takes quadratic time.
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\u00a0')) end -= 1;
  return line
    .slice(0, end)
    .replace(/[ \u00a0]{2,}/g, (spaces) => ' '.repeat(spaces.length))
    .replace(/^\u00a0/, ' ');
}

/** Stands in `mapLine` for a leaf that is not text. */
const ATOM = '\ufffc';

/**
 * Rewrites the text of one line across its runs. `change` sees all of it, each leaf that is not text as U+FFFC;
 * it may replace letters one for one and drop some at the end.
 */
export function mapLine(line: readonly Run[], change: (text: string) => string): Run[] {
  const whole = line.map(({ leaf }) => (leaf.type === 'text' ? leaf.value : ATOM)).join('');
  const changed = change(whole);
  if (changed === whole) return [...line];
  let from = 0;
  return line.flatMap((run): Run[] => {
    const { leaf } = run;
    const to = from + (leaf.type === 'text' ? leaf.value.length : 1);
    const value = changed.slice(from, to);
    from = to;
    if (leaf.type !== 'text') return [run];
    return value === '' ? [] : [{ leaf: { type: 'text', value }, marks: run.marks }];
  });
}

/** A paragraph of runs, or null when nothing of it can be seen. */
export function paragraphOf(runs: readonly Run[]): Paragraph | null {
  const children = inlinesOf(tidyRuns(runs));
  return children.length === 0 ? null : { type: 'paragraph', children };
}
