import { styleText } from 'node:util';
import type { Finding } from '@brygga/contract';

/** Text made elsewhere cannot move the cursor, ring the bell or write a line of its own. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** `ok`, `warn`, `fail`, in one width; coloured where a person watches (NO_COLOR is respected). */
export function mark(level: Finding['level'], coloured: boolean): string {
  const word = level.padEnd(4);
  return coloured ? styleText(COLOURS[level], word, { stream: process.stdout }) : word;
}

/** `1 room`, `2 rooms`. */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** An error for people: its name, and its message without secrets. */
export function reasonOf(error: unknown, redact: (text: string) => string): string {
  if (!(error instanceof Error)) return 'an unknown error';
  return clean(redact(error.message === '' ? error.name : error.message));
}

const UNITS = [
  ['day', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A time in the unit that fits: `3 days`, `5 h`, `12 min`, `0 s`. */
export function lasting(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms >= one) ?? (['s', 1000] as const);
  const count = Math.max(0, Math.floor(ms / size));
  return unit === 'day' ? counted(count, unit) : `${count} ${unit}`;
}

/** A date to the second: `2026-11-23T17:05:57Z`. */
export const dateOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');

/** `once`, `2 times`. */
export const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** Lines of columns under their titles; the last column is as wide as it is. */
export function columns(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows];
  const widths = titles.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
}
