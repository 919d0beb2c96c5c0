import {
  type ChannelId,
  type IncomingEventInput,
  type NetworkId,
  nativeId,
  personId,
  type Target,
} from '@brygga/event';
import { clip, safeText } from '@brygga/text';
import { MARKER } from './content.ts';
import { isOurs, localpartOf, versionId } from './ids.ts';
import {
  field,
  isJson,
  isRedacted,
  type Json,
  listField,
  type MatrixEvent,
  redacts,
  relationOf,
  replacedState,
  textField,
} from './native.ts';
import { type ParseSpace, parseContent } from './parse.ts';
import type { RoomState } from './room-state.ts';

/** What turning native events into ours needs to know. Pure: looked up beforehand. */
export interface IntakeSpace extends Omit<ParseSpace, 'nameOf'> {
  readonly network: NetworkId;
  readonly channel: ChannelId;
  readonly ghostPrefix: string;
  readonly serverName: string;
  readonly ignored: readonly RegExp[];
  readonly state: RoomState;
}

type Common = Omit<Extract<IncomingEventInput, { kind: 'delete' }>, 'kind' | 'target'>;

/**
 * One native event as the hub's; null for what is not carried: our own, ignored senders', redacted ones (the
 * redaction is an event of its own), and kinds that mean nothing elsewhere. Decided by sender, never by event id:
 * our own events may come back before the call that sent them.
 */
export function intake(event: MatrixEvent, space: IntakeSpace): IncomingEventInput | null {
  if (isOurs(space, event.sender) || space.ignored.some((regex) => regex.test(event.sender))) return null;
  if (event.type === 'm.room.redaction') return redaction(event, space);
  if (isRedacted(event)) return null;
  if (event.state_key !== undefined) return stateChange(event, space);
  switch (event.type) {
    case 'm.room.message':
    case 'm.sticker':
    case 'm.poll.start':
    case 'org.matrix.msc3381.poll.start':
      return relationOf(event.content)?.type === 'm.replace' ? edit(event, space) : message(event, space);
    case 'm.reaction':
      return reaction(event, space);
    default:
      return null;
  }
}

const nameOf = (space: IntakeSpace, userId: string): string =>
  clip(space.state.member(userId)?.displayName ?? localpartOf(userId), 250);

function common(event: MatrixEvent, space: IntakeSpace, kind: 'person' | 'moderator' = 'person'): Common {
  return {
    v: 1,
    origin: { network: space.network, channel: space.channel, nativeId: nativeId(event.event_id) },
    sender: { nativeId: personId(event.sender), displayName: nameOf(space, event.sender), kind },
    sentAt: Math.max(0, Math.floor(event.origin_server_ts)),
    hops: hopsOf(event.content),
  };
}

const HOPS_MAX = 16;

/** Which hubs an event has passed, by the marker of a hub that wrote it. */
function hopsOf(content: Json): string[] {
  const hops = listField(field(content, MARKER), 'hops');
  return hops
    .filter((hop) => typeof hop === 'string')
    .filter((hop) => hop.length > 0 && hop.length <= 128)
    .slice(0, HOPS_MAX);
}

const parseSpace = (space: IntakeSpace): ParseSpace => ({
  network: space.network,
  ghostOf: space.ghostOf,
  nameOf: (userId) => nameOf(space, userId),
});

function message(event: MatrixEvent, space: IntakeSpace): IncomingEventInput | null {
  const parsed = parseContent(event.type, event.content, parseSpace(space));
  if (parsed === null) return null;
  const { excerpt, ...content } = parsed;
  const relation = relationOf(event.content);
  const root = relation?.type === 'm.thread' ? relation.event : undefined;
  const answered = root !== undefined && relation?.isFallingBack === true ? undefined : relation?.inReplyTo;
  const replyTo = answeredTarget(answered);
  const thread = targetOf(root);
  return {
    ...common(event, space),
    kind: 'message',
    ...content,
    ...(replyTo === null ? {} : { replyTo: excerpt === null ? replyTo : { ...replyTo, excerpt } }),
    ...(thread === null ? {} : { thread }),
  };
}

/** An event id of a relation: anybody may have written anything there. */
function targetOf(eventId: string | undefined): Target | null {
  if (eventId === undefined || eventId === '' || eventId.length > 255) return null;
  return { natives: [nativeId(eventId)] };
}

/** What an answer or a reaction is about: maybe one of our replacements, which some clients name in place of the first. */
function answeredTarget(eventId: string | undefined): Target | null {
  const target = targetOf(eventId);
  if (target === null || eventId === undefined) return null;
  return { natives: [...target.natives, versionId(eventId)] };
}

/** Only `m.new_content` counts; the outer text is for old clients. */
function edit(event: MatrixEvent, space: IntakeSpace): IncomingEventInput | null {
  const target = targetOf(relationOf(event.content)?.event);
  const fresh = field(event.content, 'm.new_content');
  if (target === null || !isJson(fresh)) return null;
  const parsed = parseContent(event.type, fresh, parseSpace(space));
  if (parsed === null) return null;
  const { excerpt: _, attachments: __, ...content } = parsed;
  return { ...common(event, space), kind: 'edit', target, ...content };
}

function reaction(event: MatrixEvent, space: IntakeSpace): IncomingEventInput | null {
  const relation = relationOf(event.content);
  const target = answeredTarget(relation?.event);
  const emoji = emojiOf(relation?.key, event.content);
  if (relation?.type !== 'm.annotation' || target === null || emoji === null) return null;
  return { ...common(event, space), kind: 'reaction', target, mode: 'add', emoji: [emoji] };
}

const KEY_MAX = 128;
const SHORTCODE_MAX = 60;
/** A picture that says no name of itself. */
const NAMELESS = 'picture';

/** A picture as a reaction carries its name beside it (MSC4027). */
function emojiOf(key: string | undefined, content: Json): string | null {
  if (key === undefined) return null;
  if (key.startsWith('mxc://')) return `:${pictureName(content)}:`;
  const shown = safeText(key.slice(0, 2 * KEY_MAX))
    .replace(/\s+/g, ' ')
    .trim();
  return shown === '' || shown.length > KEY_MAX ? null : shown;
}

/** What cannot be seen, and what the name stands between. */
const UNSEEN = /(?!\ufe0f)[\p{C}\p{Default_Ignorable_Code_Point}\u2800:]/gu;

/** Anybody may have written anything there: one short word of what can be seen is left of it. */
function pictureName(content: Json): string {
  const said = textField(content, 'shortcode') ?? textField(content, 'com.beeper.reaction.shortcode') ?? '';
  const seen = said.slice(0, 1024).replace(UNSEEN, ' ').trim();
  const letters = [...seen.replace(/\s+/g, '_')];
  if (letters.length === 0) return NAMELESS;
  return letters.length <= SHORTCODE_MAX
    ? letters.join('')
    : `${letters.slice(0, SHORTCODE_MAX - 1).join('')}…`;
}

/** Who may redact others' messages is a moderator; whose message it is only the hub knows. */
function redaction(event: MatrixEvent, space: IntakeSpace): IncomingEventInput | null {
  const target = targetOf(redacts(event));
  if (target === null) return null;
  const { state } = space;
  const kind = state.levelOf(event.sender) >= state.levelFor('redact') ? 'moderator' : 'person';
  return { ...common(event, space, kind), kind: 'delete', target };
}

function stateChange(event: MatrixEvent, space: IntakeSpace): IncomingEventInput | null {
  if (event.type === 'm.room.member') return membership(event, space);
  if (event.state_key !== '') return null;
  if (event.type === 'm.room.name') {
    const name = textField(event.content, 'name');
    return { ...common(event, space), kind: 'channel', name: clip(name ?? '', 1000) };
  }
  if (event.type === 'm.room.topic') {
    const topic = textField(event.content, 'topic');
    return { ...common(event, space), kind: 'channel', topic: clip(topic ?? '', 16_000) };
  }
  return null;
}

type Change = 'join' | 'leave' | 'kick' | 'ban' | 'rename';

function membership(event: MatrixEvent, space: IntakeSpace): IncomingEventInput | null {
  const user = event.state_key ?? '';
  if (!/^@[^\s]{1,254}$/.test(user) || isOurs(space, user)) return null;
  const before = beforeOf(event, space);
  const change = changeOf(event, before);
  if (change === null) return null;
  // Who leaves is called as they were.
  const named =
    change === 'join' || change === 'rename' ? textField(event.content, 'displayname') : before.name;
  const displayName = clip(named ?? localpartOf(user), 250);
  const own = event.sender === user;
  const base = common(event, space, own ? 'person' : 'moderator');
  return {
    ...base,
    // What is known of the room does not say the new name yet.
    ...(own ? { sender: { ...base.sender, displayName } } : {}),
    kind: 'membership',
    change,
    subject: { nativeId: personId(user), displayName },
    ...(change === 'rename' ? { before: clip(before.name ?? localpartOf(user), 250) } : {}),
  };
}

interface Before {
  readonly membership: string;
  readonly name: string | undefined;
}

/**
 * What was before, as the homeserver says it. When it says nothing, not even that a state was replaced, this is the
 * person's first. What we know of the room comes last: it may be newer than the event.
 */
function beforeOf(event: MatrixEvent, space: IntakeSpace): Before {
  const previous = field(event.unsigned, 'prev_content');
  if (isJson(previous)) {
    const membership = textField(previous, 'membership') ?? 'leave';
    return { membership, name: textField(previous, 'displayname') };
  }
  const isFirst = textField(event.content, 'membership') === 'join' && replacedState(event) === undefined;
  const known = isFirst ? undefined : space.state.member(event.state_key ?? '');
  return { membership: known?.membership ?? 'leave', name: known?.displayName ?? undefined };
}

function changeOf(event: MatrixEvent, before: Before): Change | null {
  const wasIn = before.membership === 'join';
  switch (textField(event.content, 'membership')) {
    case 'join':
      if (!wasIn) return 'join';
      return textField(event.content, 'displayname') === before.name ? null : 'rename';
    case 'leave':
      if (!wasIn) return null;
      return event.sender === event.state_key ? 'leave' : 'kick';
    case 'ban':
      return wasIn ? 'ban' : null;
    default:
      return null;
  }
}
