import type { Law, Tree, Violation } from '../tree.ts';

const headerOf = (text: string): string => /^(?:--[^\n]*\n)+/.exec(text)?.[0] ?? '';

/** A shared part (`*.part.lua`) is a function: its header names it, with its arguments, and what it returns. */
function missing(path: string, text: string): string[] {
  const header = headerOf(text);
  const called = [...text.matchAll(/\bfunction\s+(\w+)\s*\(/g)].map(([, name]) => name ?? '');
  const wanted = path.endsWith('.part.lua')
    ? [...called.map((name) => `${name}(`), 'Returns']
    : ['KEYS', 'ARGV', 'Returns'];
  return wanted.filter((word) => !header.toLowerCase().includes(word.toLowerCase()));
}

function headers(tree: Tree): Violation[] {
  return [...tree]
    .filter(([path]) => /^packages\/bus\/.*\.lua$/.test(path))
    .flatMap(([path, text]) =>
      missing(path, text).map((word) => ({ place: path, line: 1, says: `the header does not name ${word}` })),
    );
}

export const LUA_LAWS: readonly Law[] = [
  { name: 'lua/header', says: 'every script names its keys, arguments and returns', check: headers },
];
