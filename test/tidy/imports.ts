import { posix } from 'node:path';
import { scan } from './scan.ts';
import { lineAt, type Tree } from './tree.ts';

export interface Import {
  readonly specifier: string;
  /** `import type` and `export type`: gone when the program runs. */
  readonly typeOnly: boolean;
  readonly line: number;
}

const FROM = /\b(?:import|export)\b(\s+type\b(?!\s*,|\s+from\b))?[^'"`;()]*?\bfrom\s*(['"])/g;
const BARE = /\bimport()\s*(['"])/g;
const CALLED = /(?<![.\w])(?:import|require)()\s*\(\s*(['"`])/g;

/** All imports of a file: static, re-exported, for the side effect, dynamic. */
export function importsOf(text: string): Import[] {
  const { code } = scan(text);
  return [FROM, BARE, CALLED].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((hit) => {
      const start = hit.index + hit[0].length;
      const end = code.indexOf(hit[2] ?? '', start);
      return {
        specifier: text.slice(start, end === -1 ? undefined : end),
        typeOnly: hit[1] !== undefined && hit[1] !== '',
        line: lineAt(text, start),
      };
    }),
  );
}

export const isRelative = (specifier: string): boolean => /^\.{1,2}(?:\/|$)/.test(specifier);
export const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:');

/** `@a/b/c` -> `@a/b`, `x/y` -> `x`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

export const resolveRelative = (from: string, specifier: string): string =>
  posix.normalize(posix.join(posix.dirname(from), specifier));

export interface Workspace {
  /** `packages/event`, `bridges/tincan` */
  readonly folder: string;
  /** `event`, `tincan` */
  readonly short: string;
  readonly isBridge: boolean;
  readonly name: string;
  readonly dependencies: readonly string[];
}

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(tree: Tree, path: string): Manifest {
  const text = tree.get(path);
  return text === undefined ? {} : (JSON.parse(text) as Manifest);
}

export function workspaces(tree: Tree): Workspace[] {
  const folders = [...tree.keys()].flatMap(
    (path) => /^((?:packages|bridges)\/[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(folders)].sort().map((folder) => {
    const manifest = manifestOf(tree, `${folder}/package.json`);
    return {
      folder,
      short: posix.basename(folder),
      isBridge: folder.startsWith('bridges/'),
      name: manifest.name ?? '',
      dependencies: Object.keys(manifest.dependencies ?? {}),
    };
  });
}

export const rootDevDependencies = (tree: Tree): string[] =>
  Object.keys(manifestOf(tree, 'package.json').devDependencies ?? {});

/** The workspace a file belongs to, or undefined for what lies in `test/` and at the root. */
export const workspaceOf = (path: string, all: readonly Workspace[]): Workspace | undefined =>
  all.find((workspace) => path.startsWith(`${workspace.folder}/`));
