import { type HubNotice, later, type Outcome } from '@brygga/contract';
import { el } from './element.ts';
import { joiningError, type StanzaError, stanzaError } from './errors.ts';
import { hubElement } from './hubs.ts';
import { bareJid, localOf, resourceOf, signer } from './ids.ts';
import { nickPlan } from './nicks.ts';
import type { Change, Occupants } from './occupants.ts';
import type { Session, Voice } from './session.ts';
import { attribute, type Element, NS, statusCodes } from './stanza.ts';

export type Seated =
  | { readonly ok: true; readonly nick: string }
  | { readonly ok: false; readonly outcome: Outcome; readonly error: StanzaError | null };

type Reply =
  | { readonly kind: 'in'; readonly nick: string }
  | { readonly kind: 'error'; readonly error: StanzaError }
  | { readonly kind: 'silent' };

interface Seat {
  nick: string | null;
  /** XEP-0421; empty when the room gave none. */
  occupantId: string;
  label: string;
  role: string;
  affiliation: string;
  /** Status 201: the room did not exist; it stays locked until its settings are accepted. */
  created: boolean;
  entering: Promise<Seated> | null;
  reply: ((reply: Reply) => void) | null;
}

export interface SeatsHooks {
  /** News that waited for the room's answer to one of ours. */
  noticed(change: Change): void;
  /** Somebody of ours is not in the room any more, and did not leave. `gone`: the room is destroyed. */
  out(jid: string, gone: boolean): void;
}

const JOIN_MS = 30_000;
/** Too many of ours wait to enter rooms. */
const CROWDED: Seated = { ok: false, outcome: later('NETWORK_BUSY', { scope: 'lane' }), error: null };
const BAD_NICK: ReadonlySet<string> = new Set([
  'jid-malformed',
  'bad-request',
  'not-allowed',
  'not-acceptable',
]);

/** Who of ours sits in one room, under which nick; brings them in when they are needed (XEP-0045 §7.2). */
export class Seats {
  readonly #session: Session;
  readonly #room: string;
  readonly #occupants: Occupants;
  readonly #hooks: SeatsHooks;
  /** Only what was said since then, from the room's own memory: for rooms without an archive. */
  #historySince: number | null = null;
  #notice: HubNotice | null = null;
  /** Most recently used last. */
  readonly #seats = new Map<string, Seat>();

  constructor(session: Session, room: string, occupants: Occupants, hooks: SeatsHooks) {
    this.#session = session;
    this.#room = room;
    this.#occupants = occupants;
    this.#hooks = hooks;
  }

  /** The nick somebody of ours has now, or null. */
  nickOf(jid: string): string | null {
    return this.#seats.get(jid)?.nick ?? null;
  }
  /**
   * Who one of ours is in what the room says of their messages; null when they are not in. An occupant-id in the
   * presence of one of ours is the room's own word, whatever else is known of the room.
   */
  authorOf(jid: string): string | null {
    const seat = this.#seats.get(jid);
    if (seat?.nick == null) return null;
    return signer({ nick: seat.nick, occupantId: seat.occupantId || null });
  }
  standingOf(jid: string): Pick<Seat, 'role' | 'affiliation' | 'created' | 'label'> | null {
    return this.#seats.get(jid) ?? null;
  }

  /** What the bot says of the hub (null: nothing any more): at its next entering, and now if it is in. */
  announce(notice: HubNotice | null): void {
    this.#notice = notice;
    const bot = this.#session.botJid();
    const nick = this.nickOf(bot);
    const hub = notice === null ? null : hubElement(notice);
    if (nick !== null) this.#session.write(el('presence', { from: bot, to: `${this.#room}/${nick}` }, hub));
  }

  /** The bot, which must see everything: with what the room remembers since `historySince`, or nothing of it. */
  async enterBot(voice: Voice, historySince: number | null): Promise<Seated> {
    this.vacate(voice.jid);
    this.#historySince = historySince;
    return this.enter(voice).finally(() => {
      this.#historySince = null;
    });
  }

  /** The stream ended: nobody counts as being in until they have entered anew. */
  lost(): void {
    for (const seat of this.#seats.values()) {
      seat.nick = null;
      seat.reply?.({ kind: 'silent' });
    }
  }

  /** To be entered anew before the next word: the room said they are not in, or nothing came back. */
  vacate(jid: string): void {
    const seat = this.#seats.get(jid);
    if (seat !== undefined) seat.nick = null;
  }

  /** Sees that `voice` sits in the room, under the nick of its label where that is free. */
  async enter(voice: Voice): Promise<Seated> {
    const seat = this.#seatOf(voice);
    if (seat.entering !== null) return seat.entering;
    if (seat.nick !== null && seat.label === voice.label) return { ok: true, nick: seat.nick };
    seat.entering = this.#session.joins
      .run(() => this.#enter(voice, seat))
      .then((seated) => seated ?? CROWDED)
      .finally(() => {
        seat.entering = null;
      });
    return seat.entering;
  }

  /** Leaves the room, if in it. */
  leave(jid: string): void {
    const seat = this.#seats.get(jid);
    this.#seats.delete(jid);
    if (seat?.nick == null) return;
    const to = `${this.#room}/${seat.nick}`;
    this.#session.write(el('presence', { from: jid, to, type: 'unavailable' }));
    this.#occupants.release(seat.nick, jid, this.#session.ctx.clock.now());
  }
  leaveAll(): void {
    for (const jid of [...this.#seats.keys()]) this.leave(jid);
  }

  #seatOf(voice: Voice): Seat {
    const known = this.#seats.get(voice.jid);
    const seat = known ?? newSeat();
    this.#seats.delete(voice.jid);
    this.#seats.set(voice.jid, seat);
    if (known === undefined) this.#makeRoom();
    return seat;
  }

  /** Each ghost in a room costs a copy of every message: the one silent for longest goes. */
  #makeRoom(): void {
    const { settings } = this.#session;
    if (settings.mode !== 'component' || this.#seats.size <= settings.ghostsPerChannel + 1) return;
    for (const [jid, seat] of this.#seats) {
      if (jid === this.#session.botJid() || seat.entering !== null) continue;
      this.leave(jid);
      return;
    }
  }

  async #enter(voice: Voice, seat: Seat): Promise<Seated> {
    const plan = nickPlan(voice.label, voice.suffix, voice.jid);
    const granted = await this.#remembered(voice);
    const wanted =
      granted === null ? [...plan.wanted] : [granted, ...plan.wanted.filter((n) => n !== granted)];
    const plain = [...plan.plain];
    let last: StanzaError | null = null;
    for (let nick = wanted.shift(); nick !== undefined; ) {
      const reply = await this.#ask(voice, seat, nick);
      if (reply.kind === 'in') return this.#seated(voice, seat, reply.nick);
      if (reply.kind === 'silent') return { ok: false, outcome: this.#silent(), error: null };
      last = reply.error;
      if (last.condition === 'conflict') nick = wanted.shift() ?? plain.pop();
      else if (BAD_NICK.has(last.condition)) {
        wanted.length = 0;
        nick = plain.shift();
      } else nick = undefined;
    }
    // A change of nick that is refused leaves the old one.
    if (seat.nick !== null) return this.#seated(voice, seat, seat.nick);
    const error = last ?? { type: '', condition: '', retryAt: null };
    return { ok: false, outcome: joiningError(error), error };
  }

  #silent(): Outcome {
    return this.#session.isUp() ? later('NOT_IN_CHANNEL', { afterMs: 5000 }) : later('NETWORK_DOWN');
  }

  #ask(voice: Voice, seat: Seat, nick: string): Promise<Reply> {
    const { clock } = this.#session.ctx;
    const reply = Promise.withResolvers<Reply>();
    const old = seat.nick;
    this.#occupants.expect(nick);
    const cancel = clock.after(JOIN_MS, () => reply.resolve({ kind: 'silent' }));
    seat.reply = reply.resolve;
    if (!this.#session.write(this.#presence(voice, nick))) reply.resolve({ kind: 'silent' });
    return reply.promise.then((value) => {
      cancel();
      seat.reply = null;
      if (value.kind === 'in') this.#occupants.claim(value.nick, voice.jid);
      const waited = this.#occupants.answered(nick);
      if (waited !== null) this.#hooks.noticed(waited);
      if (value.kind === 'in' && old !== null) this.#occupants.release(old, voice.jid, clock.now());
      return value;
    });
  }

  #presence(voice: Voice, nick: string): Element {
    const { roomPassword } = this.#session.settings;
    const password = roomPassword === undefined ? null : el('password', {}, roomPassword);
    const since = voice.bot ? this.#historySince : null;
    // History comes from the archive, where there is one: at a join it would be incomplete, and twice.
    const history = since === null ? { maxstanzas: 0 } : { since: new Date(since).toISOString() };
    const join = el('x', { xmlns: NS.muc }, el('history', history), password);
    const hub = voice.bot && this.#notice !== null ? hubElement(this.#notice) : null;
    return el('presence', { from: voice.jid, to: `${this.#room}/${nick}` }, join, hub);
  }

  async #seated(voice: Voice, seat: Seat, nick: string): Promise<Seated> {
    seat.nick = nick;
    seat.label = voice.label;
    if (!voice.bot) await this.#remember(voice, nick);
    return { ok: true, nick };
  }

  /** The label is kept beside the nick: when it changes, the nick is asked for anew. */
  #storeName(voice: Voice): string {
    return `nick ${this.#room} ${localOf(voice.jid)}`;
  }
  async #remembered(voice: Voice): Promise<string | null> {
    if (voice.bot) return null;
    const stored = await this.#session.ctx.store.get(this.#storeName(voice)).catch(() => null);
    const line = stored?.indexOf('\n') ?? -1;
    if (stored === null || line < 0 || stored.slice(line + 1) !== voice.label) return null;
    return stored.slice(0, line);
  }
  async #remember(voice: Voice, nick: string): Promise<void> {
    const plan = nickPlan(voice.label, voice.suffix, voice.jid);
    // The first choice needs no remembering, and asking for it again finds out when it has become free.
    if (nick === plan.wanted[0]) return;
    await this.#session.ctx.store
      .set(this.#storeName(voice), `${nick}\n${voice.label}`)
      .catch(() => undefined);
  }

  /** Takes a presence addressed to one of ours that tells of themselves, or an error. */
  take(presence: Element): void {
    const jid = attribute(presence, 'to');
    const seat = this.#seats.get(jid);
    if (seat === undefined || bareJid(attribute(presence, 'from')) !== this.#room) return;
    const type = attribute(presence, 'type');
    const nick = resourceOf(attribute(presence, 'from'));
    const codes = statusCodes(presence);
    if (type === 'error') seat.reply?.({ kind: 'error', error: stanzaError(presence) });
    else if (codes.has('110') && type === 'unavailable') this.#left(presence, jid, seat);
    else if (codes.has('110')) this.#present(presence, seat, nick);
  }

  #present(presence: Element, seat: Seat, nick: string): void {
    const codes = statusCodes(presence);
    seat.created = codes.has('201');
    const item = presence.getChild('x', NS.mucUser)?.getChild('item');
    seat.role = attribute(item, 'role');
    seat.affiliation = attribute(item, 'affiliation');
    seat.occupantId = attribute(presence.getChild('occupant-id', NS.occupantId), 'id');
    if (seat.reply !== null) seat.reply({ kind: 'in', nick });
    else if (seat.nick !== null) seat.nick = nick;
  }

  #left(presence: Element, jid: string, seat: Seat): void {
    const nick = resourceOf(attribute(presence, 'from'));
    const codes = statusCodes(presence);
    this.#occupants.release(nick, jid, this.#session.ctx.clock.now());
    // 303: the presence under the new nick follows.
    if (codes.has('303') || seat.nick !== nick) return;
    seat.nick = null;
    this.#session.ctx.log.info('xmpp.seat.left', { status: firstCode(codes) });
    const gone = presence.getChild('x', NS.mucUser)?.getChild('destroy') !== undefined;
    this.#hooks.out(jid, gone);
  }
}

const newSeat = (): Seat => ({
  nick: null,
  occupantId: '',
  label: '',
  role: '',
  affiliation: '',
  created: false,
  entering: null,
  reply: null,
});

const firstCode = (codes: ReadonlySet<string>): number =>
  Number([...codes].find((code) => code !== '110') ?? 0);
