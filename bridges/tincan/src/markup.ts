/**
 * The markup of tincan: text with elements `{name argument|content}`. A backslash before `\`, `{`, `}` or `|`
 * takes away its meaning. What is no element (a brace without a name and a bar) is text.
 */
export type Markup = string | Element;
export interface Element {
  readonly name: string;
  readonly argument: string;
  readonly content: readonly Markup[];
}

/** Deeper elements are text: nothing people write is as deep. */
const DEPTH_MAX = 36;

const HEAD = /\{([a-z]{1,5}[1-6]?|@[@#]?|:|!)(?: ((?:[^|{}\\]|\\[\\{}|]){0,9000}))?\|/y;

const plain = (text: string): string => text.replace(/\\([\\{}|])/g, '$1');

/** Text that means nothing but itself. */
export const escaped = (text: string): string => text.replace(/[\\{}]/g, '\\$&');

/** An element as text. `content` is markup already. */
export const element = (name: string, argument: string, content: string): string =>
  `{${name}${argument === '' ? '' : ` ${argument.replace(/[\\{}|]/g, '\\$&')}`}|${content}}`;

/** One line of ordinary letters, which is what most messages are: there is nothing to read in it. */
export const isPlain = (source: string): boolean =>
  /^[!-[\]-z|~¡-ͯ](?:[ -[\]-z|~¡-ͯ]*[!-[\]-z|~¡-ͯ])?$/.test(source);

interface Open {
  readonly name: string;
  readonly argument: string;
  readonly content: Markup[];
}

/** Reads markup in one pass. Never fails: an element left open ends with the text. */
export function readMarkup(source: string): Markup[] {
  const stack: Open[] = [{ name: '', argument: '', content: [] }];
  const special = /\\[\\{}|]|[{}]/g;
  let from = 0;
  let text = '';
  const flush = (): void => {
    if (text !== '') stack.at(-1)?.content.push(text);
    text = '';
  };
  for (let hit = special.exec(source); hit !== null; hit = special.exec(source)) {
    text += source.slice(from, hit.index);
    from = special.lastIndex;
    const [mark] = hit;
    const head = mark === '{' && stack.length <= DEPTH_MAX ? headAt(source, hit.index) : null;
    if (head !== null) {
      flush();
      stack.push(head.open);
      from = head.end;
      special.lastIndex = from;
    } else if (mark === '}' && stack.length > 1) {
      flush();
      close(stack);
    } else {
      text += plain(mark);
    }
  }
  text += source.slice(from);
  flush();
  while (stack.length > 1) close(stack);
  return stack[0]?.content ?? [];
}

function headAt(source: string, at: number): { readonly open: Open; readonly end: number } | null {
  HEAD.lastIndex = at;
  const hit = HEAD.exec(source);
  if (hit === null) return null;
  return { open: { name: hit[1] ?? '', argument: plain(hit[2] ?? ''), content: [] }, end: HEAD.lastIndex };
}

function close(stack: Open[]): void {
  const done = stack.pop();
  if (done !== undefined) stack.at(-1)?.content.push(done);
}

/** All text in markup, elements rendered away. */
export const textIn = (nodes: readonly Markup[]): string =>
  nodes.map((node) => (typeof node === 'string' ? node : textIn(node.content))).join('');
