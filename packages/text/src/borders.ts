import { codePointBorder, graphemeBorder } from './bytes.ts';

/** Where to cut: what stands before `end` is the part, what stands from `next` on the rest. */
export interface Border {
  readonly end: number;
  readonly next: number;
}

const isSpace = (unit: string | undefined): boolean => unit === ' ' || unit === '\n' || unit === '\u00a0';

/**
 * The best place to cut text of which at most the first `most` units may be taken: behind a sentence in the
 * second half, at a space in the last three quarters, between graphemes, between code points. Null: nowhere.
 */
export function textBorder(units: string, most: number): Border | null {
  if (most <= 0) return null;
  if (most >= units.length) return { end: units.length, next: units.length };
  return spaceBorder(units, most) ?? letterBorder(units, most);
}

function spaceBorder(units: string, most: number): Border | null {
  let space: number | null = null;
  for (let at = most; at > most / 4; at -= 1) {
    if (!isSpace(units[at])) continue;
    const sentence = units[at] === '\n' || /[.!?…。！？]/.test(units[at - 1] ?? '');
    if (sentence && at >= most / 2) return around(units, at);
    space ??= at;
  }
  return space === null ? null : around(units, space);
}

/** Leaves out all spaces around the one at `at`; null when that would leave nothing. */
function around(units: string, at: number): Border | null {
  let end = at;
  let next = at;
  while (end > 0 && isSpace(units[end - 1])) end -= 1;
  while (isSpace(units[next])) next += 1;
  return end === 0 ? null : { end, next };
}

function letterBorder(units: string, most: number): Border | null {
  const grapheme = graphemeBorder(units, most);
  const end = grapheme > 0 ? grapheme : codePointBorder(units, most);
  return end > 0 ? { end, next: end } : null;
}

/** The same for code: behind a line, else between letters; no space is left out. */
export function codeBorder(value: string, most: number): Border | null {
  if (most <= 0 || most >= value.length) return null;
  const line = value.lastIndexOf('\n', most);
  return line > 0 ? { end: line, next: line + 1 } : letterBorder(value, most);
}
