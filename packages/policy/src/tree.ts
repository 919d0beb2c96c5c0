import type { Block, Body, Inline } from '@brygga/event';

/** The list itself when nothing in it changed: whoever compares objects sees that. */
function mapSame<Node>(nodes: Node[], change: (node: Node) => Node): Node[] {
  const changed = nodes.map(change);
  return changed.every((node, index) => node === nodes[index]) ? nodes : changed;
}

type ParentOf<Child> = { type: string; children: Child[] };

function within<Child, Parent extends ParentOf<Child>>(
  node: Parent & ParentOf<Child>,
  change: (child: Child) => Child,
): Parent {
  const children = mapSame(node.children, change);
  return children === node.children ? node : { ...node, children };
}

/** The body with every inline node replaced by what `change` makes of it; the very same body when that is nothing. */
export function mapInlines(body: Body, change: (node: Inline) => Inline): Body {
  const inline = (node: Inline): Inline => {
    const changed = change(node);
    return 'children' in changed ? within(changed, inline) : changed;
  };
  const block = (node: Block): Block => {
    switch (node.type) {
      case 'paragraph':
      case 'heading':
        return within(node, inline);
      case 'blockquote':
        return within(node, block);
      case 'list':
        return within(node, (item) => within(item, block));
      case 'table':
        return within(node, (row) => within(row, (cell) => within(cell, inline)));
      case 'code':
        return node;
    }
  };
  return within(body, block);
}
