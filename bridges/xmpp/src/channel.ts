import { faultOf, later, type Outcome, refused } from '@brygga/contract';
import type { ChannelId, NetworkId, PersonId } from '@brygga/event';
import { backoffMs, Recent } from '@brygga/wire';
import { catchUp, newestPlace } from './catch-up.ts';
import { type Place, readCursor, writeCursor } from './cursor.ts';
import { el } from './element.ts';
import { stanzaError } from './errors.ts';
import { bareJid, domainOf, resourceOf } from './ids.ts';
import { Intake } from './intake.ts';
import { Listener } from './listener.ts';
import { Memory } from './memory.ts';
import { Occupants } from './occupants.ts';
import { signed } from './outgoing.ts';
import { Phase } from './phase.ts';
import { askRoom, type RoomInfo, UNKNOWN_ROOM } from './room-info.ts';
import { Seats } from './seats.ts';
import { SentIndex, sentIdOf } from './sent-index.ts';
import { botVoice, ghostJid, type Session, type Voice } from './session.ts';
import { acceptRoomSettings, letSpeak } from './standing.ts';
import { attribute, type Element, NS, statusCodes } from './stanza.ts';
import { type Ready, Writer } from './writer.ts';

const REENTER = { firstMs: 2000, mostMs: 300_000 };
const READY_MS = 30_000;
const SELF_PING_MS = 300_000;
const BUFFER_MAX = 2000;

/** One room the bridge sits in: enters it, catches up, listens, and lets others speak there in order. */
export class Channel {
  readonly id: ChannelId;
  readonly occupants: Occupants;
  readonly memory = new Memory();
  readonly seats: Seats;
  readonly sentIndex: SentIndex;
  readonly writer: Writer;
  readonly #session: Session;
  readonly #intake: Intake;
  readonly #listener: Listener;
  readonly #phase: Phase;
  /** What is said while the archive is read; null when nothing is being read. */
  #buffer: Element[] | null = null;
  /** Subjects on their way: text to id. */
  readonly #subjects = new Recent<string>(16);
  #overflowed = false;
  #hubsTold = '';
  /** Ends the entering (and self-pinging) under way. */
  #effort = new AbortController();
  #working: Promise<void> = Promise.resolve();

  constructor(session: Session, id: ChannelId) {
    const { clock } = session.ctx;
    this.id = id;
    this.#session = session;
    this.#phase = new Phase(clock);
    this.occupants = new Occupants(
      id,
      session.settings.mode === 'component' ? session.settings.domain : null,
    );
    this.seats = new Seats(session, id, this.occupants, {
      noticed: (change) => this.#listener.presence(change),
      out: (jid, gone) => this.#out(jid, gone),
    });
    this.sentIndex = new SentIndex(session.archive, session.sent);
    this.writer = new Writer({
      ready: (voice, mute) => this.#ready(voice, mute),
      write: (stanza) => session.write(this.#signed(stanza)),
      vacate: (voice) => this.#vacate(voice),
      flying: (change) => {
        session.flying.count += change;
      },
      doubt: () => this.sentIndex.forget(),
      fault: (error) => session.ctx.log.error('xmpp.send.fault', { fault: faultOf(error) }),
      now: () => clock.now(),
      after: (ms, run) => clock.after(ms, run),
    });
    this.#intake = new Intake(session.ctx, id, {
      hold: () => session.hold(),
      goOn: () => session.goOn(),
      stuck: () => {
        this.#listener.forget();
        session.drop();
      },
    });
    this.#listener = new Listener({
      session,
      channel: id,
      occupants: this.occupants,
      memory: this.memory,
      intake: this.#intake,
      reflected: (sentId, stanzaId, at) => {
        if (stanzaId !== null) this.sentIndex.add(sentId, stanzaId, at);
        this.writer.reflected(sentId, stanzaId);
      },
      subject: (topic) => {
        const id = this.#subjects.get(topic);
        if (id !== undefined) this.writer.reflected(id, null);
      },
    });
  }

  get info(): RoomInfo {
    return this.#listener.info;
  }
  get topic(): string | null {
    return this.#listener.topic;
  }
  get isLive(): boolean {
    return this.#phase.isLive;
  }

  /** The nick under which somebody sits here now: a native, or the ghost of a person from elsewhere. */
  nickOf(network: NetworkId, person: PersonId): string | null {
    if (network === this.#session.ctx.network) return this.#listener.nickOf(person);
    return this.seats.nickOf(ghostJid(this.#session, network, person) ?? '');
  }

  /** A subject is about to be written with that id: it will come back without. */
  expectSubject(topic: string, id: string): void {
    this.#subjects.set(topic, id);
  }

  /** The stream is up, or something went wrong in the room: enter it (again) and catch up. */
  enter(): void {
    this.#effort.abort();
    this.#effort = new AbortController();
    const { signal } = this.#effort;
    this.sentIndex.forget();
    this.#phase.set('entering');
    const before = this.#working;
    this.#working = before
      .then(() => this.#keepEntering(signal))
      .catch((error: unknown) =>
        this.#session.ctx.log.error('xmpp.channel.fault', { fault: faultOf(error) }),
      );
  }

  /** The stream ended. */
  lost(condition: string | null): void {
    this.#effort.abort();
    this.#phase.set('entering');
    this.#buffer = null;
    this.seats.lost();
    this.writer.lost(condition);
  }

  /** Stops listening; `leaving`: and the ghosts go. What was heard is stored first. */
  async close(leaving: boolean): Promise<void> {
    this.#effort.abort();
    this.writer.stop();
    if (leaving) this.seats.leaveAll();
    await this.#intake.close();
    await this.#working;
  }

  async #keepEntering(signal: AbortSignal): Promise<void> {
    const { ctx } = this.#session;
    for (let attempt = 0; !signal.aborted && this.#session.isUp(); attempt++) {
      const outcome = await this.#enterOnce(signal);
      if (signal.aborted) return;
      this.#phase.set(outcome);
      if (outcome === 'live') return this.#selfPing(signal);
      this.#buffer = null;
      const ms = 500 + backoffMs(attempt, REENTER, () => ctx.random());
      ctx.log.warn('xmpp.channel.closed', {
        reason: outcome.kind === 'done' ? '' : outcome.code,
        attempt,
        ms,
      });
      await ctx.clock.sleep(ms, signal);
    }
  }

  /** One try: cursor, join, what the room can do, archive, then live (xmpp §1.4: joining first leaves no gap). */
  async #enterOnce(signal: AbortSignal): Promise<'live' | Outcome> {
    const place = await this.#place();
    if (place === null || signal.aborted) return later('NETWORK_ERROR');
    const asked = await askRoom(this.#session.iqs, this.id, this.#session.botJid());
    if (asked.kind === 'info') this.#learn(asked.info);
    await this.#listener.entering();
    this.occupants.clear();
    this.#buffer = [];
    this.#overflowed = false;
    const archived = asked.kind !== 'info' || asked.info.archive;
    const seated = await this.seats.enterBot(botVoice(this.#session), archived ? null : place.at - 1000);
    if (!seated.ok) return botOutcome(seated.outcome);
    if (this.seats.standingOf(this.#session.botJid())?.created === true) {
      await acceptRoomSettings(this.#session, this.id);
    }
    await this.#refresh();
    return (await this.#readArchive(place, signal)) ? 'live' : later('NETWORK_ERROR');
  }

  /** How far this room has been read; a room never read begins now, which is saved before it is entered. */
  async #place(): Promise<Place | null> {
    const { ctx } = this.#session;
    const known = this.#intake.position;
    if (known !== null) return readCursor(known);
    try {
      const stored = readCursor((await ctx.cursor(this.id)) ?? '');
      if (stored !== null) return stored;
      const newest = await newestPlace(this.#archiveParts(), ctx.clock.now());
      if (newest !== null) await ctx.accept({ channel: this.id, events: [], cursor: writeCursor(newest) });
      return newest;
    } catch (error) {
      ctx.log.warn('xmpp.cursor.failed', { fault: faultOf(error) });
      return null;
    }
  }

  #archiveParts() {
    return { archive: this.#session.archive, room: this.id, from: this.#session.botJid() };
  }

  /** Reads from `place` to the end, then what was said meanwhile. False when the stream or the archive failed. */
  async #readArchive(from: Place, signal: AbortSignal): Promise<boolean> {
    let place = from;
    for (;;) {
      this.#overflowed = false;
      const read = await catchUp(
        {
          ...this.#archiveParts(),
          handle: async (item) => {
            await this.#intake.roomy();
            if (!signal.aborted) this.#listener.archived(item);
          },
        },
        place,
      );
      if (signal.aborted || read.kind === 'lost') return false;
      if (read.kind === 'whole') place = { at: place.at, id: read.last };
      // More was said than the buffer holds: the archive has it.
      if (read.kind === 'whole' && this.#overflowed) continue;
      for (const message of this.#buffer?.splice(0) ?? []) this.#listener.live(message);
      this.#buffer = null;
      return true;
    }
  }

  /** Asks anew what the room can do; tells when it has another name. */
  async #refresh(): Promise<void> {
    const asked = await askRoom(this.#session.iqs, this.id, this.#session.botJid());
    if (asked.kind === 'info') this.#learn(asked.info);
  }

  #learn(info: RoomInfo): void {
    const before = this.#listener.info;
    this.#listener.info = info;
    if (before === UNKNOWN_ROOM || info.name === '' || info.name === before.name) return;
    this.#listener.renamed(info.name);
  }

  /** XEP-0410: asks now and then whether the bot is still in; servers forget without a word. */
  async #selfPing(signal: AbortSignal): Promise<void> {
    const { ctx, iqs } = this.#session;
    for (;;) {
      await ctx.clock.sleep(SELF_PING_MS * (0.8 + 0.4 * ctx.random()), signal);
      if (signal.aborted) return;
      const bot = this.#session.botJid();
      const nick = this.seats.nickOf(bot);
      if (nick === null) return this.enter();
      const to = `${this.id}/${nick}`;
      const answer = await iqs.ask({ to, from: bot, type: 'get', child: el('ping', { xmlns: NS.ping }) });
      if (signal.aborted) return;
      if (answer.kind === 'error' && answer.error.condition === 'not-acceptable') {
        this.seats.vacate(bot);
        return this.enter();
      }
    }
  }

  #out(jid: string, gone: boolean): void {
    if (jid !== this.#session.botJid()) return;
    this.enter();
    if (!gone) return;
    // Entering would make the room anew, empty: that is for its owners to do.
    this.#effort.abort();
    this.#phase.set(refused('CHANNEL_GONE'));
  }

  /** With the sign by which it is known as ours when it is found in the archive. */
  #signed(stanza: Element): Element {
    const author = this.seats.authorOf(attribute(stanza, 'from'));
    return author === null
      ? stanza
      : signed(stanza, this.#session.sent.sign(attribute(stanza, 'id'), author));
  }

  #vacate(voice: Voice): void {
    this.seats.vacate(voice.jid);
    if (voice.bot && this.isLive) this.enter();
  }

  /** Waits while the channel is being entered, for a bounded time. Null when it is live, else why it is not. */
  async unready(): Promise<Outcome | null> {
    const phase = await this.#phase.settled(READY_MS);
    if (phase === 'live') return null;
    if (phase !== 'entering') return phase;
    return later(this.#session.isUp() ? 'NOT_IN_CHANNEL' : 'NETWORK_DOWN', { afterMs: 5000 });
  }

  /** Sees that `voice` can speak: the channel is live, they sit in it, and have the word. */
  async #ready(voice: Voice, mute: boolean): Promise<Ready> {
    const unready = await this.unready();
    if (unready !== null) return failed(unready);
    const speak = (): Promise<boolean> => letSpeak(this.#session, this, voice);
    let seated = await this.seats.enter(voice);
    if (!seated.ok && seated.error?.condition === 'registration-required' && (await speak())) {
      seated = await this.seats.enter(voice);
    }
    if (!seated.ok) {
      const banned = seated.error === null || ['forbidden', 'gone'].includes(seated.error.condition);
      return banned || voice.bot ? failed(seated.outcome) : { kind: 'relay' };
    }
    if (!mute && this.seats.standingOf(voice.jid)?.role !== 'visitor') return { kind: 'ready' };
    if (await speak()) return { kind: 'ready' };
    return voice.bot ? failed(refused('FORBIDDEN')) : { kind: 'relay' };
  }

  /** Takes a stanza of this room addressed to one of ours. */
  take(stanza: Element): void {
    const toBot = attribute(stanza, 'to') === this.#session.botJid();
    if (stanza.name === 'presence') this.#presence(stanza, toBot);
    else if (attribute(stanza, 'type') === 'error') this.#refusedMessage(stanza);
    else if (attribute(stanza, 'type') === 'groupchat') {
      if (toBot) this.#groupchat(stanza);
      else this.#ghostsCopy(stanza);
    }
  }

  #presence(presence: Element, toBot: boolean): void {
    const type = attribute(presence, 'type');
    const change = toBot && type !== 'error' ? this.occupants.apply(presence) : null;
    if (change !== null) this.#listener.presence(change);
    this.seats.take(presence);
    if (toBot && type === '' && statusCodes(presence).has('110')) this.occupants.settle();
    if (toBot) this.#tellHubs();
  }

  #tellHubs(): void {
    const hubs = this.occupants.hubs();
    const told = JSON.stringify(hubs);
    if (hubs === null || told === this.#hubsTold) return;
    this.#hubsTold = told;
    this.#session.ctx.hubs(this.id, hubs);
  }

  #groupchat(message: Element): void {
    const codes = attribute(message, 'from') === this.id ? statusCodes(message) : null;
    if (codes?.has('104') === true) void this.#refresh();
    if (this.#buffer === null) {
      if (this.isLive) this.#listener.live(message);
      return;
    }
    this.#buffer.push(message);
    if (this.#buffer.length <= BUFFER_MAX || !this.info.archive) return;
    this.#buffer.length = 0;
    this.#overflowed = true;
  }

  /** Each ghost gets a copy of everything; of use is only its own message, when it comes before the bot's copy. */
  #ghostsCopy(message: Element): void {
    const id = attribute(message, 'id');
    if (!this.writer.isFlying(id)) return;
    const own = this.occupants.ownJid(resourceOf(attribute(message, 'from')), this.#session.ctx.clock.now());
    const sentId = own === attribute(message, 'to') ? sentIdOf(message, this.#session.sent) : null;
    if (sentId === null || !this.info.stanzaIds) return;
    const given = message
      .getChildren('stanza-id', NS.stanzaId)
      .find((child) => attribute(child, 'by') === this.id);
    if (given !== undefined) this.writer.reflected(sentId, attribute(given, 'id'));
  }

  #refusedMessage(message: Element): void {
    const from = bareJid(attribute(message, 'from'));
    if (from === this.id || from === domainOf(this.id)) {
      this.writer.refused(attribute(message, 'id'), stanzaError(message));
    }
  }
}

const failed = (outcome: Outcome): Ready => ({ kind: 'failed', outcome });

/** What keeps the bot out keeps everybody out, until somebody changes it: nothing is given up for it. */
const botOutcome = (outcome: Outcome): Outcome =>
  outcome.kind === 'refused' && outcome.code !== 'CHANNEL_GONE'
    ? later('NOT_IN_CHANNEL', { afterMs: 60_000 })
    : outcome;
