import { commentsOf, scan } from '../scan.ts';
import { hits, isTest, type Law, lineAt, sources, type Tree, type Violation } from '../tree.ts';

const UNFINISHED = new RegExp(
  `\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`,
  'g',
);
const SWITCHED = /\b(?:it|test|describe|suite|bench)\b(?:\s*\.\s*\w+)*\s*\.\s*(?:only|skip|todo|fails)\b/g;
const BARE_SKIP = /\.\s*skip\s*\(([^()]*)\)/g;
const CONDITIONAL = /\b(?:it|test|describe|suite)\s*\.\s*(?:skipIf|runIf)\b/g;
const A_REASON = /['"`,]|reason|missing|why/i;
const CASTS = /\bas\s+any\b|\bas\s+unknown\s+as\b/g;
const DIRECTIVES = /@ts-(?:ignore|nocheck)|(?:eslint|oxlint)-disable\S*/g;
const EXPECTED = /@ts-expect-error(?!\W*\w+\W+\w+\W+\w+)/g;
const MACHINE_PATHS = /(?<![\w.~-])\/(?:work|farm|root)\/\S*/g;

function unfinished(tree: Tree): Violation[] {
  const typescript = sources(tree).map(([path, text]) => [path, commentsOf(text)] as const);
  const scripts = [...tree].filter(([path]) => /\.(?:lua|sh|ya?ml)$|^\.ci\//.test(path));
  return [...typescript, ...scripts].flatMap(([path, text]) =>
    hits(path, text, UNFINISHED, (hit) => `carries the mark ${hit}; finish it or write it down elsewhere`),
  );
}

/** `skipIf` has no place for a reason: a comment beside it, or `meta: { reason }`, says it. */
function unexplained(path: string, text: string): Violation[] {
  return [...scan(text).code.matchAll(CONDITIONAL)].flatMap(({ index, 0: hit }) => {
    const line = lineAt(text, index);
    const around = text
      .split('\n')
      .slice(Math.max(0, line - 2), line + 2)
      .join('\n');
    const explained = /\/\/ \S+ \S+|\*\/|reason|_MISSING\b/.test(around);
    return explained ? [] : [{ place: path, line, says: `${hit} gives no reason` }];
  });
}

function focus(tree: Tree): Violation[] {
  return sources(tree)
    .filter(([path]) => isTest(path))
    .flatMap(([path, text]) => {
      const { code } = scan(text);
      const reasonless = [...code.matchAll(BARE_SKIP)]
        .filter(({ index, 0: hit }) => !A_REASON.test(text.slice(index, index + hit.length)))
        .map(({ index }) => ({ place: path, line: lineAt(text, index), says: 'skips without a reason' }));
      const switched = hits(path, code, SWITCHED, (hit) => `${hit} switches a test off or the others`);
      return [...switched, ...reasonless, ...unexplained(path, text)];
    });
}

function types(tree: Tree): Violation[] {
  return sources(tree).flatMap(([path, text]) => [
    ...hits(path, scan(text).code, CASTS, (hit) => `${hit}: a hole in the types`),
    ...hits(path, commentsOf(text), DIRECTIVES, (hit) => `${hit}: a hole in the checks`),
    ...hits(path, commentsOf(text), EXPECTED, () => '@ts-expect-error without a reason behind it'),
  ]);
}

function paths(tree: Tree): Violation[] {
  return [...tree].flatMap(([path, text]) =>
    hits(path, text, MACHINE_PATHS, (hit) => `names a path of one machine: ${hit}`),
  );
}

export const MARK_LAWS: readonly Law[] = [
  { name: 'marks/unfinished', says: 'no marks of unfinished work', check: unfinished },
  { name: 'marks/focus', says: 'no test is switched off without a reason', check: focus },
  { name: 'marks/types', says: 'no holes in the types', check: types },
  { name: 'marks/paths', says: 'no absolute paths of one machine', check: paths },
];
