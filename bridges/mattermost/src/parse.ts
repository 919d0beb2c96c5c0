import type { Attachment, Body, Inline, MentionTarget, NetworkId } from '@brygga/event';
import { personId } from '@brygga/event';
import { bodyFromMarkdown, clip, mapLeaves, normalBody, plainText } from '@brygga/text';
import { emojiOf } from './emoji.ts';
import { field, isJson, type Json, listField, type Post, textField } from './native.ts';

/** A person of this network, as far as a text names them. */
export interface Named {
  readonly id: string;
  readonly displayName: string;
}

/** What reading needs to know of this network. Pure: looked up beforehand. */
export interface ParseSpace {
  readonly network: NetworkId;
  /** Who has that user name; null: nobody. */
  person(username: string): Named | null;
}

export interface Parsed {
  readonly body: Body;
  readonly plain: string;
  readonly style: 'text' | 'emote';
  readonly mentions: MentionTarget[];
  readonly attachments: Attachment[];
}

const EVERYBODY: Readonly<Record<string, 'room' | 'channel'>> = {
  all: 'room',
  channel: 'room',
  here: 'channel',
};
const MENTIONS_MAX = 1000;
/** How Mattermost finds names (`channels/app/mention_parser_standard.go`); a sign at the end may belong to the sentence. */
const MENTION = /(?<![\p{L}\p{N}_@])@([a-z0-9][a-z0-9._-]{0,63})/giu;
const EMOJI = /:([a-zA-Z0-9\-+_]{1,64}):/g;

/** The user names that a text may name, at most 200: to be looked up before it is read. */
export function namesIn(message: string): string[] {
  const names = [...message.matchAll(MENTION)].flatMap(([, name = '']) => shorter(name.toLowerCase()));
  return [...new Set(names)].filter((name) => EVERYBODY[name] === undefined).slice(0, 200);
}

/** The name as written, then without signs at its end, the longest first. */
function shorter(name: string): string[] {
  const names = [name];
  for (let rest = name; /[._-]$/.test(rest); ) {
    rest = rest.slice(0, -1);
    names.push(rest);
  }
  return names;
}

/** Reads what people said in a post. Null: nothing. */
export function parsePost(post: Post, space: ParseSpace): Parsed | null {
  const emote = post.type === 'me';
  const message = emote ? post.message.replace(/^\*([\s\S]*)\*$/, '$1') : post.message;
  const text = [urgencyOf(post), message, ...listField(post.props, 'attachments').map(attachmentText)];
  const body = withNames(bodyFromMarkdown(text.filter((part) => part !== '').join('\n\n')), space);
  const attachments = (post.metadata?.files ?? []).map(fileOf);
  if (body.children.length === 0 && attachments.length === 0) return null;
  return {
    body,
    plain: plainText(body),
    style: emote ? 'emote' : 'text',
    mentions: mentionsIn(body),
    attachments,
  };
}

const urgencyOf = ({ metadata }: Post): string =>
  metadata?.priority?.priority === 'urgent'
    ? '❗❗'
    : metadata?.priority?.priority === 'important'
      ? '❗'
      : '';

/** An attachment in the manner of Slack, in words (docs.slack.dev/messaging/legacy-attachments). */
function attachmentText(attachment: unknown): string {
  const said = (name: string): string => textField(attachment, name) ?? '';
  const title = said('title') === '' ? '' : `**${said('title')}**`;
  const fields = listField(attachment, 'fields')
    .filter(isJson)
    .map((one) => `${textField(one, 'title') ?? ''}: ${valueText(one)}`);
  const parts = [said('pretext'), said('author_name'), title, said('text'), ...fields, said('footer')];
  const whole = parts.filter((part) => part !== '').join('\n');
  return whole === '' ? said('fallback') : whole;
}

function valueText(one: Json): string {
  const value = field(one, 'value');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

const fileOf = (file: { id: string; name: string; mime_type: string; size: number | null }): Attachment => ({
  name: clip(file.name.replace(/[/\\]/g, '_').trim() || 'file', 255, '…'),
  mediaType: clip(file.mime_type || 'application/octet-stream', 255),
  bytes: file.size,
  source: file.id,
});

/** Mentions and emoji, which are words to Markdown. */
function withNames(body: Body, space: ParseSpace): Body {
  return normalBody(mapLeaves(body, (leaf) => (leaf.type === 'text' ? split(leaf.value, space) : [leaf])));
}

function split(text: string, space: ParseSpace): Inline[] {
  const nodes: Inline[] = [];
  let from = 0;
  const add = (at: number, length: number, node: Inline): void => {
    nodes.push({ type: 'text', value: text.slice(from, at) }, node);
    from = at + length;
  };
  const found = [...text.matchAll(MENTION), ...text.matchAll(EMOJI)].sort((a, b) => a.index - b.index);
  for (const match of found) {
    if (match.index < from) continue;
    const [whole, name = ''] = match;
    if (whole.startsWith('@')) {
      const mention = mentionOf(name, space);
      if (mention !== null) add(match.index, mention.length, mention.node);
    } else add(match.index, whole.length, emojiNode(name));
  }
  nodes.push({ type: 'text', value: text.slice(from) });
  return nodes;
}

function emojiNode(name: string): Inline {
  const emoji = emojiOf(name);
  return emoji === null ? { type: 'emoji', name } : { type: 'text', value: emoji };
}

function mentionOf(written: string, space: ParseSpace): { node: Inline; length: number } | null {
  for (const name of shorter(written.toLowerCase())) {
    const length = name.length + 1;
    const kind = EVERYBODY[name];
    if (kind !== undefined) return { node: { type: 'mention', target: { kind }, label: name }, length };
    const person = space.person(name);
    if (person === null) continue;
    const target = { kind: 'person', network: space.network, person: personId(person.id) } as const;
    return { node: { type: 'mention', target, label: clip(person.displayName, 200) }, length };
  }
  return null;
}

function mentionsIn(body: Body): MentionTarget[] {
  const targets: MentionTarget[] = [];
  mapLeaves(body, (leaf) => {
    if (leaf.type === 'mention') targets.push(leaf.target);
    return [leaf];
  });
  const unique = new Map(targets.map((target) => [JSON.stringify(target), target]));
  return [...unique.values()].slice(0, MENTIONS_MAX);
}
