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
