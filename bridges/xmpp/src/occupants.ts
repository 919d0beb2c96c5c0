import type { HubNotice } from '@brygga/contract';
import { HUBS_MAX, hubIn } from './hubs.ts';
import { bareJid, domainOf, resourceOf } from './ids.ts';
import { foldNick } from './nicks.ts';
import { attribute, type Element, NS, statusCodes } from './stanza.ts';

/** Somebody in a room. `jid` is known in non-anonymous rooms, and to moderators. */
export interface Occupant {
  readonly nick: string;
  readonly occupantId: string | null;
  readonly jid: string | null;
  readonly affiliation: string;
  readonly role: string;
}

/** What a presence changed. `before`: the old nick. */
export type Change =
  | { readonly change: 'join' | 'leave' | 'kick' | 'ban'; readonly who: Occupant }
  | { readonly change: 'rename'; readonly who: Occupant; readonly before: string };

/** How long an old nick still counts as ours: messages written under it may be on their way. */
const OLD_NICK_MS = 10_000;

interface OwnNick {
  readonly jid: string;
  readonly until: number | null;
}

/** Who sits in one room, by nick; and which of the nicks are ours. */
export class Occupants {
  readonly #room: string;
  readonly #ourDomain: string | null;
  readonly #byNick = new Map<string, Occupant>();
  readonly #own = new Map<string, OwnNick>();
  readonly #hubs = new Map<string, HubNotice>();
  /** Nicks asked for, and what was heard of them meanwhile. */
  readonly #expected = new Map<string, Change | null>();
  /** New nick to old one, between the two presences of a change of nick. */
  readonly #renames = new Map<string, string>();
  #settled = false;

  /** `ourDomain`: of the component; null for an account, whose domain is everybody's. */
  constructor(room: string, ourDomain: string | null) {
    this.#room = room;
    this.#ourDomain = ourDomain;
  }

  /** Forgets who is there: before the bot enters. Own nicks stay, since ghosts may still be in. */
  clear(): void {
    this.#byNick.clear();
    this.#hubs.clear();
    this.#renames.clear();
    this.#settled = false;
  }

  /** The bot is in and everybody was announced: from now on presences are news. */
  settle(): void {
    this.#settled = true;
  }

  /** The notices of the hubs that are in; null while the room still announces who is. */
  hubs(): readonly HubNotice[] | null {
    return this.#settled ? [...this.#hubs.values()].slice(0, HUBS_MAX) : null;
  }

  get(nick: string): Occupant | null {
    return this.#byNick.get(nick) ?? null;
  }
  all(): IterableIterator<Occupant> {
    return this.#byNick.values();
  }
  byOccupantId(id: string): Occupant | null {
    for (const occupant of this.#byNick.values()) if (occupant.occupantId === id) return occupant;
    return null;
  }
  byJid(jid: string): Occupant | null {
    for (const occupant of this.#byNick.values()) if (occupant.jid === jid) return occupant;
    return null;
  }

  /**
   * One of ours asks for a nick. Until the room has answered, whoever comes under it may be they, or a native who
   * was quicker: the news waits.
   */
  expect(nick: string): void {
    this.#expected.set(foldNick(nick), null);
  }
  /** Whether news of that nick is to wait; then it is kept. */
  defers(change: Change): boolean {
    const key = foldNick(change.who.nick);
    if (!this.#expected.has(key)) return false;
    this.#expected.set(key, change);
    return true;
  }
  /** The room has answered; gives the news that waited. */
  answered(nick: string): Change | null {
    const key = foldNick(nick);
    const waited = this.#expected.get(key) ?? null;
    this.#expected.delete(key);
    return waited;
  }

  /** A nick was granted to one of ours. */
  claim(nick: string, jid: string): void {
    this.#own.set(foldNick(nick), { jid, until: null });
  }

  /** The nick is not ours any more, shortly. */
  release(nick: string, jid: string, now: number): void {
    const own = this.#own.get(foldNick(nick));
    if (own?.jid === jid) this.#own.set(foldNick(nick), { jid, until: now + OLD_NICK_MS });
    for (const [key, { until }] of this.#own) if (until !== null && until < now) this.#own.delete(key);
  }

  /** Our JID behind a nick, or null: it is a native's. */
  ownJid(nick: string, now: number): string | null {
    const key = foldNick(nick);
    const own = this.#own.get(key);
    if (own !== undefined && (own.until === null || own.until > now)) return own.jid;
    if (own !== undefined) this.#own.delete(key);
    const jid = this.#byNick.get(nick)?.jid ?? null;
    return jid !== null && this.isOurs(jid) ? jid : null;
  }

  /** Whether a real JID belongs to this bridge. */
  isOurs(jid: string): boolean {
    return this.#ourDomain !== null && domainOf(jid) === this.#ourDomain;
  }

  /** Takes a presence of the room as the bot sees it. Null: nothing that people would notice. */
  apply(presence: Element): Change | null {
    const nick = resourceOf(attribute(presence, 'from'));
    if (nick === '' || bareJid(attribute(presence, 'from')) !== this.#room) return null;
    const who = read(presence, nick);
    const hub = attribute(presence, 'type') === 'unavailable' ? null : hubIn(presence);
    if (hub === null) this.#hubs.delete(nick);
    else this.#hubs.set(nick, hub);
    return attribute(presence, 'type') === 'unavailable' ? this.#left(presence, who) : this.#present(who);
  }

  #present(who: Occupant): Change | null {
    const known = this.#byNick.get(who.nick);
    this.#byNick.set(who.nick, who);
    // Whoever comes under a nick that one of ours gave up is somebody else.
    if (known === undefined && this.#own.get(foldNick(who.nick))?.until != null) {
      this.#own.delete(foldNick(who.nick));
    }
    const before = this.#renames.get(who.nick);
    if (before !== undefined) {
      this.#renames.delete(who.nick);
      return { change: 'rename', who, before };
    }
    return known === undefined && this.#settled ? { change: 'join', who } : null;
  }

  #left(presence: Element, who: Occupant): Change | null {
    const before = this.#byNick.get(who.nick);
    this.#byNick.delete(who.nick);
    const codes = statusCodes(presence);
    if (codes.has('303')) {
      const item = presence.getChild('x', NS.mucUser)?.getChild('item');
      const next = attribute(item, 'nick');
      if (next !== '') this.#renames.set(next, who.nick);
      return null;
    }
    if (before === undefined || !this.#settled) return null;
    const person = { ...who, occupantId: who.occupantId ?? before.occupantId, jid: who.jid ?? before.jid };
    if (codes.has('301')) return { change: 'ban', who: person };
    // 321, 322: affiliation or members-only change; 333 is a lost connection, which nobody did to them.
    const kicked = !codes.has('333') && (codes.has('307') || codes.has('321') || codes.has('322'));
    return { change: kicked ? 'kick' : 'leave', who: person };
  }
}

/** The occupant a presence tells of (XEP-0045 §7.2.2, XEP-0421). */
function read(presence: Element, nick: string): Occupant {
  const item = presence.getChild('x', NS.mucUser)?.getChild('item');
  const jid = attribute(item, 'jid');
  const id = attribute(presence.getChild('occupant-id', NS.occupantId), 'id');
  return {
    nick,
    occupantId: id === '' ? null : id,
    jid: jid === '' ? null : bareJid(jid),
    affiliation: attribute(item, 'affiliation'),
    role: attribute(item, 'role'),
  };
}
