import type { Delivery, Feature } from '@brygga/contract';
import type { Attachment, Block, Body, EventOf, Inline, Mention } from '@brygga/event';
import { splitBody, utf8Bytes } from '@brygga/text';
import type { Channel } from './channel.ts';
import { PARTS_MAX, TEXT_BYTES } from './manifest.ts';
import { type Extras, quoteOf, type Reference, type ReplyTo } from './outgoing.ts';
import { type Rendered, render } from './render.ts';
import { JOINER } from './styling.ts';

/** The text of one part and what goes with it. */
export interface Piece {
  readonly text: string;
  readonly extras: Extras;
}
export interface Composed {
  readonly pieces: readonly Piece[];
  readonly lost: readonly Feature[];
}

type Speech = EventOf<'message'> | EventOf<'edit'>;

/** The text of a message in the words of XMPP, in parts. `label`: who speaks, when the bot does it for them. */
export function composeSpeech(
  channel: Channel,
  delivery: Delivery,
  event: Speech,
  label: string | null,
): Composed {
  const lost = new Set<Feature>(label === null ? [] : ['personName']);
  if (event.style === 'notice') lost.add('notice');
  const files = event.kind === 'message' ? event.attachments : [];
  if (files.length > 0) lost.add('attachment');
  const whole = withFiles(event.body, files);
  const body = label === null ? whole : named(whole, label, event.style === 'emote');
  const room = TEXT_BYTES - (label === null ? 0 : utf8Bytes(label));
  const say = (mention: Mention): string => mentionText(channel, mention);
  const measure = (part: Body): number => utf8Bytes(render(part, say).text);
  const bodies = splitBody(body, { bytesMax: room, partsMax: PARTS_MAX, measure });
  const reply = event.kind === 'message' ? replyOf(channel, delivery, event) : null;
  const thread = delivery.thread === null ? null : channel.memory.threadOf(delivery.thread.root.id);
  const pieces = bodies.map((part, index): Piece => {
    const made = render(part, say);
    for (const feature of made.lost) lost.add(feature);
    const emote = event.style === 'emote' && label === null && index === 0;
    // `/me` must begin the body: no quote before it.
    const answering = index > 0 || reply === null ? null : emote ? { ...reply, quote: '' } : reply;
    const said = answering !== null && answering.id === '' ? answering.quote + made.text : made.text;
    return {
      text: emote ? `/me ${said}` : unacted(said),
      extras: {
        unstyled: made.unstyled,
        reply: answering === null || answering.id === '' ? null : answering,
        thread,
        references: referencesOf(channel, made),
      },
    };
  });
  return { pieces, lost: [...lost] };
}

/** Words that only look like an action (XEP-0245) are kept from being shown as one. */
const unacted = (text: string): string => (text.startsWith('/me ') ? JOINER + text : text);

/** Files in words, one on a line: there is no way for them to come along. */
function withFiles(body: Body, files: readonly Attachment[]): Body {
  if (files.length === 0) return body;
  const lines = files.map((file): Block => {
    const size = file.bytes === null ? '' : ` (${Math.ceil(file.bytes / 1024)} KiB)`;
    return { type: 'paragraph', children: [{ type: 'text', value: `📎 ${file.name}${size}` }] };
  });
  return { type: 'root', children: [...body.children, ...lines] };
}

/** `Anna (Agency): ` before the text, on a line of its own before what is no paragraph. */
function named(body: Body, label: string, emote: boolean): Body {
  const [first, ...rest] = body.children;
  const name: Inline = { type: 'text', value: emote ? `* ${label} ` : `${label}: ` };
  const children: Block[] =
    first?.type === 'paragraph'
      ? [{ type: 'paragraph', children: [name, ...first.children] }, ...rest]
      : [{ type: 'paragraph', children: [{ type: 'text', value: `${label}:` }] }, ...body.children];
  return { type: 'root', children };
}

/** The present nick of a person who is in this room, so that their client calls them; else the name. */
function mentionText(channel: Channel, mention: Mention): string {
  const { target, label } = mention;
  if (target.kind !== 'person') return `@${label}`;
  return channel.nickOf(target.network, target.person) ?? `@${label}`;
}

function referencesOf(channel: Channel, made: Rendered): Reference[] {
  return made.mentions.flatMap(({ text, mention }): Reference[] => {
    if (mention.target.kind !== 'person') return [];
    const nick = channel.nickOf(mention.target.network, mention.target.person);
    return nick === null ? [] : [{ text, occupant: `${channel.id}/${nick}` }];
  });
}

/** `id` empty: the message is not known here, or the room gives none, and only the quote is left. */
function replyOf(channel: Channel, delivery: Delivery, event: EventOf<'message'>): ReplyTo | null {
  const told = event.replyTo?.excerpt;
  const quoted = told === undefined ? '' : quoteOf(told.author, told.text);
  const target = delivery.replyTo;
  if (target === null || !channel.info.stanzaIds)
    return quoted === '' ? null : { id: '', to: null, quote: quoted };
  const known = channel.memory.excerpt(target.id);
  if (known === null) return { id: target.id, to: null, quote: quoted };
  return { id: target.id, to: known.occupant, quote: quoteOf(known.author, known.text) };
}
