import { createHash } from 'node:crypto';
import { type ChannelId, type IncomingEventInput, nativeId, personId, type Target } from '@brygga/event';
import { bodyFromMarkdown, clip, plainText } from '@brygga/text';
import { emojiOf } from './emoji.ts';
import { deletionId, isId, markerOf, reactionId, unreactionId } from './ids.ts';
import { type Post, type Reaction, textField } from './native.ts';
import { type ParseSpace, parsePost } from './parse.ts';

/** What turning posts into events needs to know. Pure: looked up beforehand. */
export interface IntakeSpace extends ParseSpace {
  readonly channel: ChannelId;
  /** Whether that account is one of ours: what it writes is no news. */
  isOurs(user: string): boolean;
  isBot(user: string): boolean;
  nameOf(user: string): string;
  /** User names of bots and bridges whose posts are not carried. */
  isIgnored(user: string): boolean;
}

type Common = Omit<Extract<IncomingEventInput, { kind: 'delete' }>, 'kind' | 'target'>;
type Kind = 'person' | 'bot' | 'moderator';

/** Posts in which people say something; `slack_attachment` has what a webhook attached. */
const SAID: ReadonlySet<string> = new Set(['', 'me', 'slack_attachment']);

/**
 * A post as the hub's event; null for what is not carried: our own, ignored accounts', rows of an edit's history, and types
 * that mean nothing elsewhere (`model/post.go`). Our own are known by the account, never by the answer to our request: the
 * event comes first.
 */
export function postEvent(post: Post, space: IntakeSpace): IncomingEventInput | null {
  if (isSkipped(post, space)) return null;
  if (post.type.startsWith('system_')) return systemEvent(post, space);
  const said = isSaid(post) ? parsePost(post, space) : null;
  if (said === null) return null;
  const thread = post.root_id === '' ? {} : { thread: targetOf(post.root_id) };
  return { ...common(post, space), kind: 'message', ...said, ...thread };
}

/** The new text of a post that its author has edited; null when it is not carried, or was not edited. */
export function editEvent(post: Post, space: IntakeSpace): IncomingEventInput | null {
  if (isSkipped(post, space) || !isSaid(post) || post.edit_at === 0) return null;
  const said = parsePost(post, space);
  if (said === null) return null;
  const { attachments: _, ...content } = said;
  const base = common(post, space);
  const origin = { ...base.origin, revision: revisionOf(post) };
  return { ...base, origin, kind: 'edit', target: targetOf(post.id), ...content };
}

/** Two edits may be of one millisecond: the text tells them apart. */
export const revisionOf = ({ edit_at, message }: Post): string =>
  `${edit_at}-${createHash('sha256').update(message).digest('base64url').slice(0, 8)}`;

/**
 * That a post is gone. Who removed it is not said to ordinary accounts: of people's own posts it is taken to be the
 * author, of what we wrote somebody who may.
 */
export function deletionEvent(post: Post, space: IntakeSpace): IncomingEventInput | null {
  if (post.original_id !== '' || post.type.startsWith('system_')) return null;
  const base = common(post, space, space.isOurs(post.user_id) ? 'moderator' : undefined);
  const origin = { ...base.origin, nativeId: deletionId(post.id) };
  return { ...base, origin, hops: [], kind: 'delete', target: targetOf(post.id) };
}

/** A reaction set (`on`) or taken back; `times`: how often it was taken back before. */
export function reactionEvent(
  reaction: Reaction,
  on: boolean,
  times: number,
  space: IntakeSpace,
): IncomingEventInput | null {
  const { user_id: user, post_id: post, emoji_name: name, update_at: at } = reaction;
  if (space.isOurs(user) || space.isIgnored(user)) return null;
  const id = (on ? reactionId : unreactionId)(post, user, name, at, times);
  return {
    v: 1,
    origin: { network: space.network, channel: space.channel, nativeId: id },
    sender: senderOf(user, space),
    sentAt: Math.max(0, Math.floor(at)),
    hops: [],
    kind: 'reaction',
    target: targetOf(post),
    mode: on ? 'add' : 'remove',
    emoji: [emojiOf(name) ?? `:${name}:`],
  };
}

const isSkipped = (post: Post, space: IntakeSpace): boolean =>
  post.original_id !== '' || space.isOurs(post.user_id) || space.isIgnored(post.user_id);

const isSaid = ({ type }: Post): boolean => SAID.has(type) || type.startsWith('custom_');

const targetOf = (post: string): Target => ({ natives: [nativeId(post)] });

function senderOf(user: string, space: IntakeSpace, kind?: Kind): Common['sender'] {
  const usual = space.isBot(user) ? 'bot' : 'person';
  return { nativeId: personId(user), displayName: space.nameOf(user), kind: kind ?? usual };
}

/** Hooks may show another name in place of the account's. */
function common(post: Post, space: IntakeSpace, kind?: Kind): Common {
  const sender = senderOf(post.user_id, space, kind);
  const shown =
    textField(post.props, 'from_webhook') === 'true' ? textField(post.props, 'override_username') : undefined;
  return {
    v: 1,
    origin: { network: space.network, channel: space.channel, nativeId: nativeId(post.id) },
    sender:
      shown === undefined || shown === ''
        ? sender
        : { ...sender, displayName: clip(shown, 250), kind: kind ?? 'bot' },
    sentAt: Math.max(0, Math.floor(post.create_at)),
    hops: [...(markerOf(post.props)?.hops ?? [])],
  };
}

/** What the server says of joining and leaving, of topics and names: it has an id, and is there to be read later. */
function systemEvent(post: Post, space: IntakeSpace): IncomingEventInput | null {
  switch (post.type) {
    case 'system_join_channel':
    case 'system_guest_join_channel':
      return membership(post, space, 'join', post.user_id);
    case 'system_add_to_channel':
    case 'system_add_guest_to_chan':
      return membership(post, space, 'join', textField(post.props, 'addedUserId'));
    case 'system_leave_channel':
      return membership(post, space, 'leave', post.user_id);
    case 'system_remove_from_channel':
      return membership(post, space, 'kick', textField(post.props, 'removedUserId'));
    case 'system_header_change':
      return changed(post, space, { topic: headerText(textField(post.props, 'new_header') ?? '') });
    case 'system_displayname_change':
      return changed(post, space, { name: clip(textField(post.props, 'new_displayname') ?? '', 1000) });
    default:
      return null;
  }
}

/** Headers are Markdown. */
export const headerText = (header: string): string => clip(plainText(bodyFromMarkdown(header)), 16_000);

function membership(
  post: Post,
  space: IntakeSpace,
  change: 'join' | 'leave' | 'kick',
  user: string | undefined,
): IncomingEventInput | null {
  if (user === undefined || !isId(user) || space.isOurs(user)) return null;
  const own = user === post.user_id;
  const subject = { nativeId: personId(user), displayName: space.nameOf(user) };
  return { ...common(post, space, own ? undefined : 'moderator'), kind: 'membership', change, subject };
}

const changed = (
  post: Post,
  space: IntakeSpace,
  what: { readonly name: string } | { readonly topic: string },
): IncomingEventInput => ({ ...common(post, space), kind: 'channel', ...what });

/** Whom a post names by id: to be looked up before it is read. */
export const peopleIn = (post: Post): string[] =>
  [post.user_id, textField(post.props, 'addedUserId'), textField(post.props, 'removedUserId')].filter(
    (user): user is string => user !== undefined && isId(user),
  );
