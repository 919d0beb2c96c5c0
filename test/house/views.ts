import type { SeenEvent } from './matrix-user.ts';
import type { SeenPost } from './mattermost-user.ts';
import type { Element } from './xmpp-people.ts';

/** One message as people in a room see it in the end. */
export interface SeenMessage {
  /** The native id by which the side itself knows it. */
  readonly id: string;
  readonly sender: string;
  text: string;
  deleted: boolean;
  edited: boolean;
  /** Native id of the message it answers. */
  readonly replyTo: string | null;
  /** What the messages of one thread have in common: the native id of its root, but on XMPP a name. */
  readonly thread: string | null;
  /** Emoji to the people who chose it. */
  readonly reactions: Map<string, Set<string>>;
}

const message = (
  said: Pick<SeenMessage, 'id' | 'sender' | 'text'> & Partial<Pick<SeenMessage, 'replyTo' | 'thread'>>,
): SeenMessage => ({
  deleted: false,
  edited: false,
  replyTo: null,
  thread: null,
  reactions: new Map(),
  ...said,
});

function react(target: SeenMessage | undefined, emoji: string, person: string): void {
  if (target === undefined) return;
  const people = target.reactions.get(emoji) ?? new Set<string>();
  people.add(person);
  target.reactions.set(emoji, people);
}

interface Relation {
  readonly rel_type?: string;
  readonly event_id?: string;
  readonly key?: string;
  readonly 'm.in_reply_to'?: { readonly event_id?: string };
}

/** What a Matrix timeline (oldest first) shows: edits by the sender applied, redactions honoured. */
export function seenOnMatrix(timeline: readonly SeenEvent[]): SeenMessage[] {
  const messages = new Map<string, SeenMessage>();
  for (const event of timeline) {
    const relation = event.content['m.relates_to'] as Relation | undefined;
    const gone = event.unsigned?.redacted_because !== undefined;
    const target = messages.get(relation?.event_id ?? '');
    if (event.type === 'm.reaction' && !gone) react(target, relation?.key ?? '', event.sender);
    if (event.type !== 'm.room.message') continue;
    if (relation?.rel_type === 'm.replace') {
      if (target !== undefined && target.sender === event.sender && !gone) {
        target.text = String((event.content['m.new_content'] as { body?: string } | undefined)?.body ?? '');
        target.edited = true;
      }
      continue;
    }
    const seen = message({
      id: event.event_id,
      sender: event.sender,
      text: String(event.content.body ?? ''),
      replyTo: relation?.['m.in_reply_to']?.event_id ?? null,
      thread: relation?.rel_type === 'm.thread' ? (relation.event_id ?? null) : null,
    });
    seen.deleted = gone || event.content.body === undefined;
    messages.set(seen.id, seen);
  }
  return [...messages.values()];
}

const REPLY = 'urn:xmpp:reply:0';

/** Text without the quote that stands in for a reply (XEP-0461, XEP-0428: ranges in code points). */
export function ownText(stanza: Element): string {
  const body = stanza.getChildText('body') ?? '';
  const fallback = stanza.getChildren('fallback').find((one) => one.attrs.for === REPLY);
  const range = fallback?.getChild('body')?.attrs as { start?: string; end?: string } | undefined;
  if (range?.end === undefined) return body;
  const points = [...body];
  points.splice(Number(range.start ?? 0), Number(range.end) - Number(range.start ?? 0));
  return points.join('');
}

/** What a room's archive (XEP-0313 results, oldest first) shows. */
export function seenOnXmpp(archive: readonly Element[]): SeenMessage[] {
  const messages = new Map<string, SeenMessage>();
  const byOwnId = new Map<string, SeenMessage>();
  for (const item of archive) {
    const result = item.getChild('result', 'urn:xmpp:mam:2');
    const stanza = result?.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message');
    const id = result?.attrs.id as string | undefined;
    if (stanza === undefined || id === undefined) continue;
    const sender = String(stanza.attrs.from);
    const own = `${sender} ${stanza.attrs.id}`;
    const retract = stanza.getChild('retract', 'urn:xmpp:message-retract:1');
    const reactions = stanza.getChild('reactions', 'urn:xmpp:reactions:0');
    const replace = stanza.getChild('replace', 'urn:xmpp:message-correct:0');
    if (retract !== undefined) gone(messages.get(String(retract.attrs.id)));
    else if (reactions !== undefined) reset(messages.get(String(reactions.attrs.id)), sender, reactions);
    else if (replace !== undefined) corrected(byOwnId.get(`${sender} ${replace.attrs.id}`), ownText(stanza));
    else if (stanza.getChild('retracted') !== undefined || stanza.getChild('body') !== undefined) {
      const reply = stanza.getChild('reply', REPLY)?.attrs.id as string | undefined;
      const thread = stanza.getChildText('thread');
      const seen = message({ id, sender, text: ownText(stanza), replyTo: reply ?? null, thread });
      messages.set(id, seen);
      byOwnId.set(own, seen);
      if (stanza.getChild('body') === undefined) gone(seen);
    }
  }
  return [...messages.values()];
}

function gone(target: SeenMessage | undefined): void {
  if (target !== undefined) target.deleted = true;
}

function corrected(target: SeenMessage | undefined, text: string): void {
  if (target === undefined) return;
  target.text = text;
  target.edited = true;
}

/** XEP-0444: the whole set of that person. */
function reset(target: SeenMessage | undefined, person: string, reactions: Element): void {
  if (target === undefined) return;
  for (const people of target.reactions.values()) people.delete(person);
  for (const one of reactions.getChildren('reaction')) react(target, one.text(), person);
}

/** How the bridge names people in the text, and what it puts between letters that would mean something there. */
const NAME_LINE = /^\*\*(.+?)\*\*: /;
const UNSEEN = /\u200b/g;
/** In place of a removed message that has answers. */
const EMPTIED: ReadonlySet<string> = new Set(['_(removed)_', '_(borttaget)_']);
const NAMED: Readonly<Record<string, string>> = { '+1': '👍', tada: '🎉', heart: '❤️', grinning: '😀' };

/** What a channel's history (oldest first) shows. `sender`: the account, or whose name the bot's post has. */
export function seenOnMattermost(posts: readonly SeenPost[], bot: string): SeenMessage[] {
  return posts
    .filter(({ type }) => !type.startsWith('system_'))
    .map((post) => {
      const ours = post.user_id === bot;
      const name = ours ? (post.props.override_username ?? NAME_LINE.exec(post.message)?.[1] ?? bot) : null;
      const seen = message({
        id: post.id,
        sender: name === null ? post.user_id : String(name),
        text: ours ? post.message.replace(NAME_LINE, '').replace(UNSEEN, '') : post.message,
        thread: post.root_id === '' ? null : post.root_id,
      });
      seen.edited = post.edit_at > 0;
      seen.deleted = ours && EMPTIED.has(post.message);
      for (const { emoji_name, user_id } of post.metadata?.reactions ?? [])
        react(seen, NAMED[emoji_name] ?? `:${emoji_name}:`, user_id);
      return seen;
    });
}

/**
 * In what a network's answers are told: which message they answer, which message their thread hangs on, or only that they
 * are of one thread.
 */
export type Answers = 'message' | 'root' | 'thread';

/** A message in a form that both sides can be compared in: no ids, no names. */
export interface Comparable {
  readonly text: string;
  /** Text of the message it answers, as far as `Answers` goes; null for one that is removed, or for none. */
  readonly replyTo: string | null;
  /** `👍×2 🎉×1`, in order of the emoji. */
  readonly reactions: string;
}

/**
 * The messages of those senders that are still to be seen, in their order. Removed ones are left out: one that
 * was removed while nobody looked never crosses, and need not.
 */
export function comparable(
  messages: readonly SeenMessage[],
  mine: (sender: string) => boolean,
  answers: Answers = 'message',
): Comparable[] {
  const shown = messages.filter(({ sender, deleted }) => mine(sender) && !deleted);
  const byId = new Map(messages.map((seen) => [seen.id, seen]));
  return shown.map((seen) => {
    const target =
      answers === 'thread'
        ? shown.find(({ thread }) => thread !== null && thread === seen.thread)
        : byId.get((answers === 'message' ? seen.replyTo : (seen.thread ?? seen.replyTo)) ?? '');
    const replyTo = target === undefined || target.deleted ? null : target.text;
    return { text: seen.text, replyTo, reactions: reactionsOf(seen) };
  });
}

function reactionsOf({ reactions }: SeenMessage): string {
  return [...reactions]
    .flatMap(([emoji, people]) =>
      people.size === 0 ? [] : [`${emoji.replace(/\ufe0f/g, '')}×${people.size}`],
    )
    .sort()
    .join(' ');
}
