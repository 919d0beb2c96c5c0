import {
  type ChannelId,
  EVENT_VERSION,
  type IncomingEvent,
  type IncomingOf,
  type MentionTarget,
  type NetworkId,
  nativeId,
  personId,
  type Signal,
} from '@brygga/event';
import { plainText } from '@brygga/text';
import { parse } from './parse.ts';
import type { TincanChange, TincanDeed, TincanMessage, TincanPerson, TincanSignal } from './world/types.ts';

/** Where changes come from. */
export interface Place {
  readonly network: NetworkId;
  readonly channel: ChannelId;
}

type Common = Pick<IncomingEvent, 'v' | 'origin' | 'sender' | 'sentAt' | 'hops'>;

/** The neutral event of a change. */
export function eventOf(change: TincanChange, place: Place): IncomingEvent {
  const { what } = change;
  switch (what.kind) {
    case 'message':
      return messageOf(change, what.message, place);
    case 'edit':
      return editOf(change, what, place);
    case 'remove':
      return { ...common(change, place, what.id, 'removed'), kind: 'delete', target: target(what.id) };
    case 'react': {
      const id = `${what.id}/${change.by.id}`;
      const emoji = what.emoji.map((one) => one.slice(0, 128)).slice(0, 64);
      const origin = common(change, place, id, String(change.seq));
      return { ...origin, kind: 'reaction', mode: 'set', emoji, target: target(what.id) };
    }
    case 'member':
      return memberOf(change, what, place);
    case 'name':
      return { ...common(change, place, `change/${change.seq}`), kind: 'channel', name: what.name };
    case 'topic':
      return { ...common(change, place, `change/${change.seq}`), kind: 'channel', topic: what.topic };
  }
}

const target = (id: string): { natives: [ReturnType<typeof nativeId>] } => ({ natives: [nativeId(id)] });

const sender = ({ id, label, kind }: TincanPerson): Common['sender'] => ({
  nativeId: personId(id),
  displayName: label.slice(0, 1024),
  kind,
});

const common = (change: TincanChange, { network, channel }: Place, id: string, revision = '1'): Common => ({
  v: EVENT_VERSION,
  origin: { network, channel, nativeId: nativeId(id), revision, aliases: [] },
  sender: sender(change.by),
  sentAt: change.at,
  hops: [...change.via],
});

type Content = Pick<IncomingOf<'message'>, 'body' | 'plain' | 'style' | 'mentions'>;

function contentOf(markup: string, style: TincanMessage['style'], { network }: Place): Content {
  const body = parse(markup, network);
  const mentions: MentionTarget[] = [];
  // Most text mentions nobody: only a body with an element can.
  if (markup.includes('{@')) collectMentions(body, mentions);
  return { body, plain: plainText(body), style, mentions };
}

function collectMentions(node: object, into: MentionTarget[]): void {
  if ('type' in node && node.type === 'mention' && 'target' in node) into.push(node.target as MentionTarget);
  if ('children' in node) for (const child of node.children as object[]) collectMentions(child, into);
}

function messageOf(change: TincanChange, message: TincanMessage, place: Place): IncomingOf<'message'> {
  const { id, text, style, files, replyTo, thread } = message;
  return {
    ...common(change, place, id),
    kind: 'message',
    ...contentOf(text, style, place),
    attachments: files.slice(0, 100).map(({ name, mediaType, bytes }, index) => ({
      name,
      mediaType,
      bytes,
      source: `${id}/${index}`,
    })),
    ...(replyTo === null ? {} : { replyTo: target(replyTo) }),
    ...(thread === null ? {} : { thread: target(thread) }),
  };
}

function editOf(
  change: TincanChange,
  { id, text, style, edits }: Extract<TincanDeed, { kind: 'edit' }>,
  place: Place,
): IncomingOf<'edit'> {
  const content = contentOf(text, style, place);
  return { ...common(change, place, id, `edit-${edits}`), kind: 'edit', target: target(id), ...content };
}

function memberOf(
  change: TincanChange,
  { change: what, person, before }: Extract<TincanDeed, { kind: 'member' }>,
  place: Place,
): IncomingOf<'membership'> {
  const subject = { nativeId: personId(person.id), displayName: person.label.slice(0, 1024) };
  return {
    ...common(change, place, `change/${change.seq}`),
    kind: 'membership',
    change: what,
    subject,
    ...(before === undefined ? {} : { before: before.slice(0, 1024) }),
  };
}

/** The neutral form of what passes by. */
export function signalOf(signal: TincanSignal, by: TincanPerson, place: Place, at: number): Signal {
  const about = { ...place, sender: sender(by), at };
  return signal.kind === 'typing'
    ? { ...about, kind: 'typing', active: signal.active }
    : { ...about, kind: 'read', target: target(signal.id) };
}
