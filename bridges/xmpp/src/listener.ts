import {
  type ChannelId,
  type IncomingEvent,
  type MentionTarget,
  nativeId,
  type PersonId,
  plainBody,
  type Sender,
} from '@brygga/event';
import { Recent } from '@brygga/wire';
import type { Archived } from './archive.ts';
import { writeCursor } from './cursor.ts';
import { stripFallback } from './fallback.ts';
import { authoredId, localOf, personOfGhost } from './ids.ts';
import type { Intake } from './intake.ts';
import { membershipEvent } from './membership.ts';
import type { Memory } from './memory.ts';
import type { Change, Occupants } from './occupants.ts';
import { type Parsed, parseMessage, personOf, type RoomView, type Source } from './parse.ts';
import { type RoomInfo, UNKNOWN_ROOM } from './room-info.ts';
import { isSigned, sentIdOf } from './sent-index.ts';
import type { Session } from './session.ts';
import { attribute, type Element, NS, textChild } from './stanza.ts';
import { wordsIn } from './words.ts';

export interface ListenerParts {
  readonly session: Session;
  readonly channel: ChannelId;
  readonly occupants: Occupants;
  readonly memory: Memory;
  readonly intake: Intake;
  /** A message of ours came back, or was found in the archive. */
  reflected(sentId: string, stanzaId: string | null, at: number): void;
  /** The room has this subject now. Prosody gives a subject no id, so the text is all to know it by. */
  subject(topic: string): void;
}

/** Ids of messages handled lately: the archive and the live stream overlap. */
const HANDLED_MAX = 5000;
const NOTICES_MAX = 500;
const DAY_MS = 86_400_000;

/** Turns what a room says into events, each once, and hands them to the intake. */
export class Listener {
  info: RoomInfo = UNKNOWN_ROOM;
  readonly #parts: ListenerParts;
  readonly #view: RoomView;
  readonly #handled = new Recent<true>(HANDLED_MAX);
  readonly #notices = new Recent<number>(NOTICES_MAX);
  /** Null until it was ever heard: then the first one is no news. */
  #topic: string | null = null;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#view = this.#makeView();
  }

  get topic(): string | null {
    return this.#topic;
  }

  /** The nick a native has now. */
  nickOf(person: PersonId): string | null {
    for (const occupant of this.#parts.occupants.all()) {
      const known = this.info.occupantIds ? occupant : { ...occupant, occupantId: null };
      if (personOf(known) === person) return occupant.nick;
    }
    return null;
  }

  /** The bot is about to enter, and will be told the subject: news when it is not the one known before. */
  async entering(): Promise<void> {
    this.#topic ??= await this.#parts.session.ctx.store.get(this.#topicName).catch(() => null);
  }
  /** The intake let go of things: what comes again is to be handled again. */
  forget(): void {
    this.#handled.clear();
  }

  /** A groupchat message, as it is said. */
  live(message: Element): void {
    const { ctx } = this.#parts.session;
    const delay = message.getChild('delay', NS.delay);
    const replayed = delay !== undefined && attribute(delay, 'from') === this.#parts.channel;
    // The present subject is told at a join in the same manner, and is wanted.
    if (replayed && this.info.archive && textChild(message, 'body') !== null) return;
    const at = replayed ? Date.parse(attribute(delay, 'stamp')) : ctx.clock.now();
    const source: Source = {
      archiveId: null,
      at: Number.isNaN(at) ? ctx.clock.now() : at,
      spareId: ctx.newId(),
    };
    this.#take(parseMessage(message, this.#view, source), message, source);
  }

  /** A message from the archive. */
  archived(item: Archived): void {
    const source: Source = { archiveId: item.id, at: item.stamp, spareId: item.id };
    this.#take(parseMessage(item.message, this.#view, source), item.message, source);
  }

  /** Somebody came, went, or changed their nick. */
  presence(change: Change): void {
    const { session, occupants, channel, intake } = this.#parts;
    const now = session.ctx.clock.now();
    const nicks = change.change === 'rename' ? [change.who.nick, change.before] : [change.who.nick];
    const ours = change.who.jid !== null && occupants.isOurs(change.who.jid);
    if (occupants.defers(change)) return;
    if (ours || nicks.some((nick) => occupants.ownJid(nick, now) !== null)) return;
    const place = {
      network: session.ctx.network,
      channel,
      at: now,
      id: session.ctx.newId(),
      occupantIds: this.info.occupantIds,
    };
    intake.push({ event: membershipEvent(change, place), cursor: null });
  }

  /** The room's name is another one. */
  renamed(name: string): void {
    const { session, channel, intake } = this.#parts;
    const id = session.ctx.newId();
    const event: IncomingEvent = {
      v: 1,
      kind: 'channel',
      name: name.slice(0, 1024),
      origin: {
        network: session.ctx.network,
        channel,
        nativeId: nativeId(`name#${id}`),
        revision: '1',
        aliases: [],
      },
      sender: {
        nativeId: personOf({ nick: '', occupantId: null, jid: channel }),
        displayName: name.slice(0, 1024),
        kind: 'moderator',
      },
      sentAt: Math.trunc(session.ctx.clock.now()),
      hops: [],
    };
    intake.push({ event, cursor: null });
  }

  #take(parsed: Parsed, message: Element, source: Source): void {
    const stanzaId = 'stanzaId' in parsed ? parsed.stanzaId : null;
    if (stanzaId !== null) {
      // Own messages settle what is under way, however often they are seen.
      if (this.#handled.get(stanzaId) !== undefined && parsed.kind !== 'own') return;
      this.#handled.set(stanzaId, true);
    }
    const event = this.#eventOf(parsed, message, source);
    if (event === null && stanzaId === null) return;
    const cursor =
      stanzaId === null ? null : writeCursor({ at: source.at, id: this.info.archive ? stanzaId : '' });
    this.#parts.intake.push({ event, cursor: cursor ?? this.#timeCursor(source) });
  }

  /** Without an archive the time is all there is to go on from. */
  #timeCursor(source: Source): string | null {
    return this.info.archive ? null : writeCursor({ at: source.at, id: '' });
  }

  #eventOf(parsed: Parsed, message: Element, source: Source): IncomingEvent | null {
    const subject = textChild(message, 'body') === null ? textChild(message, 'subject') : null;
    switch (parsed.kind) {
      case 'own':
        if (subject !== null) this.#newTopic(subject);
        if (parsed.sentId !== null) this.#parts.reflected(parsed.sentId, parsed.stanzaId, source.at);
        this.#remember(message, parsed.stanzaId);
        return null;
      case 'event':
        if (parsed.event.kind === 'message') this.#remember(message, parsed.event.origin.nativeId);
        return parsed.event;
      case 'topic':
        return this.#newTopic(parsed.topic) ? parsed.event : null;
      case 'typing':
        this.#typing(parsed.sender, parsed.active);
        return null;
      case 'encrypted':
        return this.#encrypted(parsed.sender, parsed.stanzaId, source);
      case 'nothing':
        // The room itself tells a subject nobody set.
        if (subject !== null) this.#newTopic(subject);
        return null;
    }
  }

  get #topicName(): string {
    return `topic ${this.#parts.channel}`;
  }

  /** Takes the present subject; whether it is news. Kept, so that a change while the hub is away is seen. */
  #newTopic(topic: string): boolean {
    const known = this.#topic;
    this.#topic = topic;
    this.#parts.subject(topic);
    if (known === topic) return false;
    void this.#parts.session.ctx.store.set(this.#topicName, topic).catch(() => undefined);
    return known !== null;
  }

  #remember(message: Element, id: string | null): void {
    const body = textChild(message, 'body');
    if (id === null || body === null) return;
    const { text } = stripFallback(message, body, NS.reply);
    const occupant = attribute(message, 'from');
    this.#parts.memory.remember(id, { author: occupant.slice(occupant.indexOf('/') + 1), occupant, text });
  }

  #typing(sender: Sender, active: boolean): void {
    const { ctx } = this.#parts.session;
    ctx.signal({
      kind: 'typing',
      network: ctx.network,
      channel: this.#parts.channel,
      sender,
      active,
      at: Math.trunc(ctx.clock.now()),
    });
  }

  /** OMEMO and the like: said once a day and person that something was written. */
  #encrypted(sender: Sender, stanzaId: string | null, source: Source): IncomingEvent | null {
    const last = this.#notices.get(sender.nativeId);
    if (last !== undefined && source.at - last < DAY_MS) return null;
    this.#notices.set(sender.nativeId, source.at);
    const { channel } = this.#parts;
    const { ctx } = this.#parts.session;
    const text = wordsIn(ctx, channel).encrypted;
    const id = stanzaId ?? authoredId(sender.nativeId, source.spareId);
    return {
      v: 1,
      kind: 'message',
      origin: {
        network: ctx.network,
        channel: this.#parts.channel,
        nativeId: nativeId(id),
        revision: '1',
        aliases: [],
      },
      sender,
      sentAt: Math.max(0, Math.trunc(source.at)),
      hops: [],
      body: plainBody(text),
      plain: text,
      style: 'notice',
      mentions: [],
      attachments: [],
    };
  }

  #makeView(): RoomView {
    const { session, channel, occupants, memory } = this.#parts;
    const now = (): number => session.ctx.clock.now();
    const info = (): RoomInfo => this.info;
    return {
      network: session.ctx.network,
      channel,
      room: channel,
      get stanzaIds() {
        return info().stanzaIds;
      },
      get occupantIds() {
        return info().occupantIds;
      },
      memory,
      people: {
        nicks: () => [...occupants.all()].map((occupant) => occupant.nick),
        target: (nick) => this.#mentioned(nick),
      },
      isOwn: (nick, jid) =>
        (nick !== '' && occupants.ownJid(nick, now()) !== null) || (jid !== null && occupants.isOurs(jid)),
      get nonAnonymous() {
        return info().nonAnonymous;
      },
      sentId: (message) => sentIdOf(message, session.sent),
      isSigned: (message, sentId, { nick }) => isSigned(message, sentId, nick, session.sent),
      occupantId: (nick) => (info().occupantIds ? (occupants.get(nick)?.occupantId ?? null) : null),
      realJid: (nick) => occupants.get(nick)?.jid ?? null,
    };
  }

  /** A ghost's nick means the person it stands for. */
  #mentioned(nick: string): MentionTarget | null {
    const { session, occupants } = this.#parts;
    const own = occupants.ownJid(nick, session.ctx.clock.now());
    if (own !== null) {
      const person = personOfGhost(localOf(own));
      return person === null ? null : { kind: 'person', ...person };
    }
    const occupant = occupants.get(nick);
    if (occupant === null) return null;
    const known = this.info.occupantIds ? occupant : { ...occupant, occupantId: null };
    return { kind: 'person', network: session.ctx.network, person: personOf(known) };
  }
}
