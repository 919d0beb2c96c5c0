import type { Feature, Persona, TargetAuthor } from '@brygga/contract';
import type { Attachment, Block, Body, EventOf, Inline, Mention, NetworkId } from '@brygga/event';
import { element, hastFromBody, htmlOf, mapLeaves, normalBody, plainText, splitBody } from '@brygga/text';
import type { Part } from './content.ts';
import { type Remote, userLink } from './ids.ts';

/** What rendering needs to know of this network. */
export interface RenderSpace {
  readonly network: NetworkId;
  /** The ghost of a person of another network. */
  ghostOf(remote: Remote): string;
}

export interface RenderContext {
  readonly space: RenderSpace;
  /** Null: the hub itself speaks. */
  readonly persona: Persona | null;
  /** Whether what is answered, and the thread, are in this room. */
  readonly replyKnown: boolean;
  readonly threadKnown: boolean;
  /** Whose message is answered: called, as clients do, when a person of this network. */
  readonly answered: TargetAuthor | null;
}

export interface Rendered {
  readonly parts: readonly Part[];
  readonly lost: readonly Feature[];
}

/**
 * JSON bytes of plain text and HTML together in one part. An event may have 65,536 bytes with signatures; an edit
 * carries everything twice, so a part that may be edited gets less than half
 * (https://spec.matrix.org/v1.19/client-server-api/#size-limits).
 */
export const PART_BYTES_MAX = 28_000;
export const PARTS_MAX = 16;

type Said = EventOf<'message'> | EventOf<'edit'>;

/** A message, or the new text of one, as native messages. */
export function render(event: Said, context: RenderContext): Rendered {
  const lost = new Set<Feature>();
  const body = event.kind === 'edit' ? event.body : wholeBody(event, context, lost);
  const words = withWords(body, event.kind === 'edit' ? [] : event.attachments, lost);
  const measure = (part: Body): number => bytesOf(part, context.space);
  const split = { bytesMax: PART_BYTES_MAX, partsMax: PARTS_MAX, measure };
  const bodies = words.children.length === 0 ? [] : splitBody(words, split);
  const answered = context.answered?.native === true ? [context.answered.person] : [];
  const parts = bodies.map((part, at): Part => {
    const mentions = mentionsIn(part, context.space);
    return {
      msgtype: msgtypeOf(event, context.persona),
      body: plainText(forPlain(part)),
      html: formatted(part, context.space),
      mentions: { users: [...(at === 0 ? answered : []), ...mentions.users], room: mentions.room },
    };
  });
  return { parts, lost: [...lost] };
}

/** A person's words through the hub's own voice are a notice: nobody must take the bot for a person. */
function msgtypeOf(event: Said, persona: Persona | null): Part['msgtype'] {
  if (persona === null || event.style === 'notice') return 'm.notice';
  return event.style === 'emote' ? 'm.emote' : 'm.text';
}

/** The text with what cannot stand beside it: a quote for an answer into the void, a line for each file. */
function wholeBody(event: EventOf<'message'>, context: RenderContext, lost: Set<Feature>): Body {
  const quote = event.replyTo === undefined || context.replyKnown ? [] : quoteOf(event.replyTo.excerpt);
  if (event.replyTo !== undefined && !context.replyKnown) lost.add('reply');
  if (event.thread !== undefined && !context.threadKnown) lost.add('thread');
  const files = event.attachments.map(fileLine);
  if (files.length > 0) lost.add('attachment');
  return { type: 'root', children: [...quote, ...event.body.children, ...files] };
}

const text = (value: string): Inline => ({ type: 'text', value });
const paragraph = (...children: Inline[]): Block => ({ type: 'paragraph', children });

function quoteOf(excerpt: { readonly author: string; readonly text: string } | undefined): Block[] {
  if (excerpt === undefined) return [];
  const author: Inline = { type: 'strong', children: [text(`${excerpt.author}:`)] };
  return [{ type: 'blockquote', children: [paragraph(author, text(` ${excerpt.text}`))] }];
}

const fileLine = (file: Attachment): Block =>
  paragraph(
    text(`[file: ${file.name}${file.bytes === null ? '' : `, ${sizeOf(file.bytes)}`}; not carried over]`),
  );

/** `1.5 MB`, for people. */
function sizeOf(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB'][step] ?? 'B'}`;
}

/** Custom emoji by name and images by their words: neither has a picture here. */
function withWords(body: Body, files: readonly Attachment[], lost: Set<Feature>): Body {
  const words = mapLeaves(normalBody(body), (leaf) => {
    if (leaf.type === 'emoji') {
      lost.add('customEmoji');
      return [text(`:${leaf.name}:`)];
    }
    if (leaf.type !== 'image') return [leaf];
    lost.add('attachment');
    return [text(leaf.alt || (files[leaf.attachment]?.name ?? 'image'))];
  });
  return normalBody(words);
}

const bytesOf = (part: Body, space: RenderSpace): number =>
  jsonBytes(plainText(forPlain(part))) +
  jsonBytes(formatted(part, space) ?? '') +
  jsonBytes(mentionsIn(part, space).users);

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Everybody is `@room` here, whatever the other network calls it. */
const forPlain = (body: Body): Body =>
  mapLeaves(body, (leaf) =>
    leaf.type === 'mention' && leaf.target.kind !== 'person' ? [text('@room')] : [leaf],
  );

/** The HTML of a part; null when the plain text says it all. */
export function formatted(body: Body, space: RenderSpace): string | null {
  if (isPlain(body)) return null;
  const { root } = hastFromBody(body, {
    mention: (node) => [pill(node, space)],
    // Cells have no attributes in the subset clients accept.
    element: (made) =>
      made.tagName === 'td' || made.tagName === 'th' ? [{ ...made, properties: {} }] : undefined,
  });
  const [only] = root.children;
  const single = root.children.length === 1 && only?.type === 'element' && only.tagName === 'p';
  return htmlOf(single ? { type: 'root', children: only.children } : root);
}

function pill(
  node: Mention,
  space: RenderSpace,
): ReturnType<typeof element> | { type: 'text'; value: string } {
  if (node.target.kind !== 'person') return { type: 'text', value: '@room' };
  const { network, person } = node.target;
  const user = network === space.network ? person : space.ghostOf(node.target);
  return element('a', { href: userLink(user) }, [{ type: 'text', value: node.label }]);
}

/** Text and single line ends only: an empty line in plain text would begin a paragraph. */
const isPlain = (body: Body): boolean =>
  body.children.every(
    (block) =>
      block.type === 'paragraph' &&
      block.children.every((node, at) =>
        node.type === 'break' ? block.children[at - 1]?.type !== 'break' : node.type === 'text',
      ),
  );

function mentionsIn(body: Body, space: RenderSpace): Part['mentions'] {
  const users: string[] = [];
  let room = false;
  mapLeaves(body, (leaf) => {
    if (leaf.type !== 'mention') return [leaf];
    if (leaf.target.kind !== 'person') room = true;
    // A ghost needs no call: nobody reads its notifications.
    else if (leaf.target.network === space.network) users.push(leaf.target.person);
    return [leaf];
  });
  return { users, room };
}

export const noticePart = (words: string): Part => ({
  msgtype: 'm.notice',
  body: words,
  html: null,
  mentions: { users: [], room: false },
});
