import { importsOf, isBuiltin, isRelative, packageOf, resolveRelative, workspaces } from '../imports.ts';
import { scan } from '../scan.ts';
import { hasFolder, hits, isTest, type Law, sources, type Tree, type Violation } from '../tree.ts';

const ORGANS = 'manifest settings ids connection intake parse render send errors bridge index'
  .split(' ')
  .map((n) => `src/${n}.ts`);
const PAPERS = ['README.md', 'package.json'];
const FOLDERS = ['fixtures', 'test'];

/** Packages that are pure as a whole, and the files of a bridge that are, with what these import inside it. */
const PURE_PACKAGES = ['packages/event', 'packages/text', 'packages/policy'];
const PURE_FILES = ['src/parse.ts', 'src/render.ts'];

/** Builtins that only compute. */
const COMPUTES = new Set(['node:url', 'node:crypto']);
const CLIENTS =
  /^(?:undici|ws|got|axios|ioredis|bullmq|fastify|pino|@brygga\/wire|@xmpp\/(?:client|component)(?:-core)?|@vector-im\/matrix-bot-sdk|matrix-bot-sdk|matrix-appservice(?:-bridge)?|@mattermost\/client|@rocket\.chat\/(?:ddp-client|api-client)|@microsoft\/microsoft-graph-client|@azure\/.*|botbuilder.*)$/;
const GLOBAL_IO = /(?<![.\w])(?:fetch\s*\(|new\s+WebSocket\b|process\s*\.)/g;

function files(tree: Tree): Violation[] {
  return workspaces(tree)
    .filter(({ isBridge }) => isBridge)
    .flatMap(({ folder }) => {
      const missing = [...ORGANS, ...PAPERS].filter((name) => !tree.has(`${folder}/${name}`));
      const empty = FOLDERS.filter((name) => !hasFolder(tree, `${folder}/${name}`)).map((name) => `${name}/`);
      return [...missing, ...empty].map((name) => ({ place: folder, says: `has no ${name}` }));
    });
}

/** A file and everything it imports by a relative path while running. */
function closure(tree: Tree, from: string, into = new Set<string>()): Set<string> {
  const text = tree.get(from);
  if (text === undefined || into.has(from)) return into;
  into.add(from);
  for (const { specifier, typeOnly } of importsOf(text)) {
    if (isRelative(specifier) && !typeOnly) closure(tree, resolveRelative(from, specifier), into);
  }
  return into;
}

function impure(tree: Tree, path: string): Violation[] {
  const text = tree.get(path) ?? '';
  const imported = importsOf(text)
    .filter(({ typeOnly }) => !typeOnly)
    .filter(({ specifier }) =>
      isBuiltin(specifier) ? !COMPUTES.has(specifier) : CLIENTS.test(packageOf(specifier)),
    )
    .map(({ specifier, line }) => ({
      place: path,
      line,
      says: `is pure, so it may not import ${specifier}`,
    }));
  return [
    ...imported,
    ...hits(path, scan(text).code, GLOBAL_IO, (hit) => `is pure, so it may not use ${hit}`),
  ];
}

function pure(tree: Tree): Violation[] {
  const whole = sources(tree)
    .map(([path]) => path)
    .filter((path) => !isTest(path) && PURE_PACKAGES.some((folder) => path.startsWith(`${folder}/`)));
  const parts = workspaces(tree)
    .filter(({ isBridge }) => isBridge)
    .flatMap(({ folder }) => PURE_FILES.flatMap((name) => [...closure(tree, `${folder}/${name}`)]));
  return [...new Set([...whole, ...parts])].flatMap((path) => impure(tree, path));
}

export const ANATOMY_LAWS: readonly Law[] = [
  { name: 'anatomy/files', says: 'every bridge has the same files', check: files },
  { name: 'anatomy/pure', says: 'parse, render, event, text and policy do no I/O', check: pure },
];
