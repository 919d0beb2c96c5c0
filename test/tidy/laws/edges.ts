import { importsOf } from '../imports.ts';
import { scan } from '../scan.ts';
import { hits, isTest, type Law, sources, type Tree, type Violation } from '../tree.ts';

/** Where time, chance and new ids come into the house; everybody else is given them. */
const EDGES = /^packages\/[^/]+\/src\/(?:clock|dice|new-id)\.ts$/;
const SETTINGS = /^packages\/(?:hub\/src\/settings(?:\.ts$|\/)|cli\/)/;

const TIME_AND_CHANCE =
  /(?<![.\w])(?:Date\s*\.\s*now|new\s+Date\s*(?:\(\s*\)|(?=[;,)\]}]))|Date\s*\(\s*\)|Math\s*\.\s*random|performance\s*\.\s*now|process\s*\.\s*hrtime|AbortSignal\s*\.\s*timeout|(?:globalThis\s*\.\s*)?set(?:Timeout|Interval)\s*\(|(?:(?:globalThis\s*\.\s*)?crypto\s*\.\s*)?randomUUID\s*\()/g;
const TIMERS = /^node:timers(?:\/promises)?$/;

const house = (tree: Tree): [string, string][] =>
  sources(tree).filter(([path]) => /^(?:packages|bridges)\//.test(path) && !isTest(path));

function consoles(tree: Tree): Violation[] {
  return house(tree)
    .filter(([path]) => !path.startsWith('packages/cli/'))
    .flatMap(([path, text]) =>
      hits(
        path,
        scan(text).code,
        /(?<![.\w])console\s*\./g,
        () => 'writes to the console; use the log it is given',
      ),
    );
}

function timeAndChance(tree: Tree): Violation[] {
  return house(tree)
    .filter(([path]) => !EDGES.test(path))
    .flatMap(([path, text]) => [
      ...hits(
        path,
        scan(text).code,
        TIME_AND_CHANCE,
        (hit) => `uses ${hit}; use the clock, dice or newId it is given`,
      ),
      ...importsOf(text)
        .filter(({ specifier }) => TIMERS.test(specifier))
        .map(({ specifier, line }) => ({ place: path, line, says: `imports ${specifier}; use the clock` })),
    ]);
}

function environment(tree: Tree): Violation[] {
  return house(tree)
    .filter(([path]) => !SETTINGS.test(path))
    .flatMap(([path, text]) =>
      hits(path, scan(text).code, /\bprocess\s*\.\s*env\b/g, () => 'reads the environment; settings do that'),
    );
}

export const EDGE_LAWS: readonly Law[] = [
  { name: 'edges/console', says: 'nobody writes to the console but the command', check: consoles },
  { name: 'edges/time-and-chance', says: 'time, chance and ids are passed in', check: timeAndChance },
  { name: 'edges/environment', says: 'only the settings read the environment', check: environment },
];
