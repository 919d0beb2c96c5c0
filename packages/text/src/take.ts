import type { Block, Blockquote, Code, Heading, List, Paragraph, Table } from '@brygga/event';
import { codeBorder, textBorder } from './borders.ts';
import { inlinesOf, type Run, runsOf } from './runs.ts';

/** What is taken for one part, and what is left for the next ones. */
export interface Taken {
  readonly part: Block[];
  readonly rest: Block[];
}
type Fits = (blocks: readonly Block[]) => boolean;

/** Takes as much from the front as fits, at the best border; nothing when nothing fits. */
export function take(blocks: readonly Block[], fits: Fits): Taken {
  const count = largest(blocks.length, (n) => fits(blocks.slice(0, n)));
  const part = blocks.slice(0, count);
  const [next, ...rest] = blocks.slice(count);
  if (next === undefined) return { part, rest: [] };
  const whole = { part, rest: [next, ...rest] };
  // A block that fits into the next part is not cut for the sake of filling this one.
  if (count > 0 && fits([next])) return whole;
  const cut = cutBlock(next, (piece) => fits([...part, piece]));
  return cut === null ? whole : { part: [...part, cut.head], rest: [...cut.tail, ...rest] };
}

/** The largest n up to `count` that `fits`, which must hold for all smaller ones too. Tries O(log n) sizes. */
export function largest(count: number, fits: (n: number) => boolean): number {
  let low = 0;
  let step = 1;
  while (low + step <= count && fits(low + step)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(count + 1, low + step);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

interface Cut {
  readonly head: Block;
  readonly tail: Block[];
}
type FitsOne = (block: Block) => boolean;

function cutBlock(block: Block, fits: FitsOne): Cut | null {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return cutText(block, fits);
    case 'code':
      return cutCode(block, fits);
    case 'blockquote':
      return cutQuote(block, fits);
    case 'list':
      return cutList(block, fits);
    case 'table':
      return cutTable(block, fits);
  }
}

function cutText(block: Paragraph | Heading, fits: FitsOne): Cut | null {
  const runs = runsOf(block.children);
  const units = runs.map(unitsOf).join('');
  const as = (from: number, to: number): Block => ({ ...block, children: inlinesOf(slice(runs, from, to)) });
  const most = largest(units.length, (n) => fits(as(0, n)));
  const cut = textBorder(units, most);
  if (cut === null) return null;
  return { head: as(0, cut.end), tail: cut.next < units.length ? [as(cut.next, units.length)] : [] };
}

/** One unit per letter; a leaf that cannot be cut is one. */
function unitsOf({ leaf }: Run): string {
  if (leaf.type === 'text' || leaf.type === 'inlineCode') return leaf.value;
  return leaf.type === 'break' ? '\n' : '\ufffc';
}

function slice(runs: readonly Run[], from: number, to: number): Run[] {
  let at = 0;
  return runs.flatMap((run): Run[] => {
    const start = at;
    at += unitsOf(run).length;
    if (at <= from || start >= to) return [];
    if (run.leaf.type !== 'text' && run.leaf.type !== 'inlineCode') return [run];
    const value = run.leaf.value.slice(Math.max(0, from - start), to - start);
    return [{ leaf: { ...run.leaf, value }, marks: run.marks }];
  });
}

function cutCode(block: Code, fits: FitsOne): Cut | null {
  const as = (value: string): Block => ({ ...block, value });
  const most = largest(block.value.length, (n) => fits(as(block.value.slice(0, n))));
  const cut = codeBorder(block.value, most);
  if (cut === null) return null;
  return { head: as(block.value.slice(0, cut.end)), tail: [as(block.value.slice(cut.next))] };
}

function cutQuote(block: Blockquote, fits: FitsOne): Cut | null {
  const as = (children: readonly Block[]): Block => ({ ...block, children: [...children] });
  const { part, rest } = take(block.children, (blocks) => fits(as(blocks)));
  return part.length === 0 ? null : { head: as(part), tail: [as(rest)] };
}

function cutList(list: List, fits: FitsOne): Cut | null {
  const count = largest(list.children.length, (n) => fits({ ...list, children: list.children.slice(0, n) }));
  const whole = list.children.slice(0, count);
  const [item, ...later] = list.children.slice(count);
  const start = list.ordered ? (list.start ?? 1) + count : null;
  const from = (first: number | null, children: List['children']): Block[] =>
    children.length === 0 ? [] : [{ ...list, start: first, children }];
  if (item === undefined) return null;
  if (count > 0) return { head: { ...list, children: whole }, tail: from(start, [item, ...later]) };
  const { part, rest } = take(item.children, (blocks) =>
    fits({ ...list, children: [{ ...item, children: [...blocks] }] }),
  );
  if (part.length === 0) return null;
  // What is left of the item goes on without a marker: it is no new item.
  const head = { ...list, children: [{ ...item, children: part }] };
  return { head, tail: [...rest, ...from(start === null ? null : start + 1, later)] };
}

function cutTable(table: Table, fits: FitsOne): Cut | null {
  const as = (rows: Table['children']): Block => ({ ...table, children: rows });
  const count = largest(table.children.length, (n) => fits(as(table.children.slice(0, n))));
  if (count === 0 || count === table.children.length) return null;
  return { head: as(table.children.slice(0, count)), tail: [as(table.children.slice(count))] };
}
