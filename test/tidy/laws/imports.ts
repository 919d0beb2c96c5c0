import {
  type Import,
  importsOf,
  isBuiltin,
  isRelative,
  packageOf,
  resolveRelative,
  rootDevDependencies,
  type Workspace,
  workspaceOf,
  workspaces,
} from '../imports.ts';
import { isTest, type Law, sources, type Tree, type Violation } from '../tree.ts';

/** What a package may import of ours. The table in ARCHITECTURE.md says the same (law documents/map). */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  event: [],
  contract: ['event'],
  text: ['event'],
  wire: ['contract'],
  policy: ['event', 'contract'],
  bus: ['event', 'contract'],
  hub: ['event', 'contract', 'text', 'policy', 'bus'],
  cli: ['hub', 'contract'],
  console: [],
  testkit: ['event', 'contract'],
};
export const BRIDGES_MAY_IMPORT: readonly string[] = ['event', 'contract', 'text', 'wire'];

/** The composition root: the only package that knows the bridges. */
const ROOT_PACKAGE = 'cli';
const TEST_BED = 'tincan';
const OURS = /^@brygga\/([^/]+)/;
const REDIS = new Set(['ioredis', 'bullmq']);

interface Use extends Import {
  readonly path: string;
  readonly workspace: Workspace | undefined;
}

function uses(tree: Tree, all: readonly Workspace[]): Use[] {
  return sources(tree).flatMap(([path, text]) =>
    importsOf(text).map((found) => ({ ...found, path, workspace: workspaceOf(path, all) })),
  );
}

const at = (use: Use, says: string): Violation => ({ place: use.path, line: use.line, says });

function mayImport(use: Use, name: string, all: readonly Workspace[]): boolean {
  const { workspace } = use;
  if (workspace === undefined) return true;
  const target = all.find((other) => other.name === `@brygga/${name}`);
  const test = isTest(use.path);
  if (test && (name === workspace.short || name === 'testkit')) return true;
  if (workspace.isBridge) return BRIDGES_MAY_IMPORT.includes(name);
  if (test && name === TEST_BED) return true;
  if (workspace.short === ROOT_PACKAGE && target?.isBridge === true) return true;
  return MAY_IMPORT[workspace.short]?.includes(name) ?? false;
}

function ours(tree: Tree): Violation[] {
  const all = workspaces(tree);
  const unknown = all
    .filter(({ isBridge, short }) => !isBridge && MAY_IMPORT[short] === undefined)
    .map(({ folder }) => ({ place: folder, says: 'is not in the map of packages' }));
  const wrong = uses(tree, all).flatMap((use) => {
    const name = OURS.exec(use.specifier)?.[1];
    return name === undefined || mayImport(use, name, all)
      ? []
      : [at(use, `may not import ${use.specifier}`)];
  });
  return [...unknown, ...wrong];
}

function redis(tree: Tree): Violation[] {
  return uses(tree, workspaces(tree))
    .filter((use) => REDIS.has(packageOf(use.specifier)))
    .filter((use) => use.workspace?.folder !== 'packages/bus' && !isTest(use.path))
    .map((use) => at(use, `only packages/bus imports ${use.specifier}`));
}

function reaches(use: Use): boolean {
  if (/^@brygga\/[^/]+\/src(?:\/|$)/.test(use.specifier)) return true;
  if (!isRelative(use.specifier)) return use.specifier.startsWith('/') || use.specifier.startsWith('file:');
  const target = resolveRelative(use.path, use.specifier);
  if (use.workspace === undefined) return /^(?:packages|bridges|stubs)\//.test(target);
  if (target.startsWith(`${use.workspace.folder}/`)) return isTest(target) && !isTest(use.path);
  return !(isTest(use.path) && target.startsWith('test/'));
}

function reach(tree: Tree): Violation[] {
  return uses(tree, workspaces(tree))
    .filter(reaches)
    .map((use) => at(use, `reaches into files that are not its own: ${use.specifier}`));
}

/** `hast` is declared by `@types/hast`, `@xmpp/client` by `@types/xmpp__client`, when only its types exist. */
const typesOf = (name: string): string => `@types/${name.replace(/^@/, '').replace('/', '__')}`;

function undeclared(tree: Tree, workspace: Workspace, own: readonly Use[]): Violation[] {
  const declared = new Set(workspace.dependencies);
  const forTests = new Set([...rootDevDependencies(tree), ...REDIS]);
  return own.flatMap((use) => {
    const name = packageOf(use.specifier);
    const fine =
      declared.has(name) ||
      declared.has(typesOf(name)) ||
      (isTest(use.path) && (forTests.has(name) || OURS.test(name)));
    return fine ? [] : [at(use, `${name} is not in the dependencies of ${workspace.folder}/package.json`)];
  });
}

function declared(tree: Tree): Violation[] {
  const all = workspaces(tree);
  const outside = uses(tree, all).filter((use) => !isRelative(use.specifier) && !isBuiltin(use.specifier));
  return all.flatMap((workspace) => {
    const own = outside.filter((use) => use.workspace?.folder === workspace.folder);
    const used = new Set(own.filter((use) => !isTest(use.path)).map((use) => packageOf(use.specifier)));
    const idle = workspace.dependencies
      .filter((name) => !name.startsWith('@types/') && !used.has(name))
      .map((name) => ({
        place: `${workspace.folder}/package.json`,
        says: `${name} is declared, not imported`,
      }));
    return [...undeclared(tree, workspace, own), ...idle];
  });
}

function eventAlone(tree: Tree): Violation[] {
  return uses(tree, workspaces(tree))
    .filter((use) => use.workspace?.folder === 'packages/event' && !isTest(use.path))
    .filter((use) => !isRelative(use.specifier) && use.specifier !== 'zod')
    .map((use) => at(use, `packages/event imports zod only, not ${use.specifier}`));
}

export const IMPORT_LAWS: readonly Law[] = [
  { name: 'imports/ours', says: 'a package imports only packages above it', check: ours },
  { name: 'imports/redis', says: 'only packages/bus imports ioredis and bullmq', check: redis },
  { name: 'imports/reach', says: 'nobody reaches into the files of another package', check: reach },
  {
    name: 'imports/declared',
    says: 'package.json names what the sources import, no more, no less',
    check: declared,
  },
  { name: 'imports/event', says: 'packages/event imports zod and nothing else', check: eventAlone },
];
