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
import { mapInlines } from './tree.ts';
import { sizeWords, type Words } from './words.ts';

/**
 * What a link gets in place of the event. `hub`: the hub says it, not the sender. `beside`: what the sender says
 * besides, when the link carries a part of the event only. Null: nothing is left.
 */
export interface Degraded<Instead extends Event = Event> {
  readonly event: Instead;
  readonly hub: boolean;
  readonly lost: readonly Feature[];
  readonly beside?: EventOf<'message'>;
}

const text = (value: string): Inline => ({ type: 'text', value });
const paragraph = (...children: Inline[]): Block => ({ type: 'paragraph', children });

const carried = (grade: Grade): boolean => grade === 'full' || grade === 'partial';

type Message = EventOf<'message'>;
type Content = Pick<Message, 'body' | 'plain' | 'style' | 'mentions'>;

/** A message in place of an event that the link cannot carry as it is. Keeps the event's identity. */
function messageInstead(event: Event, content: Content, replyTo: Target | undefined): Message {
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

/**
 * Reads the out grades of one manifest and replaces what they do not carry. `feature` is what the event needs
 * first (a removal is the author's own or a moderator's); `who` is the name people see; `before` is what a person
 * who reacts had set on the message so far.
 */
export function degrade(
  event: Event,
  feature: Feature,
  manifest: Manifest,
  say: Words,
  who: string,
  before: readonly string[] = [],
): Degraded | null {
  const grade = manifest.features[feature].out;
  const instead = (message: Message, hub: boolean): Degraded | null =>
    grade === 'fallback' ? inWords({ event: message, hub, lost: [feature] }, manifest, say) : null;
  switch (event.kind) {
    case 'message':
      return degradeMessage(event, manifest, say);
    case 'edit':
      return carried(grade) ? degradeEdit(event, manifest) : instead(editInWords(event, say), false);
    case 'delete':
      if (carried(grade)) return { event, hub: false, lost: [] };
      return instead(messageInstead(event, words(say.removed, 'emote'), event.target), false);
    case 'reaction':
      return degradeReaction(event, manifest, say, before);
    case 'membership':
      if (carried(grade)) return { event, hub: false, lost: [] };
      return instead(notice(event, say.membership(event.change, who, event.before ?? null)), true);
    case 'channel':
      return degradeChannel(event, manifest, say, who);
  }
}

const notice = (event: Event, said: string): EventOf<'message'> =>
  messageInstead(event, words(said, 'notice'), undefined);

/** A message said in place of something has to fit the link like any other. */
function inWords(
  { event, hub, lost }: Degraded<Message>,
  manifest: Manifest,
  say: Words,
): Degraded<Message> | null {
  const fitted = degradeMessage(event, manifest, say);
  return fitted === null ? null : { event: fitted.event, hub, lost: [...lost, ...fitted.lost] };
}

/**
 * What comes late, with its time in words. They stand last: the parts of a long message that may be there already
 * are the same as before.
 */
export function withTime(event: Message, said: string): Message {
  const children = [...event.body.children, paragraph(text(said))];
  return { ...event, body: { type: 'root', children }, plain: `${event.plain}\n${said}` };
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

const isOfEmoji = (point: string): boolean =>
  /^(?:\p{Extended_Pictographic}|\p{Emoji}|\p{Emoji_Component}|\ufe0e)$/u.test(point);

/** Anything else is a name, as `:name:` is, or another word. Digits are of emoji too, but make none alone. */
const isEmoji = (emoji: string): boolean =>
  [...emoji].every(isOfEmoji) && /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(emoji);

const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((emoji) => other.includes(emoji));

/** Only what is new is told in words: the rest was when it was set. */
function degradeReaction(
  event: EventOf<'reaction'>,
  manifest: Manifest,
  say: Words,
  before: readonly string[],
): Degraded | null {
  const fresh = event.emoji.filter((emoji) => !before.includes(emoji));
  if (!carried(manifest.features.reaction.out)) return reacted(event, fresh, 'reaction', manifest, say);
  if (manifest.limits.reactions === 'any') return { event, hub: false, lost: [] };
  const custom = fresh.filter((emoji) => !isEmoji(emoji));
  const said = reacted(event, custom, 'customEmoji', manifest, say);
  const emoji = event.emoji.filter(isEmoji);
  if (isSameSet(emoji, before.filter(isEmoji))) return said;
  const taken = emoji.length === event.emoji.length ? event : { ...event, emoji };
  if (said !== null) return { event: taken, hub: false, lost: said.lost, beside: said.event };
  return { event: taken, hub: false, lost: custom.length > 0 ? ['customEmoji'] : [] };
}

/** What cannot be set is said, where the link has words for it. */
function reacted(
  event: EventOf<'reaction'>,
  emoji: readonly string[],
  feature: 'reaction' | 'customEmoji',
  manifest: Manifest,
  say: Words,
): Degraded<Message> | null {
  const grade = manifest.features[feature].out;
  if (emoji.length === 0 || grade === 'dropped' || grade === 'refused') return null;
  const said = messageInstead(event, words(say.reacted(emoji), 'emote'), event.target);
  return inWords({ event: said, hub: false, lost: [feature] }, manifest, say);
}

/** One event may hold a name and a topic: what the link carries goes as it is, else what it can is said. */
function degradeChannel(
  event: EventOf<'channel'>,
  manifest: Manifest,
  say: Words,
  who: string,
): Degraded | null {
  const { name, topic, ...rest } = event;
  const gradeOf = (feature: Feature): Grade => manifest.features[feature].out;
  const present: Feature[] = [];
  if (name !== undefined) present.push('channelName');
  if (topic !== undefined) present.push('channelTopic');
  const lost = present.filter((feature) => !carried(gradeOf(feature)));
  if (lost.length === 0) return { event, hub: false, lost };
  if (lost.length < present.length) {
    const kept = lost.includes('channelName') ? { topic } : { name };
    return { event: { ...rest, ...kept }, hub: false, lost };
  }
  const said = present
    .filter((feature) => gradeOf(feature) === 'fallback')
    .map((feature) => (feature === 'channelName' ? say.name(who, name ?? '') : say.topic(who, topic ?? '')));
  if (said.length === 0) return null;
  return inWords({ event: notice(event, said.join('\n')), hub: true, lost }, manifest, say);
}

type MessageStep = (
  event: EventOf<'message'>,
  manifest: Manifest,
  say: Words,
  lost: Feature[],
) => EventOf<'message'>;

const steps: readonly MessageStep[] = [
  attachmentsInWords,
  threadAsReply,
  (event, manifest, _say, lost) => plainStyle(event, manifest, lost),
  replyAsQuote,
];

function degradeMessage(event: Message, manifest: Manifest, say: Words): Degraded<Message> | null {
  if (manifest.features.message.out === 'dropped') return null;
  const lost: Feature[] = [];
  const result = steps.reduce((message, step) => step(message, manifest, say, lost), event);
  return { event: result, hub: false, lost };
}

function degradeEdit(event: EventOf<'edit'>, manifest: Manifest): Degraded {
  const lost: Feature[] = [];
  return { event: plainStyle(event, manifest, lost), hub: false, lost };
}

function attachmentsInWords(...[event, manifest, say, lost]: Parameters<MessageStep>): EventOf<'message'> {
  if (event.attachments.length === 0 || carried(manifest.features.attachment.out)) return event;
  lost.push('attachment');
  const lines = event.attachments.map((file) => say.file(file.name, sizeWords(file.bytes)));
  const body: Body = {
    type: 'root',
    children: [
      ...mapInlines(event.body, (node) => (node.type === 'image' ? text(node.alt) : node)).children,
      ...lines.map((line) => paragraph(text(line))),
    ],
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

/** An emote without its style keeps the star that people know it by. */
function plainStyle<Said extends EventOf<'message' | 'edit'>>(
  event: Said,
  manifest: Manifest,
  lost: Feature[],
): Said {
  if (event.style === 'text' || carried(manifest.features[event.style].out)) return event;
  lost.push(event.style);
  if (event.style === 'notice') return { ...event, style: 'text' };
  const [first, ...others] = event.body.children;
  const star = text('* ');
  const children =
    first?.type === 'paragraph'
      ? [{ ...first, children: [star, ...first.children] }, ...others]
      : [paragraph(star), ...event.body.children];
  return { ...event, style: 'text', body: { type: 'root', children }, plain: `* ${event.plain}` };
}
