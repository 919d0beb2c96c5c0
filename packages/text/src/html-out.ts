import type { Block, Body, Emoji, Image, Inline, List, ListItem, Mention, Table } from '@brygga/event';
import type { Element, ElementContent, Properties, Root } from 'hast';
import { toHtml } from 'hast-util-to-html';
import { mapLine, normalBody } from './normal.ts';
import { inlinesOf, type Leaf, type Run, runsOf } from './runs.ts';

/** Told what could not be shown as meant, by the manifest's name of the feature. */
export type Lose = (feature: string) => void;

/** How a dialect of HTML writes what HTML has no element for. A hook that gives `undefined` leaves the usual. */
export interface WriteHooks {
  /** Usual: `@label`. */
  mention?(node: Mention, lose: Lose): ElementContent[] | undefined;
  /** Usual: `:name:`. */
  emoji?(node: Emoji, lose: Lose): ElementContent[] | undefined;
  /** Usual: its words (`alt`). */
  image?(node: Image, lose: Lose): ElementContent[] | undefined;
  /** Called with each element made; may give others in its place (a heading as bold text, a table as code). */
  element?(element: Element, lose: Lose): ElementContent[] | undefined;
}

export interface WrittenHtml {
  readonly root: Root;
  /** Features that were lost, each once. */
  readonly lost: readonly string[];
}

/**
 * The HTML tree of a body. Spaces that HTML would swallow are written as no-break spaces; `bodyFromHast` reads
 * them back. A body in normal form comes back from its HTML equal, apart from what hooks make of it.
 */
export function hastFromBody(body: Body, hooks: WriteHooks = {}): WrittenHtml {
  const lost = new Set<string>();
  const writer: Writer = { hooks, lose: (feature) => void lost.add(feature) };
  const children = normalBody(body).children.flatMap((block) => writeBlock(block, writer));
  return { root: { type: 'root', children }, lost: [...lost] };
}

/** The source of an HTML tree. */
export const htmlOf = (root: Root): string =>
  toHtml(root, { characterReferences: { useNamedReferences: true } });

interface Writer {
  readonly hooks: WriteHooks;
  readonly lose: Lose;
}

/** A hast element: shorter to write in hooks. */
export const element = (tagName: string, properties: Properties, children: ElementContent[]): Element => ({
  type: 'element',
  tagName,
  properties,
  children,
});

function made(
  writer: Writer,
  tagName: string,
  properties: Properties,
  children: ElementContent[],
): ElementContent[] {
  const usual = element(tagName, properties, children);
  return writer.hooks.element?.(usual, writer.lose) ?? [usual];
}

function writeBlock(block: Block, writer: Writer): ElementContent[] {
  switch (block.type) {
    case 'paragraph':
      return made(writer, 'p', {}, writeInlines(block.children, writer));
    case 'heading':
      return made(writer, `h${block.depth}`, {}, writeInlines(block.children, writer));
    case 'blockquote':
      return made(
        writer,
        'blockquote',
        {},
        block.children.flatMap((child) => writeBlock(child, writer)),
      );
    case 'code': {
      const lang = block.lang === null ? {} : { className: [`language-${block.lang}`] };
      return made(writer, 'pre', {}, [element('code', lang, [{ type: 'text', value: `${block.value}\n` }])]);
    }
    case 'list':
      return writeList(block, writer);
    case 'table':
      return writeTable(block, writer);
  }
}

function writeList(list: List, writer: Writer): ElementContent[] {
  const items = list.children.flatMap((item) => made(writer, 'li', {}, writeItem(item, writer)));
  const start = list.start === null ? {} : { start: list.start };
  return list.ordered ? made(writer, 'ol', start, items) : made(writer, 'ul', {}, items);
}

function writeItem(item: ListItem, writer: Writer): ElementContent[] {
  // Hardly any chat client shows a checkbox element; all show the letter.
  const box = item.checked === null ? '' : item.checked ? '☑ ' : '☐ ';
  const [first, ...rest] = item.children;
  const more = rest.flatMap((block) => writeBlock(block, writer));
  const word: ElementContent[] = box === '' ? [] : [{ type: 'text', value: box }];
  if (first?.type !== 'paragraph')
    return [...word, ...(first === undefined ? [] : writeBlock(first, writer)), ...more];
  const words = [...word, ...writeInlines(first.children, writer)];
  // Loose text before a block is a paragraph anyway, but two paragraphs need their elements.
  return rest[0]?.type === 'paragraph' ? [...made(writer, 'p', {}, words), ...more] : [...words, ...more];
}

function writeTable(table: Table, writer: Writer): ElementContent[] {
  const row = (cells: Table['children'][number], tag: string): ElementContent[] =>
    made(
      writer,
      'tr',
      {},
      cells.children.flatMap((cell, at) => {
        const align = table.align[at] ?? null;
        return made(writer, tag, align === null ? {} : { align }, writeInlines(cell.children, writer));
      }),
    );
  const [head, ...rest] = table.children;
  const body =
    rest.length === 0
      ? []
      : made(
          writer,
          'tbody',
          {},
          rest.flatMap((cells) => row(cells, 'td')),
        );
  return made(writer, 'table', {}, [
    ...(head === undefined ? [] : made(writer, 'thead', {}, row(head, 'th'))),
    ...body,
  ]);
}

const writeInlines = (nodes: readonly Inline[], writer: Writer): ElementContent[] =>
  inlinesOf(spacedRuns(runsOf(nodes))).flatMap((node) => writeInline(node, writer));

function writeInline(node: Inline, writer: Writer): ElementContent[] {
  switch (node.type) {
    case 'strong':
      return made(writer, 'strong', {}, writeChildren(node.children, writer));
    case 'emphasis':
      return made(writer, 'em', {}, writeChildren(node.children, writer));
    case 'delete':
      return made(writer, 'del', {}, writeChildren(node.children, writer));
    case 'link':
      return made(writer, 'a', { href: node.url }, writeChildren(node.children, writer));
    default:
      return writeLeaf(node, writer);
  }
}

const writeChildren = (nodes: readonly Inline[], writer: Writer): ElementContent[] =>
  nodes.flatMap((node) => writeInline(node, writer));

function writeLeaf(leaf: Leaf, writer: Writer): ElementContent[] {
  const { hooks, lose } = writer;
  const word = (value: string): ElementContent[] => (value === '' ? [] : [{ type: 'text', value }]);
  switch (leaf.type) {
    case 'text':
      return word(leaf.value);
    case 'inlineCode':
      return made(writer, 'code', {}, word(leaf.value));
    case 'break':
      return made(writer, 'br', {}, []);
    case 'mention':
      return hooks.mention?.(leaf, lose) ?? word(`@${leaf.label}`);
    case 'emoji':
      return hooks.emoji?.(leaf, lose) ?? word(`:${leaf.name}:`);
    case 'image':
      return hooks.image?.(leaf, lose) ?? word(leaf.alt);
  }
}

/** Spaces at the beginning of a line, and all but the last of several, as no-break spaces. */
const spaced = (line: string): string =>
  line
    .replace(/ {2,}/g, (spaces) => `${'\u00a0'.repeat(spaces.length - 1)} `)
    .replace(/^[\u00a0 ]+/, (spaces) => '\u00a0'.repeat(spaces.length));

function spacedRuns(runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  let line: Run[] = [];
  for (const run of runs) {
    if (run.leaf.type !== 'break') line.push(run);
    else {
      out.push(...mapLine(line, spaced), run);
      line = [];
    }
  }
  out.push(...mapLine(line, spaced));
  return out;
}
