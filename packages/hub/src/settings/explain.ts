import type { z } from 'zod';
import type { SettingsDocument } from './document.ts';
import { nearest, suggestion } from './nearest.ts';
import { fieldName, type Path, type Problem } from './problem.ts';
import type { Borrowed } from './resolve.ts';
import type { Redact } from './secrets.ts';
import { fieldsOf, formOf, type Shape, shapeAt } from './shape.ts';

export type Issue = z.core.$ZodIssue;

/** What a complaint of a schema is explained with. `base`: path at which the schema begins. */
export interface Setting {
  readonly document: SettingsDocument;
  readonly tree: unknown;
  readonly borrowed: ReadonlyMap<string, Borrowed>;
  readonly shape: Shape;
  readonly base: Path;
  readonly redact: Redact;
}

const pathOf = (path: readonly PropertyKey[]): Path =>
  path.map((part) => (typeof part === 'number' ? part : String(part)));

/** The value at `path`, or undefined. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

function foundName(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'number' ? 'a number' : 'text';
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** The complaints of a schema as problems with line, field and remedy. Never quotes a value. */
export const explain = (issues: readonly Issue[], setting: Setting): Problem[] =>
  issues.flatMap((issue) => explainOne(issue, pathOf(issue.path), setting));

function explainOne(issue: Issue, path: Path, setting: Setting): Problem[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownSetting(key, path, setting));
    case 'invalid_type':
      return [wrongType(issue.expected, path, setting)];
    case 'invalid_value':
      return [wrongChoice(issue.values.map(String), path, setting)];
    case 'invalid_union':
      return explainUnion(issue, path, setting);
    case 'too_big':
    case 'too_small':
      return [at(path, setting, setting.redact(sizeMessage(issue)), remedyFor(path, setting))];
    case 'invalid_format':
      return [at(path, setting, setting.redact(formatMessage(issue)), remedyFor(path, setting))];
    default:
      return [at(path, setting, setting.redact(issue.message), remedyFor(path, setting))];
  }
}

type SizeIssue = Extract<Issue, { code: 'too_big' | 'too_small' }>;

const COUNTED: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', set: 'entries' };

/** The schema's own words where it has some, else ours. */
function sizeMessage(issue: SizeIssue): string {
  if (!/^Too (?:big|small)/.test(issue.message)) return issue.message;
  const large = issue.code === 'too_big';
  const bound = large ? issue.maximum : issue.minimum;
  const counted = COUNTED[issue.origin];
  if (counted !== undefined)
    return `too ${large ? 'many' : 'few'} ${counted}: at ${large ? 'most' : 'least'} ${bound}`;
  const words = issue.inclusive === false ? (large ? 'below' : 'above') : large ? 'at most' : 'at least';
  return `too ${large ? 'large' : 'small'}: it must be ${words} ${bound}`;
}

type FormatIssue = Extract<Issue, { code: 'invalid_format' }>;

function formatMessage(issue: FormatIssue): string {
  if (!issue.message.startsWith('Invalid ')) return issue.message;
  return issue.format === 'url'
    ? 'this is not an address (URL) of the right kind'
    : 'this has not the right form';
}

function at(path: Path, setting: Setting, message: string, remedy: string): Problem {
  const whole = [...setting.base, ...path];
  const place = setting.document.place(whole);
  return { ...place, field: fieldName(whole), message: `${message}${origin(whole, setting)}`, remedy };
}

function origin(path: Path, { borrowed }: Setting): string {
  const from = borrowed.get(fieldName(path));
  if (from === undefined) return '';
  const names = from.kind === 'file' ? from.file : `\${${from.names.join('}, ${')}}`;
  return ` (the value comes from ${names})`;
}

/** `{password:abc}` without a space is one long name: what stands behind the colon is not repeated. */
function unknownSetting(key: string, path: Path, setting: Setting): Problem {
  const [name = key, behind] = key.split(':', 2);
  const place = setting.document.namePlace([...setting.base, ...path, key]);
  const shape = shapeAt(setting.shape, path);
  const remedy =
    behind === undefined
      ? suggestion(name, shape === null ? [] : fieldsOf(shape), 'settings here')
      : 'put a space behind the colon, or the name in quotation marks';
  const field = fieldName([...setting.base, ...path, name.slice(0, NAME_SHOWN_MAX)]);
  return { ...place, field, message: 'there is no setting of this name here', remedy };
}

const NAME_SHOWN_MAX = 64;

/** What to write at `path`, from the schema: form, example, and what the setting is for. */
function remedyFor(path: Path, { shape }: Setting): string {
  const meant = shapeAt(shape, path);
  if (meant === null) return 'correct it as said';
  const example = meant.example ?? meant.usual;
  const sample = ['string', 'number', 'boolean'].includes(typeof example) ? `, for instance ${example}` : '';
  const about = meant.description === null ? '' : `. ${meant.description}`;
  return `write ${formOf(meant)}${sample}${about}`;
}

function wrongType(expected: string, path: Path, setting: Setting): Problem {
  const value = valueAt(setting.tree, [...setting.base, ...path]);
  if (value === undefined) return missing(path, setting);
  const message = `expected ${EXPECTED[expected] ?? expected}, found ${foundName(value)}`;
  return at(path, setting, message, remedyFor(path, setting));
}

function missing(path: Path, setting: Setting): Problem {
  const name = fieldName(path.slice(-1));
  const isEmpty = setting.document.has([...setting.base, ...path]);
  const message = isEmpty ? `"${name}" is empty` : `"${name}" is missing`;
  return at(path, setting, message, `add ${name}: ${remedyFor(path, setting).replace(/^write /, '')}`);
}

function wrongChoice(choices: readonly string[], path: Path, setting: Setting): Problem {
  const value = valueAt(setting.tree, [...setting.base, ...path]);
  if (value === undefined) return missing(path, setting);
  const meant = typeof value === 'string' ? nearest(value, choices) : null;
  const remedy = meant === null ? remedyFor(path, setting) : `did you mean "${meant}"?`;
  return at(path, setting, `expected one of: ${choices.join(', ')}`, remedy);
}

type UnionIssue = Extract<Issue, { code: 'invalid_union' }>;

/** Of the forms a setting may have, the one that came closest is explained. */
function explainUnion(issue: UnionIssue, path: Path, setting: Setting): Problem[] {
  const options: unknown = 'options' in issue ? issue.options : undefined;
  if (issue.errors.length === 0 && Array.isArray(options))
    return [wrongChoice(options.map(String), path, setting)];
  const depth = (issues: readonly Issue[]): number => Math.max(0, ...issues.map((one) => one.path.length));
  const closest = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
  if (closest === undefined || depth(closest) === 0)
    return [at(path, setting, 'this fits none of the forms allowed here', remedyFor(path, setting))];
  return closest.flatMap((one) => explainOne(one, [...path, ...pathOf(one.path)], setting));
}
