import type { Feature, Persona } from '@brygga/contract';
import type { Attachment, Block, Body, EventOf, Inline, Mention, NetworkId } from '@brygga/event';
import { mapLeaves, markdownOf, normalBody, splitBody, UNSEEN_SEPARATOR } from '@brygga/text';

/** What rendering needs to know of this network. Pure: looked up beforehand. */
export interface RenderSpace {
  readonly network: NetworkId;
  /** The user name of a person of this network; null when it is not known. */
  username(person: string): string | null;
}

export interface RenderContext {
  readonly space: RenderSpace;
  /** Whose name stands in the text, where no other name can be set; null: nobody's. */
  readonly nameLine: Persona | null;
  /** Whether what is answered, and the thread, are in this channel. */
  readonly replyKnown: boolean;
  readonly threadKnown: boolean;
  /** Code points one post may have. */
  readonly postCharsMax: number;
}

export interface Rendered {
  /** The text of each post. */
  readonly parts: readonly string[];
  readonly lost: readonly Feature[];
}

export const PARTS_MAX = 16;

type Said = EventOf<'message'> | EventOf<'edit'>;

/** A message, or the new text of one, as the Markdown of posts. */
export function render(event: Said, context: RenderContext): Rendered {
  const lost = new Set<Feature>(event.style === 'text' ? [] : [event.style]);
  const said = event.kind === 'edit' ? event.body : wholeBody(event, context, lost);
  const files = event.kind === 'edit' ? [] : event.attachments;
  const words = styled(
    named(withWords(said, files, lost), context.nameLine, event.style),
    event.style,
    context,
  );
  const source = (body: Body): string => markdownOf(body, hooksOf(context.space));
  const split = {
    bytesMax: context.postCharsMax,
    partsMax: PARTS_MAX,
    measure: (body: Body) => chars(source(body)),
  };
  const bodies = words.children.length === 0 ? [] : splitBody(words, split);
  return { parts: bodies.map(source), lost: [...lost] };
}

/** The limit counts code points (`model/post.go`, `PostMessageMaxRunesV2`). */
function chars(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const text = (value: string): Inline => ({ type: 'text', value });
const paragraph = (...children: Inline[]): Block => ({ type: 'paragraph', children });

/** The text with what cannot stand beside it: a quote for what is answered, a line for each file. */
function wholeBody(event: EventOf<'message'>, context: RenderContext, lost: Set<Feature>): Body {
  const { replyTo } = event;
  const quote = replyTo === undefined || context.replyKnown ? [] : quoteOf(replyTo.excerpt);
  if (replyTo !== undefined && !context.replyKnown) lost.add('reply');
  if (event.thread !== undefined && !context.threadKnown) lost.add('thread');
  const files = event.attachments.map(fileLine);
  if (files.length > 0) lost.add('attachment');
  return { type: 'root', children: [...quote, ...event.body.children, ...files] };
}

function quoteOf(excerpt: { readonly author: string; readonly text: string } | undefined): Block[] {
  if (excerpt === undefined) return [];
  const author: Inline = { type: 'strong', children: [text(`${excerpt.author}:`)] };
  return [{ type: 'blockquote', children: [paragraph(author, text(` ${excerpt.text}`))] }];
}

const fileLine = (file: Attachment): Block => paragraph(text(`[file: ${file.name}; not carried over]`));

/** Images by their words: the file itself is not there. */
function withWords(body: Body, files: readonly Attachment[], lost: Set<Feature>): Body {
  return normalBody(
    mapLeaves(normalBody(body), (leaf) => {
      if (leaf.type !== 'image') return [leaf];
      lost.add('attachment');
      return [text(leaf.alt || (files[leaf.attachment]?.name ?? 'image'))];
    }),
  );
}

/** The name line: bold before the first words, or above what is not words. */
function named(body: Body, persona: Persona | null, style: Said['style']): Body {
  if (persona === null || body.children.length === 0) return body;
  const name: Inline = { type: 'strong', children: [text(persona.label)] };
  const between = text(style === 'emote' ? ' ' : ': ');
  const [first, ...rest] = body.children;
  return first?.type === 'paragraph'
    ? { type: 'root', children: [paragraph(name, between, ...first.children), ...rest] }
    : { type: 'root', children: [paragraph(name, between), ...body.children] };
}

/** `/me` is a type of post that only people can make: its look is emphasis. */
function styled(body: Body, style: Said['style'], _context: RenderContext): Body {
  if (style !== 'emote') return body;
  const children = body.children.map(
    (block): Block =>
      block.type === 'paragraph' ? paragraph({ type: 'emphasis', children: block.children }) : block,
  );
  return { type: 'root', children };
}

const hooksOf = (space: RenderSpace) => ({
  mention: (node: Mention) => mention(node, space),
  emoji: ({ name }: { readonly name: string }) => `:${name}:`,
  guard,
});

/** A call of people of this network; everybody else is named without being called. */
function mention({ target }: Mention, space: RenderSpace): string | undefined {
  if (target.kind !== 'person') return target.kind === 'room' ? '@all' : '@here';
  const username = target.network === space.network ? space.username(target.person) : null;
  return username === null ? undefined : `@${username}`;
}

/**
 * Disarms what would call people, name channels or become emoji (`channels/app/mention_parser_standard.go`). A backslash
 * does not help: words are parted at all signs but these. In code nothing is called.
 */
export const guard = (words: string): string =>
  words
    .replace(/(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}_])/gu, `@${UNSEEN_SEPARATOR}`)
    .replace(/~(?=[a-z0-9])/gi, `~${UNSEEN_SEPARATOR}`)
    .replace(/:(?=[a-z0-9_+-]+:)/gi, `:${UNSEEN_SEPARATOR}`);

/**
 * What an incoming webhook would rewrite, code included: calls of everybody, of people, and links in the manner of Slack
 * (`channels/app/slack.go`, `webhook.go`). No sign put in between keeps it from doing so without changing the words, so
 * such a text must not go through one.
 */
export const isSlackSyntax = (markdown: string): boolean =>
  /<!(?:channel|here|all)>|<@[a-zA-Z0-9]+>|<[^\n<|>]+\|[^\n>]+>/.test(markdown);
