import type { Block, Body, Emoji, Image, Inline, Link, List, ListItem, Mention, Table } from '@brygga/event';
import {
  codeBlock,
  codeSpan,
  type EscapeContext,
  escapeLine,
  escapeText,
  escapeUrl,
} from './markdown-escape.ts';
import { settled, sourceOf, tokensOf } from './markdown-marks.ts';
import { normalBody } from './normal.ts';
import { inlineText, prefixed } from './plain.ts';

/** How a dialect writes what Markdown has no sign for. */
export interface MarkdownHooks {
  /** Usual: `@label`, disarmed by `guard`. */
  mention?(node: Mention): string | undefined;
  /** Usual: `:name:`, disarmed by `guard`. */
  emoji?(node: Emoji): string | undefined;
  /** Usual: its words (`alt`). */
  image?(node: Image): string | undefined;
  /** Disarms what is no Markdown, but means something to the network, in text. */
  guard?(text: string): string;
}

/**
 * Markdown of a body, for chat systems that show line ends as such. Text is escaped where it could be taken for
 * markup. A body in normal form comes back from it (`bodyFromMarkdown`) with the same words; marks lose the signs and
 * spaces at their edges where no Markdown could show them.
 */
export const markdownOf = (body: Body, hooks: MarkdownHooks = {}): string =>
  blocksSource(normalBody(body).children, hooks);

function blocksSource(blocks: readonly Block[], hooks: MarkdownHooks): string {
  let other = false;
  return blocks
    .map((block, at) => {
      const before = blocks[at - 1];
      // Two lists in a row would be one, were their markers the same.
      const again = block.type === 'list' && before?.type === 'list' && before.ordered === block.ordered;
      other = again && !other;
      return blockSource(block, hooks, other);
    })
    .join('\n\n');
}

function blockSource(block: Block, hooks: MarkdownHooks, other: boolean): string {
  switch (block.type) {
    case 'paragraph':
      return inlineSource(block.children, hooks).split('\n').map(escapeLine).join('\n');
    case 'heading':
      return `${'#'.repeat(block.depth)} ${oneLine(block.children, hooks).replace(/#$/, '\\#')}`;
    case 'blockquote':
      return prefixed(blocksSource(block.children, hooks), '> ', '> ');
    case 'code':
      return codeBlock(block.value, block.lang);
    case 'list':
      return listSource(block, hooks, other);
    case 'table':
      return tableSource(block, hooks);
  }
}

function listSource(list: List, hooks: MarkdownHooks, other: boolean): string {
  const markerOf = (at: number): string => {
    if (!list.ordered) return other ? '* ' : '- ';
    return `${(list.start ?? 1) + at}${other ? ')' : '.'} `;
  };
  return list.children.map((item, at) => itemSource(item, markerOf(at), hooks)).join('\n');
}

function itemSource(item: ListItem, marker: string, hooks: MarkdownHooks): string {
  const [first, ...rest] = item.children;
  if (item.checked !== null && first?.type !== 'paragraph') {
    // A box stands before words only.
    const box: Block = { type: 'paragraph', children: [{ type: 'text', value: item.checked ? '☑' : '☐' }] };
    return itemSource({ ...item, checked: null, children: [box, ...item.children] }, marker, hooks);
  }
  const box = item.checked === null ? '' : item.checked ? '[x] ' : '[ ] ';
  // A list stands right below the words it belongs to; one that does not begin so would be words there.
  const [list] = rest;
  const begins = list?.type === 'list' && (list.start ?? 1) === 1 && list.children[0]?.children[0];
  const below = rest.length === 1 && begins && begins.type === 'paragraph';
  const tight = first?.type === 'paragraph' && below;
  const source = tight
    ? `${blocksSource([first], hooks)}\n${blocksSource(rest, hooks)}`
    : blocksSource(item.children, hooks);
  return prefixed(source, marker + box, ' '.repeat(marker.length));
}

function tableSource(table: Table, hooks: MarkdownHooks): string {
  const [head = [], ...rows] = table.children.map((row) =>
    row.children.map((cell) => oneLine(cell.children, hooks, true)),
  );
  const rule = table.align.map((align) => RULE[align ?? 'none']);
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const RULE = { none: '---', left: ':---', right: '---:', center: ':---:' } as const;

const oneLine = (nodes: readonly Inline[], hooks: MarkdownHooks, cell = false): string =>
  inlineSource(nodes, hooks, { label: false, cell }).replace(/\s*\n\s*/g, ' ');

const IN_TEXT = { label: false, cell: false } as const;

function inlineSource(
  nodes: readonly Inline[],
  hooks: MarkdownHooks,
  place: Pick<EscapeContext, 'label' | 'cell'> = IN_TEXT,
): string {
  const { guard = (text) => text } = hooks;
  const context = { ...place, brackets: /\]\s*[([:]/.test(inlineText(nodes)), guard };
  const tokens = tokensOf(nodes, (node) => {
    if (node.type === 'link') return linkSource(node, hooks, context);
    const written = leafSource(node, hooks);
    // A bar would end the cell, in code too.
    return written === undefined || (place.cell && written.includes('|')) ? null : written;
  });
  return sourceOf(settled(tokens), (words) => escapeText(words, context));
}

function leafSource(
  leaf: Exclude<Inline, Link | { type: 'text' | 'break' }>,
  hooks: MarkdownHooks,
): string | undefined {
  switch (leaf.type) {
    case 'inlineCode':
      return codeSpan(leaf.value);
    case 'mention':
      return hooks.mention?.(leaf);
    case 'emoji':
      return hooks.emoji?.(leaf);
    case 'image':
      return hooks.image?.(leaf);
    default:
      return undefined;
  }
}

/** An address that is its own label stands bare, if nothing in it has to be disarmed. */
function linkSource(link: Link, hooks: MarkdownHooks, { cell, guard }: EscapeContext): string {
  const [only] = link.children;
  const same = link.children.length === 1 && only?.type === 'text' && only.value === link.url;
  const bare = same && guard(link.url) === link.url;
  if (bare && /^https?:\/\/[^\s<>()*`[\]\\|]+[\p{L}\p{N}/]$/u.test(link.url)) return link.url;
  return `[${inlineSource(link.children, hooks, { label: true, cell }).replaceAll('\n', ' ')}](${escapeUrl(link.url, guard)})`;
}
