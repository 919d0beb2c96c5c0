import type { Io } from './io.ts';

/** Says what is waited for, on one line that is overwritten; null clears it. */
export type Progress = (what: string | null) => void;

const CLEAR_LINE = '\r\u001b[K';

/** Tells progress to a person; says nothing where nobody watches. */
export function progress({ watched, err }: Io): Progress {
  if (!watched.err) return () => {};
  return (what) => err(what === null ? CLEAR_LINE : `${CLEAR_LINE}asking ${what} …`);
}
