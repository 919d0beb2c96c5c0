import type { z } from 'zod';
import { explain, type Issue, type Setting, valueAt } from './explain.ts';
import { fieldName, type Path, type Problem } from './problem.ts';

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Repairs bring out further issues at most a few times: each is deeper than the one before. */
const ROUNDS_MAX = 8;

/**
 * Puts what stands at `setting.base` through a schema. Before it complains, two things are set right in the
 * tree itself: `limits:` with nothing below it counts as left out, and text from the environment or a file
 * becomes a number or a truth value where the schema wants one.
 */
export function validate<T>(schema: z.ZodType<T>, setting: Setting): Validated<T> {
  let result = schema.safeParse(valueAt(setting.tree, setting.base) ?? {});
  for (let round = 0; round < ROUNDS_MAX && !result.success; round++) {
    const repaired = result.error.issues.filter((issue) => repair(issue, setting));
    if (repaired.length === 0) break;
    result = schema.safeParse(valueAt(setting.tree, setting.base) ?? {});
  }
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, problems: explain(result.error.issues, setting) };
}

function repair(issue: Issue, setting: Setting): boolean {
  const path: Path = [
    ...setting.base,
    ...issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
  ];
  const parent = valueAt(setting.tree, path.slice(0, -1));
  const name = path.at(-1);
  if (typeof parent !== 'object' || parent === null || name === undefined) return false;
  const value = valueAt(setting.tree, path);
  if (value === null && typeof name === 'string') return Reflect.deleteProperty(parent, name);
  if (typeof value !== 'string' || !setting.borrowed.has(fieldName(path))) return false;
  const read = issue.code === 'invalid_type' ? readAs(issue.expected, value.trim()) : undefined;
  return read === undefined ? false : Reflect.set(parent, name, read);
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i;

function readAs(expected: string, text: string): number | boolean | undefined {
  if (expected === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (expected !== 'number' && expected !== 'int') return undefined;
  return NUMBER.test(text) ? Number(text) : undefined;
}
