import type { SettingsDocument } from './document.ts';
import { valueAt } from './explain.ts';
import { suggestion } from './nearest.ts';
import { fieldName, type Path, type Problem } from './problem.ts';

/** What the cross checks find. */
export interface Findings {
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

/**
 * The settings as they stand, before or after the schema: the cross checks also run when the schema found
 * something, so that one run tells all.
 */
export interface Draft {
  readonly document: SettingsDocument;
  readonly tree: unknown;
}

/** An entry of a list that carries an id. */
export interface Entry {
  readonly path: Path;
  readonly value: unknown;
}

/** The entries of the list at `path`; none when there is no list. */
export function entriesAt(draft: Draft, path: Path): Entry[] {
  const list = valueAt(draft.tree, path);
  return Array.isArray(list) ? list.map((value: unknown, index) => ({ path: [...path, index], value })) : [];
}

/** The text in a field of an entry; null when it is missing or not text (which the schema says). */
export function textOf(entry: Entry, field: string): string | null {
  const value = valueAt(entry.value, [field]);
  return typeof value === 'string' ? value : null;
}

const problem = (draft: Draft, path: Path, message: string, remedy: string): Problem => ({
  ...draft.document.place(path),
  field: fieldName(path),
  message,
  remedy,
});

interface Named {
  readonly name: string;
  readonly path: Path;
}

const named = (entries: readonly Entry[], field: string): Named[] =>
  entries.flatMap((entry) => {
    const name = textOf(entry, field);
    return name === null ? [] : [{ name, path: [...entry.path, field] }];
  });

/** Says of every second one where the first stands. */
function doubles(draft: Draft, all: readonly Named[], what: string, remedy: string): Problem[] {
  const first = new Map<string, Path>();
  return all.flatMap(({ name, path }) => {
    const before = first.get(name);
    if (before === undefined) first.set(name, path);
    if (before === undefined) return [];
    const { line } = draft.document.place(before);
    return [problem(draft, path, `${what} "${name}" is taken: see line ${line}`, remedy)];
  });
}

function dangling(draft: Draft, all: readonly Named[], known: readonly string[], what: string): Problem[] {
  const set = new Set(known);
  return all
    .filter(({ name }) => !set.has(name))
    .map(({ name, path }) =>
      problem(draft, path, `there is no ${what} "${name}"`, suggestion(name, known, `${what}s`)),
    );
}

/** The links of all rooms. */
export function linksOf(draft: Draft): Entry[] {
  return entriesAt(draft, ['rooms']).flatMap((room) => entriesAt(draft, [...room.path, 'links']));
}

/** A link without an id goes by its network's. */
const linkNames = (entries: readonly Entry[]): Named[] =>
  entries.flatMap((entry) => {
    const field = textOf(entry, 'id') === null ? 'network' : 'id';
    const name = textOf(entry, field);
    return name === null ? [] : [{ name, path: [...entry.path, field] }];
  });

function channelNames(all: readonly Entry[]): (Named & { readonly network: string })[] {
  return all.flatMap((entry) => {
    const network = textOf(entry, 'network');
    const channel = textOf(entry, 'channel');
    if (network === null || channel === null) return [];
    return [{ name: channel, network, path: [...entry.path, 'channel'] }];
  });
}

function channelsTwice(draft: Draft, all: readonly Entry[]): Problem[] {
  const remedy = 'a channel belongs to one room at most: remove one of the two links';
  const byNetwork = Map.groupBy(channelNames(all), ({ network }) => network);
  return [...byNetwork].flatMap(([network, names]) =>
    doubles(draft, names, `on the network ${network} the channel`, remedy),
  );
}

const LINK_ID = 'give one of the two links an id of its own (id: …)';

/** Two organisations of one name could pass for each other. */
function sameNames(draft: Draft, organisations: readonly Entry[]): Problem[] {
  const names = named(organisations, 'name').map(({ name, path }) => ({
    name: name.trim().toLowerCase(),
    path,
  }));
  return doubles(draft, names, 'the name', 'people see only the name: make the two differ');
}

function loneRooms(draft: Draft): Problem[] {
  return entriesAt(draft, ['rooms'])
    .filter((room) => entriesAt(draft, [...room.path, 'links']).length === 1)
    .map((room) =>
      problem(
        draft,
        [...room.path, 'links'],
        'the room has one link: there is nowhere to carry to',
        'add a second link',
      ),
    );
}

/** A cluster is reached in one way, and has one database. */
function clusterProblems(draft: Draft): Problem[] {
  const [url, sentinel, cluster] = ['url', 'sentinel', 'cluster'].map((name) =>
    valueAt(draft.tree, ['redis', name]),
  );
  if (cluster === undefined) return [];
  const found: Problem[] = [];
  if (sentinel !== undefined) {
    const message = 'Redis is reached through sentinels or as a cluster, not both';
    found.push(problem(draft, ['redis', 'cluster'], message, 'remove redis.sentinel or redis.cluster'));
  }
  if (typeof url === 'string' && /^rediss?:\/\/[^/]*\/0*[1-9]/.test(url))
    found.push(
      problem(draft, ['redis', 'url'], 'a Redis Cluster has no databases but 0', 'leave its number out'),
    );
  return found;
}

/** What a schema cannot see: names that must be unique, and names that must exist. `kinds`: the bridges. */
export function crossCheck(draft: Draft, kinds: readonly string[]): Findings {
  const organisations = entriesAt(draft, ['organisations']);
  const networks = entriesAt(draft, ['networks']);
  const rooms = entriesAt(draft, ['rooms']);
  const all = linksOf(draft);
  const ids = (entries: readonly Entry[]): string[] => named(entries, 'id').map(({ name }) => name);
  const taken = (entries: readonly Entry[]): Problem[] =>
    doubles(draft, named(entries, 'id'), 'the id', 'give each an id of its own');
  const roomLinks = rooms.map((room) => linkNames(entriesAt(draft, [...room.path, 'links'])));
  return {
    problems: [
      ...[entriesAt(draft, ['redis', 'sealKeys']), organisations, networks, rooms].flatMap(taken),
      ...dangling(draft, named(networks, 'organisation'), ids(organisations), 'organisation'),
      ...dangling(draft, named(networks, 'bridge'), kinds, 'bridge'),
      ...dangling(draft, named(all, 'network'), ids(networks), 'network'),
      ...roomLinks.flatMap((names) => doubles(draft, names, 'in this room the link id', LINK_ID)),
      ...channelsTwice(draft, all),
      ...clusterProblems(draft),
    ],
    warnings: [...loneRooms(draft), ...sameNames(draft, organisations)],
  };
}
