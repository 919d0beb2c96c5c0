import type { Tree } from './tree.ts';

/** A small house in memory, to break one law at a time in. */
export interface Planted {
  readonly law: string;
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  /** Places expected in the violations; none when the law holds. */
  readonly at: readonly string[];
}

export const treeOf = (files: Readonly<Record<string, string>>): Tree => new Map(Object.entries(files));

/** A package.json of ours with these dependencies. */
export const pack = (name: string, ...dependencies: string[]): string =>
  JSON.stringify({
    name: `@brygga/${name}`,
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '1.0.0'])),
  });

/** Cases of one law: `breaks(what, files, ...places)` and `holds(what, files)`. */
export const casesOf = (law: string) => ({
  breaks: (what: string, files: Readonly<Record<string, string>>, ...at: string[]): Planted => ({
    law,
    what,
    files,
    at,
  }),
  holds: (what: string, files: Readonly<Record<string, string>>): Planted => ({ law, what, files, at: [] }),
});

/** Marks the laws look for, put together here so that this folder does not carry them itself. */
export const MARK = {
  unfinished: `TO${'DO'}`,
  only: `on${'ly'}`,
  skip: `sk${'ip'}`,
  unknown: `unk${'nown'}`,
} as const;
