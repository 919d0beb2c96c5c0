import { nativeId } from '@brygga/event';
import type { SeenMessage } from '@brygga/testkit';
import { parseHtml } from '@brygga/text';
import type { Nodes } from 'hast';
import type { SeenEvent } from './matrix-user.ts';

/** A client, as far as people can see: it shows a room's messages after all edits, reactions and removals. */

type Content = Readonly<Record<string, unknown>>;

const TAGS: Readonly<Record<string, string>> = {
  strong: 'strong',
  em: 'emphasis',
  del: 'strike',
  blockquote: 'quote',
  ul: 'list',
  ol: 'list',
  h1: 'heading',
  h2: 'heading',
  h3: 'heading',
  table: 'table',
};

const textIn = (node: Nodes): string => {
  if (node.type === 'text') return node.value;
  if (node.type === 'element' && node.tagName === 'br') return '\n';
  const inner = 'children' in node ? node.children.map((child) => textIn(child)).join('') : '';
  return node.type === 'element' && ['p', 'blockquote', 'li', 'pre'].includes(node.tagName)
    ? `${inner}\n`
    : inner;
};

function featuresIn(node: Nodes, found: Set<string>, inPre = false): void {
  if (node.type === 'element') {
    const { tagName, properties } = node;
    const feature = TAGS[tagName];
    if (feature !== undefined) found.add(feature);
    if (tagName === 'pre') found.add('codeBlock');
    if (tagName === 'code' && !inPre) found.add('inlineCode');
    if (tagName === 'a') found.add(String(properties.href).includes('matrix.to') ? 'mentionPerson' : 'link');
  }
  const pre = inPre || (node.type === 'element' && node.tagName === 'pre');
  if ('children' in node) for (const child of node.children) featuresIn(child, found, pre);
}

const record = (value: unknown): Content =>
  typeof value === 'object' && value !== null ? (value as Content) : {};
const relation = (content: Content): Content => record(content['m.relates_to']);

function look(content: Content): { text: string; features: string[] } {
  const html = content.formatted_body;
  const found = new Set<string>();
  if (record(content['m.mentions']).room === true) found.add('mentionRoom');
  if (typeof html !== 'string') return { text: String(content.body), features: [...found] };
  const root = parseHtml(html);
  featuresIn(root, found);
  return { text: textIn(root).trim(), features: [...found] };
}

/** Replacements by the author alone, newest by its time, as clients pick it. */
function latest(event: SeenEvent, all: readonly SeenEvent[]): SeenEvent | undefined {
  return all
    .filter(({ sender, content }) => {
      const { rel_type, event_id } = relation(content);
      return rel_type === 'm.replace' && event_id === event.event_id && sender === event.sender;
    })
    .reduce<SeenEvent | undefined>(
      (best, one) => (best === undefined || one.origin_server_ts >= best.origin_server_ts ? one : best),
      undefined,
    );
}

function reactionsTo(event: SeenEvent, all: readonly SeenEvent[], nameOf: (user: string) => string) {
  const found: Record<string, string[]> = {};
  for (const { type, sender, content } of all) {
    const { event_id, key } = relation(content);
    if (type !== 'm.reaction' || event_id !== event.event_id || typeof key !== 'string') continue;
    const people = found[key] ?? [];
    found[key] = [...people, nameOf(sender)];
  }
  return found;
}

/** The room's messages, oldest first, as a person's client shows them. */
export function shown(all: readonly SeenEvent[], nameOf: (user: string) => string): SeenMessage[] {
  const messages = all.filter(
    ({ type, content }) => type === 'm.room.message' && relation(content).rel_type !== 'm.replace',
  );
  return messages.map((event): SeenMessage => {
    const edit = latest(event, all);
    const content = edit === undefined ? event.content : record(edit.content['m.new_content']);
    const deleted = event.content.body === undefined;
    const relates = relation(event.content);
    const reply = record(relates['m.in_reply_to']).event_id;
    const falls = relates.is_falling_back === true;
    return {
      ids: [nativeId(event.event_id)],
      author: nameOf(event.sender),
      ...(deleted ? { text: '', features: [] } : look(content)),
      edited: edit !== undefined,
      deleted,
      reactions: reactionsTo(event, all, nameOf),
      replyTo: typeof reply === 'string' && !falls ? nativeId(reply) : null,
      thread: relates.rel_type === 'm.thread' ? nativeId(String(relates.event_id)) : null,
    };
  });
}
