import type { Attachment, Body, Inline, MentionTarget, NetworkId } from '@brygga/event';
import { personId } from '@brygga/event';
import {
  bodyFromHast,
  boundedPlainBody,
  clip,
  mapLeaves,
  normalBody,
  parseHtml,
  plainText,
  property,
  type ReadHooks,
} from '@brygga/text';
import type { Element } from 'hast';
import { linkedUser, mediaParts, type Remote } from './ids.ts';
import { field, isJson, type Json, listField, numberField, relationOf, textField } from './native.ts';

/** What reading needs to know of this network. Pure: looked up beforehand. */
export interface ParseSpace {
  readonly network: NetworkId;
  /** The person a ghost stands for; null for anybody else. */
  ghostOf(userId: string): Remote | null;
  nameOf(userId: string): string;
}

export interface Parsed {
  readonly body: Body;
  readonly plain: string;
  readonly style: 'text' | 'emote' | 'notice';
  readonly mentions: MentionTarget[];
  readonly attachments: Attachment[];
  /** What was answered, as old clients repeat it in the text. */
  readonly excerpt: { readonly author: string; readonly text: string } | null;
}

const MENTIONS_MAX = 1000;
const MEDIA = new Set(['m.image', 'm.file', 'm.audio', 'm.video']);

/** Reads the content of `m.room.message`, `m.sticker` or a poll's beginning. Null: there is nothing for people. */
export function parseContent(type: string, content: Json, space: ParseSpace): Parsed | null {
  const file =
    type === 'm.sticker' || MEDIA.has(textField(content, 'msgtype') ?? '') ? fileOf(content) : null;
  if (file !== null) return parsed(captionOf(content), content, space, [file]);
  const said = type === 'm.room.message' ? messageText(content) : pollText(content);
  if (said === null) return null;
  return parsed(said, content, space, []);
}

function parsed(said: Json, content: Json, space: ParseSpace, attachments: Attachment[]): Parsed | null {
  const reply =
    relationOf(content)?.inReplyTo === undefined ? null : replyFallback(textField(said, 'body') ?? '');
  const calls = callsOf(content, space);
  const read =
    htmlBody(said, space) ?? normalBody(boundedPlainBody(reply?.rest ?? textField(said, 'body') ?? ''));
  const body = calls.room ? withRoomMention(read) : read;
  if (body.children.length === 0 && attachments.length === 0) return null;
  return {
    body,
    plain: plainText(body),
    style: styleOf(content),
    mentions: calls.declared ?? mentionsIn(body),
    attachments,
    excerpt: reply === null ? null : { author: clip(space.nameOf(reply.author), 100), text: reply.text },
  };
}

function styleOf(content: Json): Parsed['style'] {
  const msgtype = textField(content, 'msgtype');
  return msgtype === 'm.emote' ? 'emote' : msgtype === 'm.notice' ? 'notice' : 'text';
}

/** Unknown kinds of message are read by their `body`, as the specification asks. */
function messageText(content: Json): Json | null {
  const body = textField(content, 'body');
  if (body === undefined) return null;
  if (textField(content, 'msgtype') !== 'm.location') return content;
  const place = textField(content, 'geo_uri');
  return { body: place === undefined ? body : `${body}\n${place}` };
}

const POLLS = ['m.poll', 'm.poll.start', 'org.matrix.msc3381.poll.start'];

/** A poll in words; votes are not carried. */
function pollText(content: Json): Json | null {
  const poll = POLLS.map((name) => field(content, name)).find(isJson);
  const question = pollWords(field(poll, 'question'));
  if (question === null) return null;
  const answers = listField(poll, 'answers').slice(0, 20);
  const lines = answers.map((answer, at) => `${at + 1}. ${pollWords(answer) ?? ''}`);
  return { body: [`[poll] ${question}`, ...lines].join('\n') };
}

function pollWords(said: unknown): string | null {
  const stable = field(listField(said, 'm.text')[0], 'body');
  const text = stable ?? field(said, 'org.matrix.msc1767.text') ?? field(said, 'body');
  return typeof text === 'string' ? text : null;
}

/** Since v1.10 `body` is a caption when `filename` stands beside it and differs; before it was the file's name. */
function captionOf(content: Json): Json {
  const filename = textField(content, 'filename');
  return filename !== undefined && filename !== textField(content, 'body') ? content : { body: '' };
}

function fileOf(content: Json): Attachment | null {
  // An encrypted file is of no use without its keys, and encrypted rooms are not bridged.
  const source = textField(content, 'url');
  if (source === undefined || mediaParts(source) === null) return null;
  const info = field(content, 'info');
  const body = textField(content, 'body') ?? '';
  const name = (textField(content, 'filename') ?? body).replace(/[/\\]/g, '_').trim();
  const bytes = numberField(info, 'size');
  return {
    name: clip(name === '' ? 'file' : name, 255, '…'),
    mediaType: clip(textField(info, 'mimetype') ?? 'application/octet-stream', 255),
    bytes: bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : null,
    source,
  };
}

/** The formatted body, or null when there is none (or nothing in it). */
function htmlBody(said: Json, space: ParseSpace): Body | null {
  if (textField(said, 'format') !== 'org.matrix.custom.html') return null;
  const html = textField(said, 'formatted_body');
  if (html === undefined) return null;
  const body = bodyFromHast(parseHtml(html), readHooks(space));
  return body.children.length === 0 ? null : body;
}

/** The dialect: https://spec.matrix.org/v1.19/client-server-api/#mroommessage-msgtypes */
function readHooks(space: ParseSpace): ReadHooks {
  return {
    link: (href, label) => pill(href, label, space),
    element: (element, inner) => {
      if (element.tagName === 'mx-reply') return 'drop';
      if (element.tagName === 'img') return customEmoji(element);
      const spoiler = element.properties.dataMxSpoiler;
      if (element.tagName !== 'span' || spoiler === undefined) return undefined;
      const why = typeof spoiler === 'string' && spoiler !== '' ? `[spoiler: ${spoiler}] ` : '[spoiler] ';
      return [{ type: 'text', value: why }, ...inner.inlines()];
    },
  };
}

function pill(href: string, label: string, space: ParseSpace): Inline | undefined {
  const user = linkedUser(href);
  if (user === null) return undefined;
  const target = personOf(user, space);
  return { type: 'mention', target, label: clip(label.replace(/^@/, '').trim() || space.nameOf(user), 200) };
}

function personOf(user: string, space: ParseSpace): MentionTarget {
  const remote = space.ghostOf(user) ?? { network: space.network, person: personId(user) };
  return { kind: 'person', network: remote.network, person: remote.person };
}

function customEmoji(image: Element): Inline[] | undefined {
  if (image.properties.dataMxEmoticon === undefined) return undefined;
  const words = property(image, 'alt') || property(image, 'title');
  const name = words.replace(/^:|:$/g, '').trim();
  return name === '' || name.length > 128 ? undefined : [{ type: 'emoji', name }];
}

/** Whom the message calls. `declared` is null for old clients, which leave it to the pills. */
function callsOf(content: Json, space: ParseSpace): { room: boolean; declared: MentionTarget[] | null } {
  const mentions = field(content, 'm.mentions');
  if (!isJson(mentions)) return { room: false, declared: null };
  const room = field(mentions, 'room') === true;
  const users = listField(mentions, 'user_ids').filter((user) => typeof user === 'string');
  const people = [...new Set(users)].filter((user) => /^@[^\s:]{1,254}:\S{1,254}$/.test(user));
  const declared = people.slice(0, MENTIONS_MAX - 1).map((user) => personOf(user, space));
  return { room, declared: room ? [...declared, { kind: 'room' }] : declared };
}

/** `@room` is only a call when the message says so; then it becomes a mention. */
function withRoomMention(body: Body): Body {
  return mapLeaves(body, (leaf) => (leaf.type === 'text' ? roomMentions(leaf.value) : [leaf]));
}

const roomMentions = (text: string): Inline[] =>
  text
    .split(/(?<![\w@])@room\b/)
    .flatMap((value, at): Inline[] => [
      ...(at === 0 ? [] : [{ type: 'mention', target: { kind: 'room' }, label: 'room' } as const]),
      ...(value === '' ? [] : [{ type: 'text', value } as const]),
    ]);

function mentionsIn(body: Body): MentionTarget[] {
  const found: MentionTarget[] = [];
  mapLeaves(body, (leaf) => {
    if (leaf.type === 'mention' && found.length < MENTIONS_MAX) found.push(leaf.target);
    return [leaf];
  });
  return found;
}

interface ReplyFallback {
  readonly author: string;
  readonly text: string;
  readonly rest: string;
}

/**
 * What old clients (before v1.13) put before the text of a reply. A quote the sender wrote themselves does not name
 * a user in its first line and stays.
 */
export function replyFallback(body: string): ReplyFallback | null {
  const first = /^> (?:\* )?<(@[^>\s]{1,255})> ?/.exec(body);
  if (first?.[1] === undefined) return null;
  const lines = body.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('> ') && line !== '>');
  const quoted = end < 0 ? lines : lines.slice(0, end);
  const rest = end < 0 ? [] : lines.slice(lines[end] === '' ? end + 1 : end);
  const text = quoted.map((line) => line.slice(2)).join('\n');
  return {
    author: first[1],
    text: clip(text.slice(first[0].length - 2).trim(), 400, '…'),
    rest: rest.join('\n'),
  };
}
