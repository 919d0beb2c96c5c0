import type { Body, BodyNode } from '@brygga/event';

const FEATURE_OF: Readonly<Partial<Record<BodyNode['type'], string>>> = {
  strong: 'strong',
  emphasis: 'emphasis',
  delete: 'strike',
  inlineCode: 'inlineCode',
  code: 'codeBlock',
  blockquote: 'quote',
  list: 'list',
  heading: 'heading',
  link: 'link',
  table: 'table',
  emoji: 'customEmoji',
  image: 'attachment',
};

/** Which features a body uses, by the names a manifest has for them, each once, in order of appearance. */
export function features(body: Body): string[] {
  const found = new Set<string>();
  const visit = (node: Body | BodyNode): void => {
    const feature = node.type === 'root' ? undefined : FEATURE_OF[node.type];
    if (feature !== undefined) found.add(feature);
    if (node.type === 'mention') found.add(node.target.kind === 'person' ? 'mentionPerson' : 'mentionRoom');
    if ('children' in node) for (const child of node.children) visit(child);
  };
  visit(body);
  return [...found];
}
