import type { Block, List, ListItem, TableRow } from '@brygga/event';
import type { Element, ElementContent, RootContent } from 'hast';
import type { Inner, ReadHooks } from './html-hooks.ts';
import { Lines } from './html-lines.ts';
import {
  alignOf,
  carriedUrl,
  LINE,
  langOf,
  MARK_OF,
  PARAGRAPH,
  property,
  SKIPPED,
  textOf,
} from './html-names.ts';
import { inlinesFromBlocks } from './lines.ts';

/** Deeper lists and quotes are not nested any more: leaves room below `BODY_BOUNDS.depthMax`. */
const DEPTH_MAX = 28;

interface At {
  readonly hooks: ReadHooks;
  readonly depth: number;
  readonly lines: Lines;
}

/** Reads the nodes of one container (the root, a quote, a list item, a cell) into blocks. */
export function readBlocks(nodes: readonly RootContent[], hooks: ReadHooks, depth = 0): Block[] {
  const lines = new Lines();
  readNodes(nodes, { hooks, depth, lines });
  return lines.finish();
}

function readNodes(nodes: readonly RootContent[], at: At): void {
  for (const node of nodes) {
    if (node.type === 'text') at.lines.text(node.value);
    else if (node.type === 'element') readElement(node, at);
  }
}

function readElement(element: Element, at: At): void {
  const made = at.hooks.element?.(element, innerOf(element, at));
  if (made === 'drop') return;
  if (made === 'children') readNodes(element.children, at);
  else if (made === undefined) readUsual(element, at);
  else for (const node of made) at.lines.node(node);
}

const innerOf = (element: Element, { hooks, depth }: At): Inner => ({
  inlines: () => inlinesFromBlocks(readBlocks(element.children, hooks, depth)),
  blocks: () => readBlocks(element.children, hooks, depth + 1),
  text: () => textOf(element),
});

type Reader = (element: Element, at: At) => void;

function readUsual(element: Element, at: At): void {
  const name = element.tagName;
  const mark = MARK_OF[name];
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (SKIPPED.has(name)) return;
  if (mark !== undefined)
    at.lines.within({ type: mark, children: [] }, () => readNodes(element.children, at));
  else if (reader !== undefined) reader(element, at);
  else if (LINE.has(name)) readLine(element, at);
  else if (PARAGRAPH.has(name)) readParagraph(element, at);
  else readNodes(element.children, at);
}

function readLine(element: Element, at: At): void {
  at.lines.line();
  readNodes(element.children, at);
  at.lines.line();
}

function readParagraph(element: Element, at: At): void {
  at.lines.flush();
  readNodes(element.children, at);
  at.lines.flush();
}

const readCode: Reader = (element, { lines }) => {
  const value = textOf(element);
  if (value !== '') lines.leaf({ type: 'inlineCode', value });
};

const readHeading: Reader = (element, at) => {
  const children = inlinesFromBlocks(readBlocks(element.children, at.hooks, at.depth));
  const depth = ([1, 2, 3, 4, 5, 6] as const).find((n) => element.tagName === `h${n}`) ?? 6;
  at.lines.block({ type: 'heading', depth, children });
};

const readPre: Reader = (element, { lines }) =>
  lines.block({ type: 'code', lang: langOf(element), value: textOf(element).replace(/\n$/, '') });

const readQuote: Reader = (element, at) => {
  if (at.depth > DEPTH_MAX) return readParagraph(element, at);
  const children = readBlocks(element.children, at.hooks, at.depth + 1);
  if (children.length > 0) at.lines.block({ type: 'blockquote', children });
};

const readQuotation: Reader = (element, at) => {
  at.lines.text('“');
  readNodes(element.children, at);
  at.lines.text('”');
};

const readLink: Reader = (element, at) => {
  const href = property(element, 'href').trim();
  const meant = href === '' ? undefined : at.hooks.link?.(href, textOf(element));
  if (meant !== undefined) return at.lines.node(meant);
  const url = carriedUrl(href);
  if (url === null) return readNodes(element.children, at);
  const before = at.lines.size;
  at.lines.within({ type: 'link', url, children: [] }, () => {
    readNodes(element.children, at);
    // A link without a label still leads somewhere.
    if (at.lines.size === before) at.lines.text(url);
  });
};

const readList: Reader = (element, at) => {
  if (at.depth > DEPTH_MAX) return readParagraph(element, at);
  const ordered = element.tagName === 'ol';
  const start = Number.parseInt(property(element, 'start'), 10);
  const list: List = {
    type: 'list',
    ordered,
    start: ordered && start >= 0 && start <= 1e9 ? start : null,
    children: element.children.flatMap((child) => readItem(child, at)),
  };
  if (list.children.length > 0) at.lines.block(list);
};

/** What stands in a list outside of an item becomes one. */
function readItem(node: ElementContent, at: At): ListItem[] {
  const item = node.type === 'element' && node.tagName === 'li';
  const children = readBlocks(item ? node.children : [node], at.hooks, at.depth + 2);
  const [checked, rest] = checkedOf(item ? boxOf(node) : null, children);
  return item || rest.length > 0 ? [{ type: 'listItem', checked, children: rest }] : [];
}

/** The state of the `input` an item begins with, within a paragraph or not; null: there is none. */
function boxOf(item: Element): boolean | null {
  const first = item.children.find((child) => child.type === 'element');
  if (first?.type !== 'element') return null;
  if (first.tagName === 'p' || first.tagName === 'label') return boxOf(first);
  if (first.tagName !== 'input' || property(first, 'type') !== 'checkbox') return null;
  return first.properties.checked === true;
}

/** The box an item begins with, as an element or a letter, and the item without it. */
function checkedOf(box: boolean | null, blocks: Block[]): [boolean | null, Block[]] {
  const [first, ...rest] = blocks;
  const word = first?.type === 'paragraph' ? first.children[0] : undefined;
  const letter = word?.type === 'text' ? /^[☐☑☒] ?/.exec(word.value) : null;
  if (box !== null || letter === null || first?.type !== 'paragraph' || word?.type !== 'text')
    return [box, blocks];
  const value = word.value.slice(letter[0].length);
  const children = [...(value === '' ? [] : [{ ...word, value }]), ...first.children.slice(1)];
  return [letter[0][0] !== '☐', children.length === 0 ? rest : [{ ...first, children }, ...rest]];
}

const readTable: Reader = (element, at) => {
  const sections = element.children.flatMap((child) =>
    child.type === 'element' && /^(?:thead|tbody|tfoot)$/.test(child.tagName) ? child.children : [child],
  );
  const rows = sections.filter((child) => child.type === 'element').filter((child) => child.tagName === 'tr');
  const captions = element.children.filter(
    (child) => child.type === 'element' && child.tagName === 'caption',
  );
  readNodes(captions, at);
  const cells = rows.map((row) => row.children.filter((child) => child.type === 'element'));
  const align = (cells[0] ?? []).map(alignOf);
  const children = cells.map((row) => readRow(row, at));
  if (children.length > 0) at.lines.block({ type: 'table', align, children });
};

const readRow = (cells: readonly Element[], at: At): TableRow => ({
  type: 'tableRow',
  children: cells.map((cell) => ({
    type: 'tableCell',
    children: inlinesFromBlocks(readBlocks(cell.children, at.hooks, DEPTH_MAX + 1)),
  })),
});

const READERS: Readonly<Record<string, Reader>> = {
  a: readLink,
  blockquote: readQuote,
  br: (_, { lines }) => lines.leaf({ type: 'break' }),
  code: readCode,
  h1: readHeading,
  h2: readHeading,
  h3: readHeading,
  h4: readHeading,
  h5: readHeading,
  h6: readHeading,
  hr: (_, { lines }) => lines.block({ type: 'paragraph', children: [{ type: 'text', value: '———' }] }),
  img: (element, { lines }) => lines.text(property(element, 'alt')),
  kbd: readCode,
  menu: readList,
  ol: readList,
  pre: readPre,
  q: readQuotation,
  samp: readCode,
  table: readTable,
  tt: readCode,
  ul: readList,
};
