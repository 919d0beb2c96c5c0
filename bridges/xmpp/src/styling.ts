import type { Block, Inline } from '@brygga/event';

/**
 * Message Styling (XEP-0393), read: the only formatting XMPP clients agree on. `*strong*`, `_emphasis_`,
 * `~strike~`, `` `code` `` within a line; fenced blocks and `>` quotes by lines. There are no escapes.
 */
export const MARKS = { '*': 'strong', _: 'emphasis', '~': 'delete' } as const;
export type MarkSign = keyof typeof MARKS;
export type Sign = MarkSign | '`';

export const FENCE = '```';
/** Put before a sign (or a line) that must not style: invisible, no space, so that it cannot stand before a mark. */
export const JOINER = '\u2060';

/** Quotes within quotes; what is deeper stays as written. */
const DEPTH_MAX = 16;
const SIGNS = '*_~`';

const isSign = (unit: string | undefined): unit is Sign =>
  unit !== undefined && unit !== '' && SIGNS.includes(unit);
const isMarkSign = (sign: Sign): sign is MarkSign => sign !== '`';
export const isSpace = (unit: string | undefined): boolean => unit === undefined || /^\s?$/u.test(unit);

/** The blocks of a message body. */
export const styledBlocks = (text: string): Block[] => blocksOf(text.split('\n'), 0);

function blocksOf(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) blocks.push({ type: 'paragraph', children: linesOf(paragraph) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    const end = blockEnd(lines, at, depth);
    if (end !== null) {
      flush();
      blocks.push(blockOf(lines.slice(at, end), depth));
      at = end;
      continue;
    }
    if (line.trim() === '') flush();
    else paragraph.push(line);
    at += 1;
  }
  flush();
  return blocks;
}

/** The line behind the fenced block or quote that begins here; null when none does. */
function blockEnd(lines: readonly string[], at: number, depth: number): number | null {
  const line = lines[at] ?? '';
  if (line.startsWith(FENCE)) {
    const close = lines.indexOf(FENCE, at + 1);
    return close < 0 ? lines.length : close + 1;
  }
  if (!line.startsWith('>') || depth >= DEPTH_MAX) return null;
  let end = at + 1;
  while (lines[end]?.startsWith('>')) end += 1;
  return end;
}

function blockOf(lines: readonly string[], depth: number): Block {
  const first = lines[0] ?? '';
  if (first.startsWith(FENCE)) {
    const closed = lines.length > 1 && lines.at(-1) === FENCE;
    const lang = first.slice(FENCE.length).trim();
    const value = lines
      .slice(1, closed ? -1 : undefined)
      .map(unjoined)
      .join('\n');
    return { type: 'code', lang: /^[\w+#.-]{1,64}$/.test(lang) ? lang : null, value };
  }
  const inner = lines.map((line) => line.replace(/^> ?/, ''));
  return { type: 'blockquote', children: blocksOf(inner, depth + 1) };
}

/** A line of code that would close its block is written behind a joiner. */
const unjoined = (line: string): string => (line.startsWith(JOINER + FENCE) ? line.slice(1) : line);

const linesOf = (lines: readonly string[]): Inline[] =>
  lines.flatMap((line, index): Inline[] => [
    ...(index === 0 ? [] : [{ type: 'break' } as const]),
    ...spansOf(line),
  ]);

/** The spans of one line. */
export function spansOf(line: string): Inline[] {
  const closers = closersOf(line);
  const nodes: Inline[] = [];
  let text = '';
  const flush = (): void => {
    const value = cleanText(text);
    if (value !== '') nodes.push({ type: 'text', value });
    text = '';
  };
  for (let at = 0; at < line.length; ) {
    const sign = line[at];
    const end = isSign(sign) && opens(line, at) ? closers(sign, at + 2) : -1;
    if (!isSign(sign) || end < 0) {
      text += sign ?? '';
      at += 1;
      continue;
    }
    flush();
    nodes.push(spanOf(sign, line.slice(at + 1, end)));
    at = end + 1;
  }
  flush();
  return nodes;
}

const spanOf = (sign: Sign, inner: string): Inline =>
  isMarkSign(sign) ? { type: MARKS[sign], children: spansOf(inner) } : { type: 'inlineCode', value: inner };

/** Joiners that keep a sign, or a line, from styling say nothing. */
const cleanText = (text: string): string => text.replace(/\u2060(?=[*_~`>])/gu, '');

/**
 * §6.1: at the beginning, after a space, or after another opening sign; before something that is no space. Within
 * a span the text begins behind an opening one, so the beginning covers that case.
 */
function opens(line: string, at: number): boolean {
  return (at === 0 || isSpace(line[at - 1])) && !isSpace(line[at + 1]) && line[at + 1] !== line[at];
}

/** Finds for a sign the first place at or behind an offset where it can close, in constant time. */
function closersOf(line: string): (sign: Sign, from: number) => number {
  const next = new Map<string, Int32Array>();
  for (const sign of SIGNS) {
    if (!line.includes(sign)) continue;
    const table = new Int32Array(line.length + 2).fill(-1);
    for (let at = line.length - 1; at >= 0; at--) {
      table[at] = line[at] === sign && !isSpace(line[at - 1]) ? at : (table[at + 1] ?? -1);
    }
    next.set(sign, table);
  }
  return (sign, from) => next.get(sign)?.[from] ?? -1;
}
