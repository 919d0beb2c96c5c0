import { type NativeId, nativeId } from '@brygga/event';
import type { SeenMessage } from '@brygga/testkit';
import { attribute, type Element, NS } from '../../src/stanza.ts';
import { styledBlocks } from '../../src/styling.ts';
import { nickOf, stanzaIdOf } from './natives.ts';

interface Shown {
  ids: NativeId[];
  from: string;
  author: string;
  text: string;
  features: string[];
  edited: boolean;
  deleted: boolean;
  reactions: Map<string, string[]>;
  replyTo: NativeId | null;
  thread: string | null;
}

/** What a client that knows corrections, retractions, reactions, replies and styling shows of a room. */
export function shown(messages: readonly Element[]): SeenMessage[] {
  const all: Shown[] = [];
  const threads = new Map<string, NativeId>();
  const find = (id: string): Shown | undefined => all.find((one) => one.ids.some((other) => other === id));
  for (const message of messages) apply(message, all, find, threads);
  return all.map(({ from: _, reactions, thread, ...one }) => ({
    ...one,
    reactions: byEmoji(reactions),
    thread: thread === null ? null : (threads.get(thread) ?? named(thread)),
  }));
}

/** Threads begun elsewhere carry their root in the open. */
const named = (thread: string): NativeId => nativeId(thread.replace(/^brygga:/, ''));

function apply(
  message: Element,
  all: Shown[],
  find: (id: string) => Shown | undefined,
  threads: Map<string, NativeId>,
): void {
  const retract = message.getChild('retract', NS.retract);
  const reactions = message.getChild('reactions', NS.reactions);
  const body = message.getChildText('body');
  if (retract !== undefined) {
    const gone = find(attribute(retract, 'id'));
    const moderated = !attribute(message, 'from').includes('/');
    if (gone !== undefined && (moderated || gone.from === attribute(message, 'from'))) gone.deleted = true;
  } else if (reactions !== undefined) {
    const set = reactions.getChildren('reaction').map((one) => one.getText());
    find(attribute(reactions, 'id'))?.reactions.set(nickOf(message), set);
  } else if (body !== null) said(message, body, all, find, threads);
}

function said(
  message: Element,
  body: string,
  all: Shown[],
  find: (id: string) => Shown | undefined,
  threads: Map<string, NativeId>,
): void {
  const { text, features } = read(message, body);
  const replace = message.getChild('replace', NS.replace);
  const old = replace === undefined ? undefined : find(attribute(replace, 'id'));
  if (old !== undefined && old.from === attribute(message, 'from')) {
    Object.assign(old, { text, features, edited: true });
    return;
  }
  const id = nativeId(stanzaIdOf(message));
  const thread = message.getChildText('thread');
  const own = thread !== null && !threads.has(thread) && !thread.startsWith('brygga:');
  if (own) threads.set(thread, id);
  const replyTo = attribute(message.getChild('reply', NS.reply), 'id');
  all.push({
    ids: [id, nativeId(attribute(message, 'id'))],
    from: attribute(message, 'from'),
    author: nickOf(message),
    text,
    features,
    edited: false,
    deleted: false,
    reactions: new Map(),
    replyTo: replyTo === '' ? null : nativeId(replyTo),
    thread: own ? null : thread,
  });
}

/** The words without fallback and marks, and the formatting a client shows. */
function read(message: Element, body: string): { text: string; features: string[] } {
  const range = message.getChild('fallback', NS.fallback)?.getChild('body');
  const points = [...body];
  const start = Number(attribute(range, 'start'));
  const end = Number(attribute(range, 'end'));
  const text = range === undefined ? body : points.slice(0, start).concat(points.slice(end)).join('');
  const mentions = message.getChildren('reference', NS.reference).map(() => 'mentionPerson');
  if (message.getChild('unstyled', NS.styling) !== undefined) return { text, features: mentions };
  const found = new Set<string>(mentions);
  return { text: words(styledBlocks(text), found).replace(/^\u2060?(?:\/me )?/, ''), features: [...found] };
}

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}
const FEATURES: Readonly<Record<string, string>> = {
  strong: 'strong',
  emphasis: 'emphasis',
  delete: 'strike',
  inlineCode: 'inlineCode',
  code: 'codeBlock',
  blockquote: 'quote',
};

function words(nodes: readonly Node[], found: Set<string>): string {
  return nodes
    .map((node) => {
      const feature = FEATURES[node.type];
      if (feature !== undefined) found.add(feature);
      if (node.type === 'break') return '\n';
      const text = node.value ?? words(node.children ?? [], found);
      return ['paragraph', 'code', 'blockquote'].includes(node.type) ? `${text}\n` : text;
    })
    .join('')
    .trimEnd();
}

function byEmoji(reactions: ReadonlyMap<string, readonly string[]>): Record<string, string[]> {
  const out: Record<string, string[]> = {};
  for (const [nick, emoji] of reactions) for (const one of emoji) out[one] = [...(out[one] ?? []), nick];
  return out;
}
