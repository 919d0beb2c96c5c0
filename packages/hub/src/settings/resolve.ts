import { dirname, resolve as resolvePath, sep } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { SettingsDocument } from './document.ts';
import type { Environment } from './environment.ts';
import { type ReadFile, UNREADABLE } from './files.ts';
import { fieldName, type Path, type Problem } from './problem.ts';

/** Where the value at `path` comes from when it does not stand in the settings file itself. */
export type Borrowed =
  | { readonly kind: 'environment'; readonly path: Path; readonly names: readonly string[] }
  | { readonly kind: 'file'; readonly path: Path; readonly file: string };

/** What is needed to turn the document into values. */
export interface Sources {
  /** Path of the settings file: `{ file: … }` is relative to its folder. */
  readonly file: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
}

export interface Resolved {
  readonly tree: unknown;
  /** By field name; a field that is not here stands in the settings file, or is left out. */
  readonly borrowed: ReadonlyMap<string, Borrowed>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Bounds of one settings file, against aliases that multiply. */
const NODES_MAX = 5_000_000;
const DEPTH_MAX = 64;
/** Size of a file named by `{ file: … }`. */
export const SECRET_BYTES_MAX = 65_536;

interface Walk extends Sources {
  readonly document: SettingsDocument;
  readonly borrowed: Map<string, Borrowed>;
  readonly problems: Problem[];
  readonly warnings: Problem[];
  nodes: number;
}

const OTHERS_READ = 0o044;
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads the values out of the document, with `${NAME}` and `{ file: … }` filled in. */
export function resolveValues(document: SettingsDocument, sources: Sources): Resolved {
  const walk: Walk = { ...sources, document, borrowed: new Map(), problems: [], warnings: [], nodes: 0 };
  const tree = resolved(walk, document.root, []);
  return { tree, borrowed: walk.borrowed, problems: walk.problems, warnings: walk.warnings };
}

/** Notes a problem; the value it stands for is undefined. */
function note(walk: Walk, path: Path, message: string, remedy: string): undefined {
  walk.problems.push({ ...walk.document.place(path), field: fieldName(path), message, remedy });
  return undefined;
}

function resolved(walk: Walk, written: Node | null, path: Path): unknown {
  const node = written === null ? null : walk.document.resolve(written);
  if (node === null && isAlias(written))
    return note(
      walk,
      path,
      'the name behind * is not defined',
      'put text that begins with * in quotation marks',
    );
  if (++walk.nodes > NODES_MAX || path.length > DEPTH_MAX) return tooMuch(walk, path);
  if (isMap(node)) return mappingOf(walk, node, path);
  if (isSeq(node)) return node.items.map((item, index) => resolved(walk, nodeOf(item), [...path, index]));
  if (!isScalar(node)) return null;
  return typeof node.value === 'string' ? withEnvironment(walk, node.value, path) : node.value;
}

/** Said once: past the bound everything is too much. */
function tooMuch(walk: Walk, path: Path): undefined {
  if (walk.nodes > NODES_MAX + 1) return undefined;
  walk.nodes = NODES_MAX + 1;
  return note(
    walk,
    path,
    'the settings are nested too deeply or too large',
    'see what the aliases (*name) multiply',
  );
}

const nodeOf = (value: unknown): Node | null =>
  isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : null;

function mappingOf(walk: Walk, node: YAMLMap, path: Path): unknown {
  const only = node.items.length === 1 ? node.items[0] : undefined;
  if (only !== undefined && isScalar(only.key) && only.key.value === 'file' && path.length > 0) {
    const name = resolved(walk, nodeOf(only.value), [...path, 'file']);
    if (typeof name === 'string') return withFile(walk, name, path);
    if (name === undefined) return undefined;
  }
  const mapping: Record<string, unknown> = {};
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (FORBIDDEN_NAMES.has(name)) note(walk, path, 'a setting cannot have this name', `remove ${name}`);
    else mapping[name] = resolved(walk, nodeOf(value), [...path, name]);
  }
  return mapping;
}

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const VARIABLE = /^[A-Za-z_]\w*$/;

function withEnvironment(walk: Walk, text: string, path: Path): string | undefined {
  if (!text.includes('${')) return text;
  const names: string[] = [];
  let failed = false;
  const value = text.replace(REFERENCE, (all, name: string | undefined, end: string | undefined) => {
    if (all === '$${') return '${';
    const found = end === '}' && name !== undefined ? lookUp(walk, name, path) : badReference(walk, path);
    if (found === undefined) failed = true;
    else if (name !== undefined) names.push(name);
    return found ?? '';
  });
  if (failed) return undefined;
  if (names.length > 0) walk.borrowed.set(fieldName(path), { kind: 'environment', path, names });
  return value;
}

const badReference = (walk: Walk, path: Path): undefined =>
  note(
    walk,
    path,
    `\${ is not followed by the name of an environment variable and }`,
    `write \${NAME} with letters, digits and _, or $\${ where \${ itself is meant`,
  );

function lookUp(walk: Walk, name: string, path: Path): string | undefined {
  if (!VARIABLE.test(name)) return badReference(walk, path);
  const value: unknown = walk.env[name];
  if (typeof value === 'string') return value;
  return note(
    walk,
    path,
    `the environment variable ${name} is not set`,
    `set ${name} for this process (in a systemd unit: EnvironmentFile=), or write the value another way`,
  );
}

function withFile(walk: Walk, name: string, path: Path): string | undefined {
  const file = resolvePath(dirname(walk.file), name);
  const answer = walk.readFile(file, SECRET_BYTES_MAX);
  if (!answer.ok) {
    const { message, remedy } = UNREADABLE[answer.why];
    return note(walk, path, `${file}: ${message}`, remedy);
  }
  const text = answer.text.replace(/[\r\n]+$/, '');
  if (text === '') return note(walk, path, `${file}: the file is empty`, 'write the value into it');
  if ((answer.mode & OTHERS_READ) !== 0 && !guarded(walk, file)) warnReadable(walk, path, file);
  walk.borrowed.delete(fieldName([...path, 'file']));
  walk.borrowed.set(fieldName(path), { kind: 'file', path, file });
  return text;
}

/** systemd keeps credentials from other users itself; the mode it shows for them says nothing. */
function guarded(walk: Walk, file: string): boolean {
  const folder = walk.env.CREDENTIALS_DIRECTORY;
  return folder !== undefined && folder !== '' && file.startsWith(resolvePath(folder) + sep);
}

function warnReadable(walk: Walk, path: Path, file: string): void {
  walk.warnings.push({
    ...walk.document.place(path),
    field: fieldName(path),
    message: `${file}: other users of this machine can read the file`,
    remedy: `chmod 600 ${file}`,
  });
}

/** For warnings about the settings file itself. */
export const othersRead = (mode: number): boolean => (mode & OTHERS_READ) !== 0;
