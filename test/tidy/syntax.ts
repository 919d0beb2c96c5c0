/** Bracket pairs and the ends of types in scanned code (see scan.ts): enough to find where a function begins and ends. */
export class Brackets {
  readonly #partner = new Map<number, number>();
  readonly #opens: number[] = [];

  constructor(code: string) {
    const open: number[] = [];
    for (const { index, 0: char } of code.matchAll(/[([{}\])]/g)) {
      if ('([{'.includes(char)) {
        open.push(index);
        this.#opens.push(index);
      } else {
        const start = open.pop();
        if (start !== undefined) this.#partner.set(start, index).set(index, start);
      }
    }
    this.parentheses = this.#opens.filter((at) => code[at] === '(');
  }

  readonly parentheses: readonly number[];

  partner(at: number): number | undefined {
    return this.#partner.get(at);
  }

  /** The innermost bracket open at `at`. */
  around(at: number): number | undefined {
    return this.#opens.findLast((open) => open < at && (this.#partner.get(open) ?? at) >= at);
  }
}

export function skipSpace(code: string, at: number): number {
  let next = at;
  while (next < code.length && /\s/.test(code.charAt(next))) next++;
  return next;
}

const PREFIX = /(?:keyof|readonly|typeof|unique|infer|asserts|new|abstract)\s+/y;
const ATOM = /-?[\w$.]+/y;
const JOINT = /\||&|is\b|extends\b|\?|:/y;

const match = (pattern: RegExp, code: string, at: number): string => {
  pattern.lastIndex = at;
  return pattern.exec(code)?.[0] ?? '';
};

function endOfGenerics(code: string, at: number): number {
  let depth = 0;
  for (let i = at; i < code.length; i++) {
    if (code[i] === '<') depth++;
    if (code[i] === '>' && code[i - 1] !== '=' && --depth === 0) return i + 1;
  }
  return code.length;
}

/** One part of a type: `Map<string, X>[]`, `{...}`, `'text'`, `(a: X) => Y`. */
function endOfOperand(code: string, brackets: Brackets, from: number): number {
  let at = skipSpace(code, from);
  for (let word = match(PREFIX, code, at); word !== ''; word = match(PREFIX, code, at)) at += word.length;
  const char = code.charAt(at);
  if (char === "'" || char === '"' || char === '`') at = code.indexOf(char, at + 1) + 1;
  else if ('({['.includes(char) && char !== '') at = endOfBracketed(code, brackets, at);
  else at += match(ATOM, code, at).length;
  for (;;) {
    if (code[at] === '<') at = endOfGenerics(code, at);
    else if (code[at] === '[' || (code[at] === '(' && at > from))
      at = (brackets.partner(at) ?? code.length) + 1;
    else if (code[at] === '.') at += 1 + match(ATOM, code, at + 1).length;
    else return at;
  }
}

function endOfBracketed(code: string, brackets: Brackets, at: number): number {
  const close = brackets.partner(at) ?? code.length;
  const inside = code.slice(at + 1, close);
  const arrow = skipSpace(code, close + 1);
  const parameters = code[at] === '(' && (inside.trim() === '' || /^\s*(?:\.{3})?[\w$]+\??\s*:/.test(inside));
  return parameters && code.startsWith('=>', arrow) ? endOfType(code, brackets, arrow + 2) : close + 1;
}

/** Where the type that begins at `from` ends; `(` ... `): type {` has its body there. */
export function endOfType(code: string, brackets: Brackets, from: number): number {
  let at = skipSpace(code, from);
  if (code[at] === '|' || code[at] === '&') at++;
  let conditions = 0;
  for (;;) {
    at = endOfOperand(code, brackets, at);
    const next = skipSpace(code, at);
    const joint = match(JOINT, code, next);
    if (joint === '' || (joint === ':' && conditions-- === 0)) return at;
    if (joint === '?') conditions++;
    at = next + joint.length;
  }
}
