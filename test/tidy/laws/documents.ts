import { resolveRelative, workspaces } from '../imports.ts';
import { hasFolder, hits, type Law, lineAt, type Tree, type Violation } from '../tree.ts';
import { BRIDGES_MAY_IMPORT, MAY_IMPORT } from './imports.ts';

const MAP = 'ARCHITECTURE.md';
const CODE_LISTS = [MAP, 'packages/contract/README.md'];

const pages = (tree: Tree): [string, string][] => [...tree].filter(([path]) => path.endsWith('.md'));

/** The page with code blanked, so that an example is not taken for a link. */
const prose = (text: string): string =>
  text.replaceAll(/^(`{3,})[\s\S]*?^\1|`[^`\n]*`/gm, (code) => code.replaceAll(/[^\n]/g, ' '));

function scripts(tree: Tree): Violation[] {
  const manifest = JSON.parse(tree.get('package.json') ?? '{}') as { scripts?: Record<string, string> };
  const known = new Set(Object.keys(manifest.scripts ?? {}));
  return pages(tree)
    .flatMap(([path, text]) =>
      hits(path, text, /\bnpm run (?:-s |--silent )?[a-z][\w:-]*/g, (hit) => hit).filter(
        ({ says }) => !known.has(says.split(' ').at(-1) ?? ''),
      ),
    )
    .map((violation) => ({ ...violation, says: `${violation.says}: no such script in package.json` }));
}

function isThere(tree: Tree, from: string, link: string): boolean {
  const target = decodeURI(link.replace(/[#?].*$/, ''));
  if (target === '') return true;
  const path = resolveRelative(from, target).replace(/\/$/, '');
  return path === '.' || tree.has(path) || hasFolder(tree, path);
}

function links(tree: Tree): Violation[] {
  return pages(tree).flatMap(([path, text]) =>
    [...prose(text).matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm)]
      .map((hit) => ({ link: hit[1] ?? hit[2] ?? '', line: lineAt(text, hit.index) }))
      .filter(({ link }) => !/^[a-z][a-z+.-]*:/i.test(link) && !isThere(tree, path, link))
      .map(({ link, line }) => ({ place: path, line, says: `links to ${link}, which is not there` })),
  );
}

/** The rows of the map: `| [packages/x](packages/x) | what it is | a, b |`. */
function rowsOf(map: string): Map<string, string> {
  const rows = map.matchAll(/^\|\s*\[`?((?:packages|bridges)\/[\w-]+)`?\]\([^)]*\)\s*\|[^|]*\|([^|]*)\|/gm);
  return new Map([...rows].map(([, folder, may]) => [folder ?? '', (may ?? '').trim()]));
}

const inOrder = (names: readonly string[]): string => [...names].sort().join(', ');

function map(tree: Tree): Violation[] {
  const rows = rowsOf(tree.get(MAP) ?? '');
  const all = workspaces(tree);
  return all.flatMap(({ folder, short, isBridge }) => {
    const row = rows.get(folder);
    if (row === undefined) return [{ place: MAP, says: `has no row for ${folder}` }];
    const said = inOrder(row.split(/[\s,`]+/).filter((word) => all.some((other) => other.short === word)));
    const law = inOrder(isBridge ? BRIDGES_MAY_IMPORT : (MAY_IMPORT[short] ?? []));
    return said === law
      ? []
      : [{ place: MAP, says: `${folder} may import [${law}], the row says [${said}]` }];
  });
}

export const codesOf = (tree: Tree): string[] =>
  [...(tree.get('packages/contract/src/codes.ts') ?? '').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(
    ([, code]) => code ?? '',
  );

/** A page that lists codes of the outcome table lists them all. */
function codes(tree: Tree): Violation[] {
  const all = codesOf(tree);
  return CODE_LISTS.flatMap((path) => {
    const text = tree.get(path) ?? '';
    const absent = all.filter((code) => !new RegExp(`\\b${code}\\b`).test(text));
    return absent.length === all.length
      ? []
      : absent.map((code) => ({ place: path, says: `lists the codes without ${code}` }));
  });
}

export const DOCUMENT_LAWS: readonly Law[] = [
  { name: 'documents/scripts', says: 'every `npm run` in the documents exists', check: scripts },
  { name: 'documents/links', says: 'every relative link leads somewhere', check: links },
  { name: 'documents/map', says: `${MAP} names every workspace and what it may import`, check: map },
  { name: 'documents/codes', says: 'a list of the outcome codes is whole', check: codes },
];
