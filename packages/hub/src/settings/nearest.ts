/** Letter case and word separators do not make a name another one: `as_token` is near `asToken`. */
const bare = (name: string): string => name.toLowerCase().replace(/[-_. ]/g, '');

/** Edits (insert, remove, replace, swap neighbours) that turn one text into the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}

/** The known name that was probably meant, or null when none is near. */
export function nearest(written: string, known: Iterable<string>): string | null {
  const meant = bare(written.slice(0, 128));
  let best: { readonly name: string; readonly far: number } | null = null;
  for (const name of known) {
    const candidate = bare(name);
    const far = distance(meant, candidate);
    const allowed = Math.max(1, Math.floor(Math.min(meant.length, candidate.length) / 3));
    if (far <= allowed && (best === null || far < best.far)) best = { name, far };
  }
  return best?.name ?? begunBy(meant, known);
}

const BEGUN_LENGTH_MIN = 3;

/** `lang` is short for `language`, when nothing else begins that way. */
function begunBy(meant: string, known: Iterable<string>): string | null {
  if (meant.length < BEGUN_LENGTH_MIN) return null;
  const begun = [...known].filter((name) => bare(name).startsWith(meant));
  return begun.length === 1 ? (begun[0] ?? null) : null;
}

const LISTED_MAX = 20;

/** `did you mean "x"?`, or the list of what is known. `what`: the plural to call them by. */
export function suggestion(written: string, known: readonly string[], what: string): string {
  const meant = nearest(written, known);
  if (meant !== null) return `did you mean "${meant}"?`;
  if (known.length === 0) return `there are no ${what} yet: add one`;
  const more = known.length > LISTED_MAX ? ` and ${known.length - LISTED_MAX} more` : '';
  return `known ${what}: ${known.slice(0, LISTED_MAX).join(', ')}${more}`;
}
