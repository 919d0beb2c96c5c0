import type { Delete, Emphasis, Inline, Link, Strong } from '@brygga/event';

/** Inline nodes that hold others. */
export type Mark = Emphasis | Strong | Delete | Link;
/** Inline nodes that hold none. */
export type Leaf = Exclude<Inline, Mark>;

/**
 * One leaf with the marks around it, outermost first. A list of runs says the same as a tree of inline nodes
 * and can be cut, joined and cleaned anywhere. Runs of one mark share the very object.
 */
export interface Run {
  readonly leaf: Leaf;
  readonly marks: readonly Mark[];
}

/** Whether an inline node is a mark. */
export const isMark = (node: Inline): node is Mark => 'children' in node;

/**
 * The runs of inline nodes. A mark inside one of its own kind says nothing and is left out; so is a link in a
 * link, and a mention in a link becomes words, since no dialect can show either.
 */
export function runsOf(nodes: readonly Inline[], marks: readonly Mark[] = []): Run[] {
  return nodes.flatMap((node): Run[] => {
    if (!isMark(node)) return [{ leaf: leafWithin(node, marks), marks }];
    const known = marks.some((mark) => mark.type === node.type);
    return runsOf(node.children, known ? marks : [...marks, node]);
  });
}

function leafWithin(leaf: Leaf, marks: readonly Mark[]): Leaf {
  if (leaf.type !== 'mention' || !marks.some((mark) => mark.type === 'link')) return leaf;
  return { type: 'text', value: `@${leaf.label}` };
}

/** The inline nodes of runs: the reverse of `runsOf`. Neighbouring texts are joined, empty ones left out. */
export function inlinesOf(runs: readonly Run[], depth = 0): Inline[] {
  const nodes: Inline[] = [];
  let at = 0;
  while (at < runs.length) {
    const run = runs[at];
    if (run === undefined) break;
    const mark = run.marks[depth];
    let end = at + 1;
    if (mark === undefined) pushLeaf(nodes, run.leaf);
    else {
      while (runs[end]?.marks[depth] === mark) end += 1;
      const children = inlinesOf(runs.slice(at, end), depth + 1);
      if (children.length > 0) nodes.push({ ...mark, children });
    }
    at = end;
  }
  return nodes;
}

function pushLeaf(nodes: Inline[], leaf: Leaf): void {
  const last = nodes.at(-1);
  if (leaf.type !== 'text') nodes.push(leaf);
  else if (last?.type === 'text') nodes[nodes.length - 1] = { type: 'text', value: last.value + leaf.value };
  else if (leaf.value !== '') nodes.push(leaf);
}
