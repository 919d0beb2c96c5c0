/** Where a setting stands: `['rooms', 0, 'links', 1, 'network']`. */
export type Path = readonly (string | number)[];

/** A place in the settings file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with the settings (or, among the warnings, doubtful), where, and what to do about it. */
export interface Problem extends Place {
  /** `rooms[0].links[1].network`; empty when the file as a whole is meant. */
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

const PLAIN_KEY = /^[A-Za-z_][\w-]*$/;

/** Writes a path the way people read it: `rooms[0].links[1].network`. */
export function fieldName(path: Path): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    if (!PLAIN_KEY.test(part)) return `${name}[${JSON.stringify(part)}]`;
    return name === '' ? part : `${name}.${part}`;
  }, '');
}

/** A problem in the manner of a compiler, so that editors find the place: `file:line:column field: message`. */
export function problemText(file: string, problem: Problem): string {
  const field = problem.field === '' ? '' : ` ${problem.field}:`;
  return `${file}:${problem.line}:${problem.column}${field} ${problem.message}\n    ${problem.remedy}`;
}

/** Top to bottom, each said once. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .filter((problem) => {
      const key = JSON.stringify([problem.line, problem.field, problem.message]);
      return seen.has(key) ? false : seen.add(key);
    });
}
