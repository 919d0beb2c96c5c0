import type { Block, Body, Inline, Link, List, ListItem, Table } from '@brygga/event';
import { width } from './bytes.ts';

/**
 * A readable rendering in plain letters: blocks parted by an empty line, lists with `- ` or `1. `, quotes with
 * `> `, code as it is, tables in columns, links as `label (url)` when the label is not the address.
 */
export function plainText(body: Body): string {
  const only = body.children.length === 1 ? body.children[0] : undefined;
  const word = only?.type === 'paragraph' && only.children.length === 1 ? only.children[0] : undefined;
  return word?.type === 'text' ? word.value : blocksText(body.children);
}

const blocksText = (blocks: readonly Block[]): string => blocks.map(blockText).join('\n\n');

function blockText(block: Block): string {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return inlineText(block.children);
    case 'code':
      return block.value;
    case 'blockquote':
      return prefixed(blocksText(block.children), '> ', '> ');
    case 'list':
      return block.children.map((item, index) => itemText(item, markerOf(block, index))).join('\n');
    case 'table':
      return tableText(block);
  }
}

/** What stands before the item of that index: `- `, `3. `. */
export const markerOf = (list: List, index: number): string =>
  list.ordered ? `${(list.start ?? 1) + index}. ` : '- ';

function itemText(item: ListItem, marker: string): string {
  const box = item.checked === null ? '' : item.checked ? '[x] ' : '[ ] ';
  const text = item.children.map(blockText).join('\n');
  return prefixed(text, marker + box, ' '.repeat(marker.length));
}

/** Each line behind its prefix; an empty one behind as much of it as is not space. */
export const prefixed = (text: string, first: string, rest: string): string =>
  text
    .split('\n')
    .map((line, index) => linePrefixed(index === 0 ? first : rest, line))
    .join('\n');

const linePrefixed = (prefix: string, line: string): string =>
  line === '' ? prefix.trimEnd() : prefix + line;

/** The plain rendering of inline nodes. */
export const inlineText = (nodes: readonly Inline[]): string => nodes.map(nodeText).join('');

function nodeText(node: Inline): string {
  switch (node.type) {
    case 'text':
    case 'inlineCode':
      return node.value;
    case 'break':
      return '\n';
    case 'emphasis':
    case 'strong':
    case 'delete':
      return inlineText(node.children);
    case 'link':
      return linkText(node);
    case 'image':
      return node.alt;
    case 'mention':
      return `@${node.label}`;
    case 'emoji':
      return `:${node.name}:`;
  }
}

function linkText(link: Link): string {
  const label = inlineText(link.children);
  if (label.trim() === '') return link.url;
  return saysSame(label.trim(), link.url) ? label : `${label} (${link.url})`;
}

/** A label that is the address, but for `https://`, `mailto:` or a slash at the end, says it well enough. */
const saysSame = (label: string, url: string): boolean => bare(label) === bare(url);
const bare = (url: string): string => url.replace(/^(?:https?:\/\/|mailto:)/i, '').replace(/\/$/, '');

/** A column is not padded beyond this: one long cell would push all others off the screen. */
const COLUMN_MAX = 40;

function tableText(table: Table): string {
  const rows = table.children.map((row) =>
    row.children.map((cell) => inlineText(cell.children).replaceAll('\n', ' ')),
  );
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.min(
      COLUMN_MAX,
      rows.reduce((most, row) => Math.max(most, width(row[column] ?? '')), 0),
    ),
  );
  const lines = rows.map((row) => rowText(row, widths, table.align));
  const rule = widths.map((columnWidth) => '-'.repeat(columnWidth)).join('-|-');
  return [lines[0] ?? '', ...(lines.length > 1 ? [rule, ...lines.slice(1)] : [])].join('\n');
}

function rowText(row: readonly string[], widths: readonly number[], align: Table['align']): string {
  const cells = widths.map((columnWidth, column) => {
    const text = row[column] ?? '';
    const space = Math.max(0, columnWidth - width(text));
    const before = align[column] === 'right' ? space : align[column] === 'center' ? space >> 1 : 0;
    return ' '.repeat(before) + text + ' '.repeat(space - before);
  });
  return cells.join(' | ').trimEnd();
}
