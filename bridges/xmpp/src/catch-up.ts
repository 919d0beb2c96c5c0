import type { Archive, Archived, PageQuery } from './archive.ts';
import type { Place } from './cursor.ts';

export interface ArchiveOf {
  readonly archive: Archive;
  readonly room: string;
  /** Who asks. */
  readonly from: string;
}
export interface CatchUpParts extends ArchiveOf {
  /** Takes one archived message; may wait until there is room. */
  readonly handle: (item: Archived) => Promise<void>;
}

const PAGE = 50;
/** Read again when the archive has dropped the cursor: clocks differ, and the hub knows what it has. */
const OVERLAP_MS = 5 * 60_000;
/** A first result this much older than the cursor: the server answered an unknown id with everything. */
const JUMP_MS = 60 * 60_000;

/** whole: read to the end. none: the room has no archive. lost: the stream ended, or it did not answer. */
export type CaughtUp = { readonly kind: 'whole'; readonly last: string } | { readonly kind: 'none' | 'lost' };

/**
 * Reads what a room said since `place`, oldest first (XEP-0313). An id the archive does not know is answered with
 * an error by Prosody, and with the whole archive by ejabberd: both lead to reading from the time instead.
 */
export async function catchUp(parts: CatchUpParts, place: Place): Promise<CaughtUp> {
  const byTime: PageQuery = { start: Math.max(0, place.at - OVERLAP_MS), max: PAGE };
  let query: PageQuery = place.id === '' ? byTime : { after: place.id, max: PAGE };
  let last = place.id;
  for (;;) {
    const page = await parts.archive.page(parts.room, parts.from, query);
    if (page.kind === 'lost' || page.kind === 'none') return { kind: page.kind };
    const oldest = page.kind === 'page' ? page.items[0] : undefined;
    const jumped = query.after === place.id && oldest !== undefined && oldest.stamp < place.at - JUMP_MS;
    if (page.kind === 'expired' || jumped) {
      // Asked by time already: there is nothing (any more).
      if (query.after === undefined) return { kind: 'whole', last };
      query = byTime;
      continue;
    }
    for (const item of page.items) await parts.handle(item);
    if (page.last !== null) last = page.last;
    if (page.complete || page.items.length === 0 || page.last === null) return { kind: 'whole', last };
    query = { ...(query.start === undefined ? {} : { start: query.start }), after: page.last, max: PAGE };
  }
}

/** The newest thing in the archive now: where a channel begins that was never read. */
export async function newestPlace(parts: ArchiveOf, now: number): Promise<Place | null> {
  const page = await parts.archive.page(parts.room, parts.from, { before: '', max: 1 });
  if (page.kind === 'lost') return null;
  const item = page.kind === 'page' ? page.items.at(-1) : undefined;
  return { at: now, id: item?.id ?? '' };
}
