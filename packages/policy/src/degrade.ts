import type { Feature, Grade, Manifest } from '@brygga/contract';
import {
  type Block,
  type Body,
  type Event,
  type EventOf,
  type Inline,
  plainBody,
  type Target,
} from '@brygga/event';
import { sizeWords, type Words } from './words.ts';

/** What a link gets in place of the event. `hub`: the hub says it, not the sender. Null: nothing is left. */
export interface Degraded {
  readonly event: Event;
  readonly hub: boolean;
  readonly lost: readonly Feature[];
}

const text = (value: string): Inline => ({ type: 'text', value });
const paragraph = (...children: Inline[]): Block => ({ type: 'paragraph', children });

const carried = (grade: Grade): boolean => grade === 'full' || grade === 'partial';

type Content = Pick<EventOf<'message'>, 'body' | 'plain' | 'style' | 'mentions'>;

/** A message in place of an event that the link cannot carry as it is. Keeps the event's identity. */
function messageInstead(event: Event, content: Content, replyTo: Target | undefined): EventOf<'message'> {
  const { v, id, origin, sender, sentAt, acceptedAt, hops } = event;
  const common = { v, id, origin, sender, sentAt, acceptedAt, hops };
  return {
    ...common,
    kind: 'message',
    ...content,
    attachments: [],
    ...(replyTo === undefined ? {} : { replyTo }),
  };
}

const words = (value: string, style: Content['style'] = 'text'): Content => ({
  body: plainBody(value),
  plain: value,
  style,
  mentions: [],
});

/** Reads the out grades of one manifest and replaces what they do not carry. */
export function degrade(event: Event, manifest: Manifest, say: Words, who: string): Degraded | null {
  switch (event.kind) {
    case 'message':
      return degradeMessage(event, manifest, say);
    case 'edit':
      return otherwise(event, ['edit'], manifest, () => editInWords(event, say));
    case 'delete':
      return otherwise(event, ['deleteOwn'], manifest, () =>
        messageInstead(event, words(say.removed, 'emote'), event.target),
      );
    case 'reaction':
      return degradeReaction(event, manifest, say);
    case 'membership':
      return otherwise(event, ['membership'], manifest, () => {
        const said = say.membership(event.change, who, event.before ?? null);
        return messageInstead(event, words(said, 'notice'), undefined);
      });
    case 'channel':
      return degradeChannel(event, manifest, say, who);
  }
}

function otherwise(
  event: Event,
  [feature]: readonly [Feature],
  manifest: Manifest,
  instead: () => EventOf<'message'>,
): Degraded | null {
  const grade = manifest.features[feature].out;
  if (carried(grade)) return { event, hub: false, lost: [] };
  if (grade !== 'fallback') return null;
  const hub = event.kind === 'membership' || event.kind === 'channel';
  return { event: instead(), hub, lost: [feature] };
}

/** An edit said as a new message. */
export function editInWords(event: EventOf<'edit'>, say: Words): EventOf<'message'> {
  const body: Body = { type: 'root', children: [paragraph(text(say.edited)), ...event.body.children] };
  const content = {
    body,
    plain: `${say.edited}\n${event.plain}`,
    style: event.style,
    mentions: event.mentions,
  };
  return messageInstead(event, content, event.target);
}

function degradeReaction(event: EventOf<'reaction'>, manifest: Manifest, say: Words): Degraded | null {
  const unicode = event.emoji.filter((emoji) => !/^:[^:\s]+:$/.test(emoji));
  const custom = manifest.limits.reactions === 'unicode' && unicode.length < event.emoji.length;
  const taken = custom ? { ...event, emoji: unicode } : event;
  const lost: Feature[] = custom ? ['customEmoji'] : [];
  const grade = manifest.features.reaction.out;
  if (carried(grade)) return { event: taken, hub: false, lost };
  if (grade !== 'fallback' || event.emoji.length === 0) return null;
  const said = messageInstead(event, words(say.reacted(event.emoji), 'emote'), event.target);
  return { event: said, hub: false, lost: ['reaction'] };
}

function degradeChannel(
  event: EventOf<'channel'>,
  manifest: Manifest,
  say: Words,
  who: string,
): Degraded | null {
  const feature: Feature = event.topic === undefined ? 'channelName' : 'channelTopic';
  return otherwise(event, [feature], manifest, () => {
    const said = event.topic === undefined ? say.name(who, event.name ?? '') : say.topic(who, event.topic);
    return messageInstead(event, words(said, 'notice'), undefined);
  });
}

type MessageStep = (
  event: EventOf<'message'>,
  manifest: Manifest,
  say: Words,
  lost: Feature[],
) => EventOf<'message'>;

const steps: readonly MessageStep[] = [attachmentsInWords, threadAsReply, replyAsQuote, plainStyle];

function degradeMessage(event: EventOf<'message'>, manifest: Manifest, say: Words): Degraded {
  const lost: Feature[] = [];
  const result = steps.reduce((message, step) => step(message, manifest, say, lost), event);
  return { event: result, hub: false, lost };
}

function attachmentsInWords(...[event, manifest, say, lost]: Parameters<MessageStep>): EventOf<'message'> {
  if (event.attachments.length === 0 || carried(manifest.features.attachment.out)) return event;
  lost.push('attachment');
  const lines = event.attachments.map((file) => say.file(file.name, sizeWords(file.bytes)));
  const body: Body = {
    type: 'root',
    children: [...event.body.children, ...lines.map((line) => paragraph(text(line)))],
  };
  const plain = [...(event.plain === '' ? [] : [event.plain]), ...lines].join('\n');
  return { ...event, attachments: [], body, plain };
}

function threadAsReply(...[event, manifest, , lost]: Parameters<MessageStep>): EventOf<'message'> {
  const grade = manifest.features.thread.out;
  if (event.thread === undefined || carried(grade)) return event;
  lost.push('thread');
  const { thread, ...rest } = event;
  return grade === 'fallback' ? { ...rest, replyTo: event.replyTo ?? thread } : rest;
}

function replyAsQuote(...[event, manifest, , lost]: Parameters<MessageStep>): EventOf<'message'> {
  const grade = manifest.features.reply.out;
  if (event.replyTo === undefined || carried(grade)) return event;
  lost.push('reply');
  const { replyTo, ...rest } = event;
  const excerpt = replyTo.excerpt;
  if (grade !== 'fallback' || excerpt === undefined) return rest;
  const quoted = `${excerpt.author}: ${excerpt.text}`;
  const quote: Block = { type: 'blockquote', children: [paragraph(text(quoted))] };
  return {
    ...rest,
    body: { type: 'root', children: [quote, ...rest.body.children] },
    plain: `> ${quoted}\n${rest.plain}`,
  };
}

function plainStyle(...[event, manifest, , lost]: Parameters<MessageStep>): EventOf<'message'> {
  if (event.style === 'text' || carried(manifest.features[event.style].out)) return event;
  lost.push(event.style);
  if (event.style === 'notice') return { ...event, style: 'text' };
  const children = [paragraph(text('* ')), ...event.body.children];
  return { ...event, style: 'text', body: { type: 'root', children }, plain: `* ${event.plain}` };
}
