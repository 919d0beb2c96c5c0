import type {
  ChannelId,
  IncomingEvent,
  IncomingOf,
  NativeId,
  NetworkId,
  PersonId,
  Sender,
  Target,
} from '@brygga/event';
import { nativeId, personId } from '@brygga/event';
import { type Content, readBody } from './body.ts';
import { stripFallback, unquoted } from './fallback.ts';
import { authoredId, bareJid, domainOf, plainId, resourceOf } from './ids.ts';
import type { Memory } from './memory.ts';
import type { People } from './mentions.ts';
import { attribute, type Element, hasChild, NS, textChild } from './stanza.ts';

/** What reading a message needs to know of its room. */
export interface RoomView {
  readonly network: NetworkId;
  readonly channel: ChannelId;
  /** Bare JID of the room. */
  readonly room: string;
  /** The room announces `urn:xmpp:sid:0`, `urn:xmpp:occupant-id:0`: only then are they believed. */
  readonly stanzaIds: boolean;
  readonly occupantIds: boolean;
  /** The room tells everybody who is who: only then is the address in an archived message the room's word. */
  readonly nonAnonymous: boolean;
  readonly people: People;
  readonly memory: Memory;
  /** Whether the nick, or the real JID, is one of ours. */
  isOwn(nick: string, jid: string | null): boolean;
  /** The id we gave a message of ours; null when it has none. */
  sentId(message: Element): string | null;
  /** Whether the message bears our sign that `author` wrote it under that id: ids are seen by all, and copied. */
  isSigned(message: Element, sentId: string, author: Author): boolean;
  occupantId(nick: string): string | null;
  realJid(nick: string): string | null;
}

/** Where a message comes from: seen as it was said, or found in the archive under `id`. */
export interface Source {
  readonly archiveId: string | null;
  /** When it was said, ms since 1970 UTC. */
  readonly at: number;
  /** An id nobody else has, for what has none of its own. */
  readonly spareId: string;
}

/** The author as far as the room tells. */
export interface Author {
  readonly nick: string;
  readonly occupantId: string | null;
  readonly jid: string | null;
}

export type Parsed =
  | { readonly kind: 'own'; readonly sentId: string | null; readonly stanzaId: string | null }
  | { readonly kind: 'event'; readonly event: IncomingEvent; readonly stanzaId: string | null }
  | {
      readonly kind: 'topic';
      readonly topic: string;
      readonly event: IncomingEvent;
      readonly stanzaId: string | null;
    }
  | { readonly kind: 'typing'; readonly sender: Sender; readonly active: boolean }
  | { readonly kind: 'encrypted'; readonly sender: Sender; readonly stanzaId: string | null }
  | { readonly kind: 'nothing'; readonly stanzaId: string | null };

/** One message being read: what every part of the reading looks at. */
interface Reading {
  readonly message: Element;
  readonly view: RoomView;
  readonly source: Source;
  readonly author: Author;
  readonly stanzaId: string | null;
  /** The sender's own id of the message. */
  readonly ownId: string;
}

const ID_CHARS_MAX = 4096;

/** Reads a groupchat message of a room, as the bot got it or as the archive has it. Errors are not for here. */
export function parseMessage(message: Element, view: RoomView, source: Source): Parsed {
  const from = attribute(message, 'from');
  if (bareJid(from) !== view.room) return { kind: 'nothing', stanzaId: null };
  const stanzaId = stanzaIdOf(message, view, source);
  const nick = resourceOf(from);
  if (nick === '') return fromRoom(message, view, source, stanzaId);
  const archived = source.archiveId !== null;
  const author = archived ? archivedAuthor(message, nick, view) : liveAuthor(message, nick, view);
  const reading: Reading = { message, view, source, author, stanzaId, ownId: ownIdOf(message) };
  const sentId = view.sentId(message);
  const own = archived ? isOwnThen(reading, sentId) : view.isOwn(nick, author.jid);
  return own ? { kind: 'own', sentId, stanzaId } : read(reading);
}

/** Who had which nick then, the archive does not say: our own are known by their sign, or by their address. */
function isOwnThen({ message, view, author }: Reading, sentId: string | null): boolean {
  return (sentId !== null && view.isSigned(message, sentId, author)) || view.isOwn('', author.jid);
}

function read(reading: Reading): Parsed {
  const { message, stanzaId } = reading;
  const body = textChild(message, 'body');
  const subject = textChild(message, 'subject');
  if (subject !== null && body === null) return topic(reading, subject);
  const retract = message.getChild('retract', NS.retract);
  if (retract !== undefined) return retraction(reading, attribute(retract, 'id'));
  const reactions = message.getChild('reactions', NS.reactions);
  if (reactions !== undefined) return reaction(reading, reactions);
  if (hasChild(message, 'encryption', NS.encryption)) {
    return { kind: 'encrypted', sender: sender(reading.author), stanzaId };
  }
  const replace = message.getChild('replace', NS.replace);
  if (replace !== undefined && body !== null) return edit(reading, attribute(replace, 'id'), body);
  const said = body ?? attachedUrl(message);
  if (said !== null) return { kind: 'event', stanzaId, event: newMessage(reading, said) };
  return chatState(reading);
}

/** The address of a file that comes without a body (XEP-0066). */
function attachedUrl(message: Element): string | null {
  const url = message.getChild('x', NS.oob)?.getChildText('url') ?? null;
  return url !== null && /^https?:\/\//i.test(url) ? url : null;
}

/** XEP-0359 §5: only a `stanza-id` that the room itself gave counts. */
function stanzaIdOf(message: Element, view: RoomView, source: Source): string | null {
  if (source.archiveId !== null) return source.archiveId;
  if (!view.stanzaIds) return null;
  const given = message.getChildren('stanza-id', NS.stanzaId).find((id) => attribute(id, 'by') === view.room);
  const id = attribute(given, 'id');
  return id === '' ? null : id;
}

const ownIdOf = (message: Element): string =>
  (attribute(message, 'id') || attribute(message.getChild('origin-id', NS.stanzaId), 'id')).slice(
    0,
    ID_CHARS_MAX,
  );

const occupantIdOf = (message: Element, view: RoomView): string | null =>
  (view.occupantIds && attribute(message.getChild('occupant-id', NS.occupantId), 'id')) || null;

/** Who has the nick now is told by presences alone: what stands in the message itself, its sender wrote. */
const liveAuthor = (message: Element, nick: string, view: RoomView): Author => ({
  nick,
  occupantId: occupantIdOf(message, view),
  jid: view.realJid(nick),
});

/** The room adds the address behind everything its sender wrote (XEP-0313 §5.1.2), where it tells it at all. */
function archivedAuthor(message: Element, nick: string, view: RoomView): Author {
  const told = view.nonAnonymous ? message.getChildren('x', NS.mucUser).at(-1)?.getChild('item') : undefined;
  const jid = bareJid(attribute(told, 'jid'));
  return { nick, occupantId: occupantIdOf(message, view), jid: jid === '' ? nativeJid(nick, view) : jid };
}

/** The best guess: whoever has the nick now. One of ours has only taken it over. */
function nativeJid(nick: string, view: RoomView): string | null {
  const jid = view.realJid(nick);
  return jid !== null && view.isOwn('', jid) ? null : jid;
}

/** XEP-0421 where there is one: stable over changes of nick. Else the real address, else the nick. */
export function personOf(author: Author): PersonId {
  if (author.occupantId !== null) return personId(author.occupantId.slice(0, 1024));
  return personId((author.jid ?? `nick:${author.nick}`).slice(0, 1024));
}

export const sender = (author: Author): Sender => ({
  nativeId: personOf(author),
  displayName: author.nick.slice(0, 1024),
  kind: 'person',
});

/** The same whether seen as it was said or in the archive: the hub tells repeats by it. */
function nativeOf(reading: Reading): NativeId {
  if (reading.stanzaId !== null) return plainId(reading.stanzaId);
  return reading.ownId === ''
    ? nativeId(reading.source.spareId)
    : authoredId(personOf(reading.author), reading.ownId);
}

/** Further ids by which later messages refer to this one: `@id` and origin-id, good with their author only. */
function aliasesOf(reading: Reading): NativeId[] {
  const origin = attribute(reading.message.getChild('origin-id', NS.stanzaId), 'id').slice(0, ID_CHARS_MAX);
  const native = nativeOf(reading);
  const all = [reading.ownId, origin]
    .filter((id) => id !== '')
    .map((id) => authoredId(personOf(reading.author), id));
  return [...new Set(all)].filter((id) => id !== native);
}

const HOPS_MAX = 16;

function common(reading: Reading) {
  const { view, source, message } = reading;
  const hops = message
    .getChildren('hop', NS.brygga)
    .map((hop) => attribute(hop, 'hub').slice(0, 128))
    .filter((hub) => hub !== '');
  return {
    v: 1 as const,
    origin: {
      network: view.network,
      channel: view.channel,
      nativeId: nativeOf(reading),
      revision: '1',
      aliases: aliasesOf(reading),
    },
    sender: sender(reading.author),
    sentAt: Math.max(0, Math.trunc(source.at)),
    hops: hops.slice(0, HOPS_MAX),
  };
}

const target = (...natives: readonly NativeId[]): Target => ({ natives: [...new Set(natives)] });

function content(reading: Reading, original: string, text: string): Content {
  return readBody(reading.message, original, text, reading.view.people);
}

function newMessage(reading: Reading, original: string): IncomingOf<'message'> {
  const { text, replyTo } = reply(reading, original);
  const thread = threadOf(reading);
  return {
    ...common(reading),
    kind: 'message',
    ...content(reading, original, text),
    attachments: [],
    ...(replyTo === null ? {} : { replyTo }),
    ...(thread === null ? {} : { thread: target(thread) }),
  };
}

/** XEP-0461. Some clients give the `@id` of the message meant instead of its stanza-id. */
function reply(reading: Reading, body: string): { text: string; replyTo: Target | null } {
  const { message, view } = reading;
  const element = message.getChild('reply', NS.reply);
  const id = attribute(element, 'id').slice(0, ID_CHARS_MAX);
  if (id === '') return { text: body, replyTo: null };
  const { text, cut } = stripFallback(message, body, NS.reply);
  const nick = resourceOf(attribute(element, 'to'));
  const natives = [plainId(id)];
  if (nick !== '') {
    natives.push(
      authoredId(personOf({ nick, occupantId: view.occupantId(nick), jid: view.realJid(nick) }), id),
    );
  }
  const known = view.memory.excerpt(plainId(id));
  const excerpt = known ?? (cut.trim() === '' ? null : { author: nick, text: unquoted(cut) });
  const shown =
    excerpt === null
      ? {}
      : {
          excerpt: {
            author: excerpt.author.slice(0, 256).toWellFormed(),
            text: excerpt.text.slice(0, 500).toWellFormed(),
          },
        };
  return { text, replyTo: { ...target(...natives), ...shown } };
}

function threadOf(reading: Reading): NativeId | null {
  const thread = reading.message.getChildText('thread') ?? '';
  if (thread === '' || thread.length > 512) return null;
  return reading.view.memory.rootOf(thread, nativeOf(reading));
}

/** XEP-0308: names the `@id` of the first version; the author must be the same, which the id includes. */
function edit(reading: Reading, replaced: string, body: string): Parsed {
  if (replaced === '') return { kind: 'event', stanzaId: reading.stanzaId, event: newMessage(reading, body) };
  const { text } = stripFallback(reading.message, body, NS.reply);
  const id = replaced.slice(0, ID_CHARS_MAX);
  const event: IncomingOf<'edit'> = {
    ...common(reading),
    kind: 'edit',
    target: target(authoredId(personOf(reading.author), id), plainId(id)),
    ...content(reading, body, text),
  };
  return { kind: 'event', stanzaId: reading.stanzaId, event };
}

/** XEP-0424 by the author. */
function retraction(reading: Reading, id: string): Parsed {
  if (id === '') return { kind: 'nothing', stanzaId: reading.stanzaId };
  const named = id.slice(0, ID_CHARS_MAX);
  const event: IncomingOf<'delete'> = {
    ...common(reading),
    kind: 'delete',
    target: target(plainId(named), authoredId(personOf(reading.author), named)),
  };
  return { kind: 'event', stanzaId: reading.stanzaId, event };
}

const EMOJI_MAX = 64;

/** XEP-0444: the whole set of this person's reactions; empty when all are taken back. */
function reaction(reading: Reading, reactions: Element): Parsed {
  const id = attribute(reactions, 'id').slice(0, ID_CHARS_MAX);
  if (id === '') return { kind: 'nothing', stanzaId: reading.stanzaId };
  const emoji = reactions
    .getChildren('reaction')
    .map((child) => child.getText().trim())
    .filter((text) => text !== '' && text.length <= 128);
  const event: IncomingOf<'reaction'> = {
    ...common(reading),
    kind: 'reaction',
    target: target(plainId(id), authoredId(personOf(reading.author), id)),
    mode: 'set',
    emoji: [...new Set(emoji)].slice(0, EMOJI_MAX),
  };
  return { kind: 'event', stanzaId: reading.stanzaId, event };
}

function topic(reading: Reading, subject: string): Parsed {
  const text = subject.slice(0, 65_536).toWellFormed();
  const event: IncomingOf<'channel'> = { ...common(reading), kind: 'channel', topic: text };
  return { kind: 'topic', topic: text, stanzaId: reading.stanzaId, event };
}

/** XEP-0085. */
function chatState(reading: Reading): Parsed {
  const states = ['composing', 'active', 'paused', 'inactive', 'gone'];
  const state = states.find((name) => hasChild(reading.message, name, NS.chatStates));
  if (state === undefined) return { kind: 'nothing', stanzaId: reading.stanzaId };
  return { kind: 'typing', sender: sender(reading.author), active: state === 'composing' };
}

/**
 * What the room itself says: moderation (XEP-0425), in the present namespace, the former one, or both in one
 * stanza. Nobody else is believed to have moderated.
 */
function fromRoom(message: Element, view: RoomView, source: Source, stanzaId: string | null): Parsed {
  const retract = message.getChild('retract', NS.retract);
  const applied = message.getChild('apply-to', NS.fasten);
  const now = retract?.getChild('moderated', NS.moderate);
  const former = applied?.getChild('moderated', NS.moderateOld);
  const id =
    (now === undefined ? '' : attribute(retract, 'id')) ||
    (former === undefined ? '' : attribute(applied, 'id'));
  if (id === '') return { kind: 'nothing', stanzaId };
  const nick = resourceOf(attribute(now, 'by') || attribute(former, 'by'));
  if (nick !== '' && view.isOwn(nick, null)) return { kind: 'own', sentId: null, stanzaId };
  // The `occupant-id` beside it, not within, is that of the author whose message was removed.
  const within = attribute(now?.getChild('occupant-id', NS.occupantId), 'id');
  const moderator = within === '' || !view.occupantIds ? view.room : within;
  const event: IncomingOf<'delete'> = {
    v: 1,
    kind: 'delete',
    origin: {
      network: view.network,
      channel: view.channel,
      // A message is moderated once: the same id whether archived or not.
      nativeId: nativeId(`moderated#${plainId(id)}`),
      revision: '1',
      aliases: [],
    },
    sender: {
      nativeId: personId(moderator.slice(0, 1024)),
      displayName: (nick || domainOf(view.room)).slice(0, 1024),
      kind: 'moderator',
    },
    sentAt: Math.max(0, Math.trunc(source.at)),
    hops: [],
    target: target(plainId(id)),
  };
  return { kind: 'event', event, stanzaId };
}
