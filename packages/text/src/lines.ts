import type { Block, Inline, ListItem } from '@brygga/event';
import { markerOf } from './plain.ts';

const BLOCKS: ReadonlySet<string> = new Set(['paragraph', 'heading', 'blockquote', 'code', 'list', 'table']);

/** Whether a node is a block (and not an inline one). */
export const isBlock = (node: Inline | Block): node is Block => BLOCKS.has(node.type);

/** Inline nodes that say what blocks say, line by line: for places that hold no blocks, such as a cell. */
export const inlinesFromBlocks = (blocks: readonly Block[]): Inline[] => joined(blocks.map(linesOf));

const joined = (parts: readonly (readonly Inline[])[]): Inline[] =>
  parts.flatMap((part, at): readonly Inline[] => (at === 0 ? part : [{ type: 'break' }, ...part]));

function linesOf(block: Block): Inline[] {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return block.children;
    case 'code':
      return joined(
        block.value.split('\n').map((value) => (value === '' ? [] : [{ type: 'inlineCode', value }])),
      );
    case 'blockquote':
      return inlinesFromBlocks(block.children);
    case 'list':
      return joined(block.children.map((item, at) => itemLines(item, markerOf(block, at))));
    case 'table':
      return joined(
        block.children.map((row) =>
          row.children.flatMap((cell, at) =>
            at === 0 ? cell.children : [{ type: 'text', value: ' | ' } as const, ...cell.children],
          ),
        ),
      );
  }
}

function itemLines(item: ListItem, marker: string): Inline[] {
  const box = item.checked === null ? '' : item.checked ? '☑ ' : '☐ ';
  return [{ type: 'text', value: marker + box }, ...inlinesFromBlocks(item.children)];
}
