import { type Token, tokens } from './html-scan.ts';

/** Bounds on HTML before a parser may see it. */
export interface HtmlBounds {
  readonly bytesMax: number;
  /** Elements within each other. */
  readonly depthMax: number;
  /** Attributes of one tag. */
  readonly attributesMax: number;
  /** Formatting elements the parser may have to open again, counted over all tags. */
  readonly reopenedMax: number;
}

export const HTML_BOUNDS: HtmlBounds = {
  bytesMax: 256 * 1024,
  depthMax: 100,
  attributesMax: 50,
  reopenedMax: 100_000,
};

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

const VOID = words('area base br col embed hr img input link meta param source track wbr');
/** Opened again by the parser in whatever follows when they were not closed themselves. */
const FORMATTING = words('a b big code em font i nobr s small strike strong tt u');
/** Content in which the parser follows rules of its own: never in a message, and not worth modelling. */
const FOREIGN = words('svg math template select frameset plaintext noscript');
/** No end tag closes what stands outside of these. */
const SCOPE = words('applet caption marquee object table td th button');
/** No end tag of an inline element closes one of these. */
const SPECIAL = words(
  'address article aside blockquote center dd details dir div dl dt fieldset figcaption figure footer form h1 h2 ' +
    'h3 h4 h5 h6 header hgroup li listing main menu nav ol p pre search section summary tbody tfoot thead tr ul',
);
/** A start tag of the key closes those on top of the stack by itself. */
const IMPLIED: Readonly<Record<string, ReadonlySet<string>>> = {
  p: words('p'),
  li: words('p li'),
  dt: words('p dd dt'),
  dd: words('p dd dt'),
  td: words('td th'),
  th: words('td th'),
  tr: words('td th tr'),
  tbody: words('td th tr tbody thead tfoot'),
  tfoot: words('td th tr tbody thead tfoot'),
};

/**
 * Whether a parser may be given this HTML: its tree cannot become deep or much larger than its source. The
 * depth counted is never less than a parser's: wherever the standard's recovery from errors is intricate (an
 * end tag that closes nothing, formatting that is opened again), the element counts as still open.
 */
export function withinBounds(html: string, bounds: HtmlBounds): boolean {
  if (html.length > bounds.bytesMax || Buffer.byteLength(html) > bounds.bytesMax) return false;
  const state: State = { open: [], formatting: 0, left: 0, reopened: 0 };
  for (const token of tokens(html)) {
    if (token.kind === 'close') close(state, token.name);
    if (token.kind !== 'open') continue;
    if (FOREIGN.has(token.name) || token.attributes > bounds.attributesMax) return false;
    open(state, token);
    if (state.open.length + state.left > bounds.depthMax || state.reopened > bounds.reopenedMax) return false;
  }
  return true;
}

/** `left`: formatting elements closed by others, which the parser keeps and opens again. */
interface State {
  readonly open: string[];
  formatting: number;
  left: number;
  reopened: number;
}

function open(state: State, { name }: Token): void {
  state.reopened += state.left + state.formatting;
  if (VOID.has(name)) return;
  const implied = IMPLIED[name];
  for (let top = state.open.at(-1); top !== undefined && implied?.has(top); top = state.open.at(-1)) {
    state.open.pop();
    // One `li` (or cell, row, paragraph) is closed by the next; what is around it stays.
    if (top === name) break;
  }
  state.open.push(name);
  if (FORMATTING.has(name)) state.formatting += 1;
}

function close(state: State, name: string): void {
  const barrier = SPECIAL.has(name) || SCOPE.has(name) ? SCOPE : null;
  for (let at = state.open.length - 1; at >= 0; at -= 1) {
    const here = state.open[at] ?? '';
    if (here === name) popFrom(state, at);
    if (here === name || SCOPE.has(here) || (barrier === null && SPECIAL.has(here))) return;
  }
}

function popFrom(state: State, at: number): void {
  const [closed, ...within] = state.open.splice(at);
  const formatting = (name: string | undefined): boolean => name !== undefined && FORMATTING.has(name);
  const left = within.filter(formatting).length;
  state.left += left;
  state.formatting -= left + (formatting(closed) ? 1 : 0);
}
