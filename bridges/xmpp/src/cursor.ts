/**
 * How far a channel has been read: the time of the last thing handled, and its id in the archive (empty when
 * there was none). The time is what is left when the archive has dropped the id.
 */
export interface Place {
  readonly at: number;
  readonly id: string;
}

export const writeCursor = ({ at, id }: Place): string => `${Math.trunc(at)}:${id}`;

/** Null for what this bridge did not write. */
export function readCursor(cursor: string): Place | null {
  const match = /^(\d{1,16}):(.*)$/s.exec(cursor);
  return match?.[1] === undefined || match[2] === undefined ? null : { at: Number(match[1]), id: match[2] };
}
