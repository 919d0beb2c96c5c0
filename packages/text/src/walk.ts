import type { Block, Body, Inline, ListItem, TableRow } from '@brygga/event';
import { isMark, type Leaf } from './runs.ts';

/** The body with each leaf replaced by what `change` gives for it (itself to leave it). */
export const mapLeaves = (body: Body, change: (leaf: Leaf) => readonly Inline[]): Body => ({
  type: 'root',
  children: mapBlocks(body.children, change),
});

type Change = (leaf: Leaf) => readonly Inline[];

const mapBlocks = (blocks: readonly Block[], change: Change): Block[] =>
  blocks.map((block) => mapBlock(block, change));

function mapBlock(block: Block, change: Change): Block {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return { ...block, children: mapInlines(block.children, change) };
    case 'blockquote':
      return { ...block, children: mapBlocks(block.children, change) };
    case 'list':
      return {
        ...block,
        children: block.children.map(
          (item): ListItem => ({ ...item, children: mapBlocks(item.children, change) }),
        ),
      };
    case 'table':
      return { ...block, children: block.children.map((row) => mapRow(row, change)) };
    case 'code':
      return block;
  }
}

const mapRow = (row: TableRow, change: Change): TableRow => ({
  ...row,
  children: row.children.map((cell) => ({ ...cell, children: mapInlines(cell.children, change) })),
});

const mapInlines = (nodes: readonly Inline[], change: Change): Inline[] =>
  nodes.flatMap((node): readonly Inline[] =>
    isMark(node) ? [{ ...node, children: mapInlines(node.children, change) }] : change(node),
  );
