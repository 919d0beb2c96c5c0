import type { Inline, Link } from '@brygga/event';
import { UNSEEN_SEPARATOR } from './markdown-escape.ts';
import { inlineText } from './plain.ts';
import { isMark, type Leaf, type Mark } from './runs.ts';

type Told = Exclude<Mark, { type: 'link' }>;

/** Source in order: words, each written already or yet to be escaped, and the marks that open and close. */
export type Token =
  | { readonly kind: 'words'; readonly value: string; readonly written: boolean }
  | { readonly kind: 'open' | 'close'; readonly mark: Told };

/** The tokens of inline nodes. `write` gives the source of a leaf or link; null where its words alone are to be said. */
export function tokensOf(
  nodes: readonly Inline[],
  write: (node: Exclude<Leaf, { type: 'text' | 'break' }> | Link) => string | null,
): Token[] {
  return nodes.flatMap((node): Token[] => {
    if (isMark(node) && node.type !== 'link') {
      const inside = tokensOf(node.children, write);
      return [{ kind: 'open', mark: node }, ...inside, { kind: 'close', mark: node }];
    }
    const source = node.type === 'text' || node.type === 'break' ? null : write(node);
    return [{ kind: 'words', value: source ?? inlineText([node]), written: source !== null }];
  });
}

const firstOf = (text: string): string => [...text.slice(0, 2)][0] ?? '';
const lastOf = (text: string): string => [...text.slice(-2)].at(-1) ?? '';

const isSpace = (unit: string): boolean => unit === '' || /\s/.test(unit);
/** Readers of Markdown look at UTF-16 units: what takes two of them is no sign to them. */
const isSign = (unit: string): boolean => unit.length === 1 && /[\p{P}\p{S}]/u.test(unit);
const isLetter = (unit: string): boolean => !isSpace(unit) && !isSign(unit);

/**
 * Moves out of marks what must not stand at their edges: spaces, and signs where a letter stands outside, since such a
 * mark would not be seen as one (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run). Marks that are left
 * with nothing, or stand so still, go.
 */
export function settled(tokens: readonly Token[]): Token[] {
  const forward = outward([...tokens], 'open');
  const back = outward(forward.reverse(), 'close').reverse();
  const kept = withoutVain(back);
  // What goes may leave new edges behind.
  return kept.length < back.length ? settled(kept) : joined(kept);
}

/** Words beside each other are escaped as one. */
function joined(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  for (const token of tokens) {
    const last = out.at(-1);
    if (token.kind === 'words' && !token.written && last?.kind === 'words' && !last.written)
      out[out.length - 1] = { ...last, value: last.value + token.value };
    else out.push(token);
  }
  return out;
}

const reversed = (text: string, really: boolean): string => (really ? [...text].reverse().join('') : text);

/** Seen from its side: words behind an `edge` begin with nothing that must stand before it. */
function outward(tokens: Token[], edge: 'open' | 'close'): Token[] {
  const out: Token[] = [];
  const back = edge === 'close';
  for (const token of tokens) {
    if (token.kind !== 'words' || token.written || out.at(-1)?.kind !== edge) {
      out.push(token);
      continue;
    }
    let edges = 0;
    while (out.at(-1 - edges)?.kind === edge) edges += 1;
    const before = out.at(-1 - edges);
    const outside = before?.kind !== 'words' ? '' : back ? firstOf(before.value) : lastOf(before.value);
    const value = reversed(token.value, back);
    const length = leading(value, outside);
    const moved = reversed(value.slice(0, length), back);
    const kept = reversed(value.slice(length), back);
    if (moved !== '') out.splice(out.length - edges, 0, { ...token, value: moved });
    if (kept !== '') out.push({ ...token, value: kept });
  }
  return out;
}

/** How much of the text must stand before the mark. */
function leading(text: string, outside: string): number {
  let length = 0;
  let before = outside;
  for (const unit of text) {
    if (!isSpace(unit) && !(isSign(unit) && isLetter(before))) break;
    length += unit.length;
    if (isSpace(unit)) before = unit;
  }
  return length;
}

/** Without the marks in which nothing is left, or that would not be seen as such where they stand. */
function withoutVain(tokens: readonly Token[]): Token[] {
  const vain = new Set<Mark>();
  for (const [at, token] of tokens.entries())
    if (token.kind !== 'words' && isVain(tokens, at)) vain.add(token.mark);
  return tokens.filter((token) => token.kind === 'words' || !vain.has(token.mark));
}

function isVain(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined || token.kind === 'words') return false;
  if (token.kind === 'open' && tokens[at + 1]?.kind === 'close') return true;
  const inward = token.kind === 'open' ? 1 : -1;
  return isSign(unitBeside(tokens, at, inward)) && isLetter(unitBeside(tokens, at, -inward));
}

const isStar = ({ type }: Told): boolean => type !== 'delete';

/**
 * The letter that a reader sees beside the run of signs to which the delimiter at `at` belongs: strong and emphasis that
 * open (or close) at one place are one run.
 */
function unitBeside(tokens: readonly Token[], at: number, step: number): string {
  const token = tokens[at];
  let next = tokens[at + step];
  for (let to = at + step; next !== undefined && token !== undefined; next = tokens[to]) {
    if (next.kind === 'words') return step > 0 ? firstOf(next.value) : lastOf(next.value);
    if (token.kind === 'words' || isStar(next.mark) !== isStar(token.mark)) return '~';
    if (next.kind !== token.kind) return UNSEEN_SEPARATOR; // see `sourceOf`
    to += step;
  }
  return '';
}

const DELIMITER = { strong: '**', delete: '~~' } as const;

/** The source of settled tokens. `escaped` gives the source of words that are not written yet. */
export function sourceOf(tokens: readonly Token[], escaped: (words: string) => string): string {
  let out = '';
  const chosen = new Map<Told, string>();
  for (const [at, token] of tokens.entries()) {
    // What follows an address at once would be read as part of it.
    const joins = token.kind === 'words' ? !/^\s/.test(token.value) : token.kind === 'open';
    if (joins && ADDRESS_LAST.test(out)) out += ' ';
    if (token.kind === 'words') {
      // So would code behind code.
      if (token.written && out.endsWith('`') && token.value.startsWith('`')) out += UNSEEN_SEPARATOR;
      out += token.written ? token.value : escaped(token.value);
      continue;
    }
    const delimiter = chosen.get(token.mark) ?? delimiterOf(tokens, at, token.mark);
    chosen.set(token.mark, delimiter);
    // Two runs of one sign that belong to different marks would be read as one.
    const touches = token.kind === 'open' && tokens[at - 1]?.kind === 'close' && out.at(-1) === delimiter[0];
    out += touches ? UNSEEN_SEPARATOR + delimiter : delimiter;
  }
  return out;
}

const ADDRESS_LAST = /(?:https?:\/\/|www\.)\S*$/i;

/** An underscore is the safer sign for emphasis, but it works at the edge of words only. */
function delimiterOf(tokens: readonly Token[], at: number, mark: Told): string {
  if (mark.type !== 'emphasis') return DELIMITER[mark.type];
  const end = tokens.findIndex((one) => one.kind === 'close' && one.mark === mark);
  const [before, after] = [unitBeside(tokens, at, -1), unitBeside(tokens, end, 1)];
  const last = tokens[at - 1];
  const touches = last?.kind === 'close' && last.mark.type === 'emphasis';
  // At another mark's edge it is part of that one's run of signs.
  const shares = last?.kind === 'open' || tokens[end + 1]?.kind === 'close';
  const inWord = (unit: string): boolean =>
    unit === '_' || (isLetter(unit) && (shares || unit !== UNSEEN_SEPARATOR));
  return touches || inWord(before) || inWord(after) ? '*' : '_';
}
