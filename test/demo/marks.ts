import type { Block, Inline } from '@brygga/event';
import { bodyFromHast, parseHtml, plainText } from '@brygga/text';

/** The formatting of a Matrix message in letters: `*strong*`, `_emphasis_`, `~struck~`, `- item`. */
export const marked = (html: string): string => blocks(bodyFromHast(parseHtml(html)).children, '\n\n');

const blocks = (all: readonly Block[], between: string): string => all.map(block).join(between);

function block(one: Block): string {
  switch (one.type) {
    case 'paragraph':
      return inlines(one.children);
    case 'heading':
      return `*${inlines(one.children)}*`;
    case 'blockquote':
      return blocks(one.children, '\n').replaceAll(/^/gm, '> ');
    case 'list':
      return one.children
        .map(
          ({ children }, at) => (one.ordered ? `${(one.start ?? 1) + at}. ` : '- ') + blocks(children, '\n'),
        )
        .join('\n');
    case 'code':
    case 'table':
      return plainText({ type: 'root', children: [one] });
  }
}

const inlines = (nodes: readonly Inline[]): string => nodes.map(inline).join('');

function inline(node: Inline): string {
  switch (node.type) {
    case 'strong':
      return `*${inlines(node.children)}*`;
    case 'emphasis':
      return `_${inlines(node.children)}_`;
    case 'delete':
      return `~${inlines(node.children)}~`;
    case 'inlineCode':
      return `\`${node.value}\``;
    default:
      return plainText({ type: 'root', children: [{ type: 'paragraph', children: [node] }] });
  }
}
