import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { fieldName, type Path, type Place, type Problem } from './problem.ts';
import { explainYaml, openedHere } from './yaml-errors.ts';

/** The settings file as parsed: values come out of it by `resolve.ts`, places by path. */
export interface SettingsDocument {
  readonly root: Node | null;
  /** What an alias (`*name`) stands for; null when its anchor is missing. */
  resolve(node: Node): Node | null;
  /** Where the value at `path` stands; of what is not there, the nearest thing above it. */
  place(path: Path): Place;
  /** Where the name of the setting at `path` stands. */
  namePlace(path: Path): Place;
  /** True when the file itself holds something at `path`. */
  has(path: Path): boolean;
}

export type Parsed =
  | { readonly ok: true; readonly document: SettingsDocument }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Found {
  readonly key: Node | null;
  readonly node: Node | null;
  readonly depth: number;
}

const FIRST: Place = { line: 1, column: 1 };

const nodeOr = (value: unknown): Node | null =>
  isMap(value) || isSeq(value) || isScalar(value) ? value : null;

function resolveIn(document: Document, node: unknown): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : nodeOr(node);
}

/** One step down; null when there is nothing of that name. */
function step(document: Document, node: Node | null, part: string | number): Omit<Found, 'depth'> | null {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
    if (pair === undefined) return null;
    return { key: nodeOr(pair.key), node: resolveIn(document, pair.value) };
  }
  if (!isSeq(node) || typeof part !== 'number' || part >= node.items.length) return null;
  return { key: null, node: resolveIn(document, node.items[part]) };
}

function descend(document: Document, path: Path): Found {
  let found: Found = { key: null, node: resolveIn(document, document.contents), depth: 0 };
  for (const part of path) {
    const next = step(document, found.node, part);
    if (next === null) break;
    found = { ...next, depth: found.depth + 1 };
  }
  return found;
}

function wrap(document: Document, lines: LineCounter): SettingsDocument {
  const placeOf = (...nodes: readonly (Node | null)[]): Place => {
    const offset = nodes.find((node) => node?.range != null)?.range?.[0];
    if (offset === undefined) return FIRST;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // Finding what an alias stands for means walking the document.
  const resolved = new WeakMap<Node, Node | null>();
  const resolve = (node: Node): Node | null => {
    const target = resolved.get(node) ?? resolveIn(document, node);
    resolved.set(node, target);
    return target;
  };
  return {
    root: resolveIn(document, document.contents),
    resolve,
    place: (path) => {
      const { key, node, depth } = descend(document, path);
      const isValue = depth === path.length && isScalar(node) && node.value !== null;
      return isValue ? placeOf(node, key) : placeOf(key, node);
    },
    namePlace: (path) => {
      const { key, node } = descend(document, path);
      return placeOf(key, node);
    },
    has: (path) => descend(document, path).depth === path.length,
  };
}

/** The path of what begins at `offset`: for naming the field of a complaint of the parser. */
function pathAt(node: unknown, offset: number): Path {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const name = String(key.value);
      if (key.range?.[0] === offset) return [name];
      if (holds(value, offset)) return [name, ...pathAt(value, offset)];
    }
  }
  if (!isSeq(node)) return [];
  const index = node.items.findIndex((item) => holds(item, offset));
  return index < 0 ? [] : [index, ...pathAt(node.items[index], offset)];
}

function holds(value: unknown, offset: number): boolean {
  const range = nodeOr(value)?.range;
  return range != null && range[0] <= offset && offset < range[2];
}

const whole = (place: Place, message: string, remedy: string): Problem => ({
  ...place,
  field: '',
  message,
  remedy,
});

/** One mistake makes the parser stumble over all that follows: of what it complains about, the first counts. */
function firstMistake(document: Document): YAMLError[] {
  const all = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const first = all.findIndex(({ code }) => code !== 'DUPLICATE_KEY');
  return first < 0 ? all : all.slice(0, first + 1);
}

const isOpened = (node: unknown): node is Node =>
  (isScalar(node) && node.type?.startsWith('QUOTE') === true) ||
  ((isMap(node) || isSeq(node)) && node.flow === true);

function partsOf(node: unknown): unknown[] {
  if (isMap(node)) return node.items.map(({ value }) => value);
  return isSeq(node) ? node.items : [];
}

/** The innermost quoted text or bracket that reaches up to `offset`: what was left open there. */
function opener(node: unknown, offset: number): Node | null {
  const around = partsOf(node).find((part) => {
    const range = nodeOr(part)?.range;
    return range != null && range[0] < offset && offset <= range[2];
  });
  const inner = around === undefined ? null : opener(around, offset);
  return inner ?? (isOpened(node) ? node : null);
}

const UNCLOSED: ReadonlySet<ErrorCode> = new Set(['MISSING_CHAR', 'BAD_INDENT', 'BLOCK_IN_FLOW']);

function complaints(document: Document, lines: LineCounter, text: string): Problem[] {
  return firstMistake(document).map(({ code, pos: [noticed] }) => {
    const start = text.lastIndexOf('\n', noticed - 1) + 1;
    const around = text.slice(start, start + LINE_CHARS_MAX).split('\n', 1)[0] ?? '';
    const explanation = explainYaml(code, around);
    const opened = UNCLOSED.has(code) ? opener(document.contents, noticed) : null;
    const offset = opened?.range?.[0] ?? noticed;
    const { line, col } = lines.linePos(offset);
    const named = opened !== null || code === 'DUPLICATE_KEY';
    const field = named ? fieldName(pathAt(document.contents, offset)) : '';
    return { line, column: col, field, ...(opened === null ? explanation : openedHere(explanation)) };
  });
}

const LINE_CHARS_MAX = 1000;

const tooDeep = whole(FIRST, 'the settings are nested too deeply', 'see that all brackets are closed');
const oldVersion = whole(FIRST, 'only YAML 1.2 is read', 'remove the line that begins with %YAML');
const notMapping = 'the settings are not a mapping (lines of "name: value")';

/** Parses the text of a settings file: one YAML 1.2 document, every name once. */
export function parseSettings(text: string): Parsed {
  const lines = new LineCounter();
  let document: Document;
  try {
    document = parseDocument(text, {
      version: '1.2',
      prettyErrors: false,
      lineCounter: lines,
      stringKeys: true,
    });
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, problems: [tooDeep] };
    throw error;
  }
  const problems = complaints(document, lines, text);
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2')
    problems.push(oldVersion);
  const wrapped = wrap(document, lines);
  if (problems.length === 0 && !isMap(wrapped.root))
    problems.push(whole(wrapped.place([]), notMapping, 'begin from the output of: brygga sample'));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, document: wrapped };
}
