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
};

/** Which features a body shows, by the manifest's names. Written anew here: a judge does not ask the accused. */
export function featuresIn(node: Body | BodyNode): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (at: Body | BodyNode): void => {
    const feature = at.type === 'root' ? undefined : FEATURE_OF[at.type];
    if (feature !== undefined) found.add(feature);
    if (at.type === 'mention') found.add(at.target.kind === 'person' ? 'mentionPerson' : 'mentionRoom');
    if ('children' in at) for (const child of at.children) visit(child);
  };
  visit(node);
  return found;
}

/** What people would compare: no-break spaces are spaces, bidi controls (which may be balanced) are left out. */
export const asRead = (text: string): string =>
  text
    .replace(/\u00a0/g, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
