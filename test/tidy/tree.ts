import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A checkout as data: path from the root -> text (empty for what is not text). Laws are functions of it. */
export type Tree = ReadonlyMap<string, string>;

/** `place` is a path, or `path#name` for a part of a file; exemptions name it. */
export interface Violation {
  readonly place: string;
  readonly line?: number;
  readonly says: string;
}

export interface Law {
  readonly name: string;
  readonly says: string;
  readonly check: (tree: Tree) => readonly Violation[];
}

const NOT_OURS = new Set(['node_modules', 'coverage', 'dist', 'tmp']);
const DOT_FOLDERS = new Set(['.ci']);
const TEXT =
  /\.(?:ts|tsx|js|mjs|lua|md|json|ya?ml|sh|toml|html|css)$|^\.ci\/|(?:^|\/)(?:Dockerfile|LICENSE)$/;
const TEXT_BYTES_MAX = 1_000_000;

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function walk(root: string, folder: string, into: Map<string, string>): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      const hidden = entry.name.startsWith('.') && !DOT_FOLDERS.has(path);
      if (!hidden && !NOT_OURS.has(entry.name)) walk(root, path, into);
    } else if (entry.isFile()) {
      const readable = TEXT.test(path) && statSync(join(root, path)).size <= TEXT_BYTES_MAX;
      into.set(path, readable ? readFileSync(join(root, path), 'utf8') : '');
    }
  }
}

export function readTree(root: string = ROOT): Tree {
  const tree = new Map<string, string>();
  walk(root, '', tree);
  return tree;
}

/** The files of ours that are TypeScript, with their text. */
export const sources = (tree: Tree): [path: string, text: string][] =>
  [...tree].filter(([path]) => /^(?:packages|bridges|test)\/.*\.ts$/.test(path));

/** Tests and what only they import: they may do more than the house itself. */
export const isTest = (path: string): boolean =>
  /\.test\.ts$/.test(path) || /^test\//.test(path) || /^(?:packages|bridges)\/[^/]+\/test\//.test(path);

export const hasFolder = (tree: Tree, folder: string): boolean =>
  [...tree.keys()].some((path) => path.startsWith(`${folder}/`));

export const lineAt = (text: string, offset: number): number => {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return line;
};

/** Every hit of `pattern` in `text` as a violation at that line. */
export function hits(
  path: string,
  text: string,
  pattern: RegExp,
  says: (hit: string) => string,
): Violation[] {
  return [...text.matchAll(pattern)].map((hit) => ({
    place: path,
    line: lineAt(text, hit.index),
    says: says(hit[0].trim()),
  }));
}
