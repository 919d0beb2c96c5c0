import { functionsOf } from '../functions.ts';
import { type Law, sources, type Tree, type Violation } from '../tree.ts';

export const FUNCTION_LINES_MAX = 70;
export const FILE_LINES_MAX = 400;

const isGenerated = (path: string, text: string): boolean =>
  path.endsWith('.generated.ts') || /^(?:\/\/|\/\*+)[^\n]*@generated/.test(text);

const written = (tree: Tree): [string, string][] =>
  sources(tree).filter(([path, text]) => !isGenerated(path, text));

const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

function functions(tree: Tree): Violation[] {
  return written(tree).flatMap(([path, text]) =>
    functionsOf(text)
      .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
      .map(({ name, line, lines }) => ({
        place: `${path}#${name}`,
        line,
        says: `has ${lines} lines, the wall stands at ${FUNCTION_LINES_MAX}`,
      })),
  );
}

function files(tree: Tree): Violation[] {
  return written(tree)
    .map(([path, text]) => ({ place: path, lines: linesOf(text) }))
    .filter(({ lines }) => lines > FILE_LINES_MAX)
    .map(({ place, lines }) => ({ place, says: `has ${lines} lines, the wall stands at ${FILE_LINES_MAX}` }));
}

export const SIZE_LAWS: readonly Law[] = [
  { name: 'size/function', says: `functions have at most ${FUNCTION_LINES_MAX} lines`, check: functions },
  { name: 'size/file', says: `files have at most ${FILE_LINES_MAX} lines`, check: files },
];
