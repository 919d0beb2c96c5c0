import { scan } from './scan.ts';
import { Brackets, endOfType, skipSpace } from './syntax.ts';
import { lineAt } from './tree.ts';

export interface Span {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** Words before a parenthesis that make the braces behind it a statement, not a body. */
const CONTROL = new Set('if for while switch catch with await return case'.split(' '));
const BLOCKS_OF_TESTS = /^(?:describe|suite)\b/;

/** Where the head of a function begins and what stands before its parenthesis. */
function headBefore(code: string, paren: number): { at: number; word: string; before: string } {
  let text = code.slice(Math.max(0, paren - 300), paren).trimEnd();
  if (text.endsWith('>')) text = withoutGenerics(text).trimEnd();
  const word = /(?:[\w$#]+|\]|['"])$/.exec(text)?.[0] ?? '';
  const head = /(?:\basync\s+)?(?:\bfunction\b\s*\*?\s*)?[\w$#]*$/.exec(text)?.[0] ?? '';
  const before = text.slice(0, text.length - head.length);
  return { at: Math.max(0, paren - 300) + before.length, word, before };
}

function withoutGenerics(text: string): string {
  let depth = 0;
  for (let i = text.length - 1; i >= 0; i--) {
    if (text[i] === '>' && text[i - 1] !== '=') depth++;
    if (text[i] === '<' && --depth === 0) return text.slice(0, i);
  }
  return text;
}

/** What the call around an argument calls: `describe.each([...])` for its callback. */
function calleeOf(code: string, brackets: Brackets, at: number): string {
  const open = brackets.around(at);
  if (open === undefined || code[open] !== '(') return '';
  let start = open;
  for (;;) {
    const before = code.slice(0, start).trimEnd();
    if (before.endsWith(')')) {
      start = brackets.partner(before.length - 1) ?? 0;
    } else {
      const chain = /[\w$.?]+$/.exec(before.slice(-120))?.[0] ?? '';
      return chain + code.slice(start, open);
    }
  }
}

function nameOfArrow(code: string, brackets: Brackets, at: number): string {
  const before = code.slice(Math.max(0, at - 400), at).trimEnd();
  const assigned = /([\w$#]+)\s*(?::[^=;{}]*)?=$/.exec(before)?.[1] ?? /([\w$]+)\s*:$/.exec(before)?.[1];
  if (assigned !== undefined) return assigned;
  const callee = calleeOf(code, brackets, at);
  return callee === '' ? 'anonymous' : `${/^[\w$.?]*/.exec(callee)?.[0] ?? ''}(...)`;
}

/** The end of an arrow's body that is an expression, before a comma, semicolon or closing bracket of the outside. */
function endOfExpression(code: string, brackets: Brackets, from: number): number {
  for (let i = from; i < code.length; i++) {
    if (/[,;)\]}]/.test(code.charAt(i))) return code.slice(0, i).trimEnd().length;
    i = brackets.partner(i) ?? i;
  }
  return code.length;
}

interface Found {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Where the type it gives back ends; a function type in there is no function. */
  readonly typeEnd: number;
}

/** The function whose parameters stand in the parenthesis at `paren`, if it is one. */
function functionAt(code: string, brackets: Brackets, paren: number): Found | undefined {
  const close = brackets.partner(paren);
  if (close === undefined) return undefined;
  let at = skipSpace(code, close + 1);
  if (code[at] === ':') at = skipSpace(code, endOfType(code, brackets, at + 1));
  if (code.startsWith('=>', at)) {
    const { at: start, word } = headBefore(code, paren);
    const begin = word === 'async' ? start : paren;
    if (BLOCKS_OF_TESTS.test(calleeOf(code, brackets, begin))) return undefined;
    const body = skipSpace(code, at + 2);
    if (code[endOfType(code, brackets, body)] === '>') return undefined; // `Record<string, () => X>`: a type
    const end = code[body] === '{' ? brackets.partner(body) : endOfExpression(code, brackets, body);
    return { name: nameOfArrow(code, brackets, begin), start: begin, end: end ?? code.length, typeEnd: at };
  }
  const { at: start, word, before } = headBefore(code, paren);
  if (code[at] !== '{' || word === '' || CONTROL.has(word) || /\bextends\s*$/.test(before)) return undefined;
  if (BLOCKS_OF_TESTS.test(calleeOf(code, brackets, start))) return undefined;
  return { name: word, start, end: brackets.partner(at) ?? code.length, typeEnd: at };
}

/**
 * Every function of a file with its whole span in lines: declarations, methods, arrows with their parameters in
 * parentheses (the formatter sees to that). The block given to `describe` is a chapter, not a function.
 */
export function functionsOf(text: string): Span[] {
  const { code } = scan(text);
  const brackets = new Brackets(code);
  const spans: Span[] = [];
  const types: [from: number, to: number][] = [];
  for (const paren of brackets.parentheses) {
    if (types.some(([from, to]) => from < paren && paren < to)) continue;
    const found = functionAt(code, brackets, paren);
    if (found === undefined) continue;
    types.push([brackets.partner(paren) ?? paren, found.typeEnd]);
    const line = lineAt(text, found.start);
    spans.push({ name: found.name, line, lines: lineAt(text, found.end) - line + 1 });
  }
  return spans;
}
