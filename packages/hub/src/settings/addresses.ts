import { type Draft, type Entry, textOf } from './check.ts';
import { valueAt } from './explain.ts';
import { fieldName, type Path, type Problem } from './problem.ts';

/** A link with the one name of its channel, the same for all networks and spellings by which it is reached. */
export interface Addressed {
  readonly address: string;
  readonly link: Entry;
}

const REMEDY =
  'a channel belongs to one room at most, by one link: remove one of the two, or what people write there comes twice';

/** One channel linked under two networks, or in two spellings: says of every second link where the first stands. */
export function linkedTwice(draft: Draft, all: readonly Addressed[]): Problem[] {
  const byAddress = Map.groupBy(all, ({ address }) => address);
  return [...byAddress.values()].flatMap((same) => {
    const [first, ...others] = same.map(({ link }) => link).toSorted((a, b) => standing(draft, a, b));
    return first === undefined ? [] : others.flatMap((link) => problemOf(draft, first, link));
  });
}

const standing = (draft: Draft, a: Entry, b: Entry): number =>
  draft.document.place(a.path).line - draft.document.place(b.path).line;

function problemOf(draft: Draft, first: Entry, link: Entry): Problem[] {
  const same = (field: string): boolean => textOf(first, field) === textOf(link, field);
  if (same('network') && same('channel')) return []; // said already, of the channel as it is written
  const path: Path = [...link.path, 'channel'];
  const place = draft.document.place(path);
  const { line } = draft.document.place(first.path);
  const message = `${named(draft, link)} leads to the same channel as ${named(draft, first)}: see line ${line}`;
  return [{ ...place, field: fieldName(path), message, remedy: REMEDY }];
}

/** `the link n of the room coast` */
function named(draft: Draft, link: Entry): string {
  const room: unknown = valueAt(draft.tree, [...link.path.slice(0, 2), 'id']);
  const id = textOf(link, 'id') ?? textOf(link, 'network') ?? '';
  return `the link ${id} of the room ${typeof room === 'string' ? room : ''}`;
}
