import type { Block, Body, Inline, ListItem } from '@brygga/event';
import type { List, PhrasingContent, Root, RootContent, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { bounded, boundedPlainBody } from './bounds.ts';
import { carriedUrl } from './html-names.ts';
import { normalBody } from './normal.ts';
import { safeText } from './safe-text.ts';

/** Quotes and list items within each other that a parser is given: its time grows with the square. */
const CONTAINERS_MAX = 30;
const CHARS_MAX = 100_000;

/** Chat has no HTML, no footnotes and no links defined elsewhere: these are text, as everything unknown is. */
const WITHOUT = {
  disable: {
    null: ['definition', 'htmlFlow', 'htmlText', 'gfmFootnoteCall', 'gfmFootnoteDefinition'],
  },
};
const SYNTAX = [gfm({ singleTilde: false }), WITHOUT];
const MDAST = [gfmFromMarkdown()];

/**
 * The body tree of Markdown as chat systems write it: GitHub's dialect (https://github.github.com/gfm/) where a line end
 * is a break and HTML is text. Links other than http, https and mailto become their label, pictures links. The result
 * is in normal form and within `BODY_BOUNDS`; what is nested too deep to be read is taken as plain text.
 */
export function bodyFromMarkdown(source: string): Body {
  const markdown = safeText(source);
  if (!MARKUP.test(markdown) || markdown.length > CHARS_MAX || isDeep(markdown)) return plainly(markdown);
  return parsed(markdown);
}

const plainly = (text: string): Body => normalBody(boundedPlainBody(text));

/** What could mean anything: most messages have nothing of it, and need no parser. */
const MARKUP = /[\\`*_~[\]&|\t]|^(?: |[#>=+-]|\d{1,9}[.)])|:\/\/|www\.|@\S+\./im;

/** The same of safe text, whether it has any markup or not. */
export function parsed(markdown: string): Body {
  try {
    const root = fromMarkdown(markdown, { extensions: SYNTAX, mdastExtensions: MDAST });
    return bounded(normalBody({ type: 'root', children: blocksOf(root.children) }));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return plainly(markdown); // marks within each other by the thousand exhaust the stack
  }
}

/** What can begin a container at the start of a line, or behind another one. */
const CONTAINER = /[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))/y;

function isDeep(markdown: string): boolean {
  return markdown.split('\n').some((line) => {
    let count = 0;
    CONTAINER.lastIndex = 0;
    while (count <= CONTAINERS_MAX && CONTAINER.test(line)) count += 1;
    // Lists are nested by their indentation as well.
    return count > CONTAINERS_MAX || /^[ \t]{60}/.test(line);
  });
}

const blocksOf = (nodes: Root['children']): Block[] => nodes.flatMap(blockOf);

function blockOf(node: RootContent): Block[] {
  switch (node.type) {
    case 'paragraph':
      return [{ type: 'paragraph', children: inlinesOf(node.children) }];
    case 'heading':
      return [{ type: 'heading', depth: node.depth, children: inlinesOf(node.children) }];
    case 'thematicBreak':
      return [{ type: 'paragraph', children: [{ type: 'text', value: '———' }] }];
    case 'blockquote':
      return [{ type: 'blockquote', children: blocksOf(node.children) }];
    case 'code':
      return [{ type: 'code', lang: node.lang ?? null, value: node.value }];
    case 'list':
      return [listOf(node)];
    case 'table':
      return [tableOf(node)];
    default:
      return [];
  }
}

function listOf({ ordered, start, children }: List): Block {
  const items = children.map(
    (item): ListItem => ({
      type: 'listItem',
      checked: item.checked ?? null,
      children: blocksOf(item.children),
    }),
  );
  return { type: 'list', ordered: ordered === true, start: start ?? null, children: items };
}

const tableOf = ({ align, children }: Table): Block => ({
  type: 'table',
  align: (align ?? []).map((one) => one ?? null),
  children: children.map((row) => ({
    type: 'tableRow',
    children: row.children.map((cell) => ({ type: 'tableCell', children: inlinesOf(cell.children) })),
  })),
});

const inlinesOf = (nodes: readonly PhrasingContent[]): Inline[] => nodes.flatMap(inlineOf);

function inlineOf(node: PhrasingContent): Inline[] {
  switch (node.type) {
    case 'text':
    case 'inlineCode':
      return [{ type: node.type, value: node.value }];
    case 'break':
      return [{ type: 'break' }];
    case 'strong':
    case 'emphasis':
    case 'delete':
      return [{ type: node.type, children: inlinesOf(node.children) }];
    case 'link':
      return linked(node.url, inlinesOf(node.children));
    case 'image':
      return linked(node.url, [{ type: 'text', value: node.alt || node.url }]);
    default:
      return [];
  }
}

function linked(href: string, children: Inline[]): Inline[] {
  const url = carriedUrl(href);
  if (url === null) return children;
  return [{ type: 'link', url, children: children.length > 0 ? children : [{ type: 'text', value: url }] }];
}
