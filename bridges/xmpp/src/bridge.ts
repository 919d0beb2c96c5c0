import {
  type Bridge,
  type BridgeContext,
  type CheckContext,
  type Delivery,
  type Finding,
  type HubNotice,
  later,
  type Outcome,
  type Persona,
} from '@brygga/contract';
import type { ChannelId, NetworkId, PersonId } from '@brygga/event';
import { Gate } from '@brygga/wire';
import { dialAccount } from './account.ts';
import { Archive } from './archive.ts';
import { Channel } from './channel.ts';
import { check } from './check.ts';
import { botJid, dialComponent } from './component.ts';
import { Connection, type Dial } from './connection.ts';
import { bareJid, domainOf, SentIds } from './ids.ts';
import { Iqs } from './iq.ts';
import { keepAlive } from './keep-alive.ts';
import { manifestFor } from './manifest.ts';
import { chatStateStanza } from './outgoing.ts';
import { personOf } from './parse.ts';
import { carry } from './send.ts';
import { type Session, voiceOf } from './session.ts';
import type { XmppSettings } from './settings.ts';
import { attribute, type Element } from './stanza.ts';
import { TypingLimit } from './typing-limit.ts';

/** Joins at a time, over all rooms: each costs a room a presence per occupant. */
const JOINS_MAX = 4;
const JOINS_WAITING_MAX = 10_000;
const SECRET = 'sent-ids';

/** What exists between `open` and `close`. */
interface Running {
  readonly session: Session;
  readonly connection: Connection;
  readonly iqs: Iqs;
  readonly archive: Archive;
  readonly typing: TypingLimit;
  alive: AbortController;
}

const dialFor = (settings: XmppSettings, { clock, newId }: BridgeContext<XmppSettings>): Dial =>
  settings.mode === 'component' ? dialComponent(settings, clock) : dialAccount(settings, clock, newId);

/** One XMPP network. */
export class XmppBridge implements Bridge<XmppSettings> {
  readonly manifest;
  readonly #settings: XmppSettings;
  readonly #channels = new Map<ChannelId, Channel>();
  readonly #notices = new Map<ChannelId, HubNotice>();
  #running: Running | null = null;

  constructor(_network: NetworkId, settings: XmppSettings) {
    this.#settings = settings;
    this.manifest = manifestFor(settings);
  }

  async open(ctx: BridgeContext<XmppSettings>): Promise<void> {
    if (this.#running !== null) return;
    const secret = await sentSecret(ctx);
    const connection = new Connection(ctx, dialFor(this.#settings, ctx), {
      busy: () => (this.#running?.session.flying.count ?? 0) > 0,
      up: () => this.#up(),
      down: (condition) => this.#down(condition),
      stanza: (stanza) => this.#take(stanza),
    });
    const write = (stanza: Element): boolean => {
      connection.line?.write(stanza);
      return connection.line !== null;
    };
    const iqs = new Iqs(ctx.clock, ctx.newId, write);
    const archive = new Archive(iqs, ctx.newId);
    const settings = this.#settings;
    const session: Session = {
      ctx,
      settings,
      sent: new SentIds(secret),
      iqs,
      archive,
      joins: new Gate(JOINS_MAX, JOINS_WAITING_MAX),
      write,
      isUp: () => connection.line !== null,
      botJid: () => connection.line?.jid ?? (settings.mode === 'component' ? botJid(settings) : ''),
      flying: { count: 0 },
      hold: () => connection.line?.pause(),
      goOn: () => connection.line?.resume(),
      drop: () => connection.drop(),
    };
    const typing = new TypingLimit(ctx.clock);
    this.#running = { session, connection, iqs, archive, typing, alive: new AbortController() };
    connection.start();
  }

  async close(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    // What is under way is told first that it is unsure; then the stream ends, and what was heard is stored.
    for (const channel of this.#channels.values()) channel.writer.stop();
    // The bot stays in until the server finds out: other hubs are not to think that this one still carries.
    for (const id of this.#notices.keys()) this.#channels.get(id)?.seats.announce(null);
    await running.connection.stop();
    running.iqs.lost();
    await Promise.all([...this.#channels.values()].map((channel) => channel.close(false)));
    this.#channels.clear();
    this.#notices.clear();
    this.#running = null;
  }

  announce(id: ChannelId, notice: HubNotice): void {
    this.#notices.set(id, notice);
    this.#channels.get(id)?.seats.announce(notice);
  }

  async attach(id: ChannelId): Promise<void> {
    const running = this.#running;
    if (running === null || this.#channels.has(id)) return;
    const channel = new Channel(running.session, id);
    this.#channels.set(id, channel);
    const notice = this.#notices.get(id);
    if (notice !== undefined) channel.seats.announce(notice);
    if (running.session.isUp()) channel.enter();
  }

  async detach(id: ChannelId): Promise<void> {
    const channel = this.#channels.get(id);
    this.#channels.delete(id);
    await channel?.close(true);
  }

  async send(delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
    const session = this.#running?.session;
    const channel = this.#channels.get(delivery.channel);
    if (session === undefined || channel === undefined) return later('NETWORK_DOWN');
    if (!session.isUp()) return later('NETWORK_DOWN');
    return carry({ session, channel, delivery, signal });
  }

  check(ctx: CheckContext<XmppSettings>): Promise<readonly Finding[]> {
    return check(ctx);
  }

  /** XEP-0085; only of ghosts that sit in the room: nobody is brought there for it. */
  async typing(id: ChannelId, persona: Persona, active: boolean): Promise<void> {
    const running = this.#running;
    const channel = this.#channels.get(id);
    if (running === null || channel === undefined || this.#settings.mode === 'account') return;
    const { jid } = voiceOf(running.session, persona);
    if (channel.seats.nickOf(jid) === null || !running.typing.allows(`${id} ${jid}`, active)) return;
    running.session.write(chatStateStanza(id, jid, active));
  }

  async people(
    id: ChannelId,
  ): Promise<readonly { readonly person: PersonId; readonly displayName: string }[]> {
    const channel = this.#channels.get(id);
    const session = this.#running?.session;
    if (channel === undefined || session === undefined) return [];
    const now = session.ctx.clock.now();
    return [...channel.occupants.all()].flatMap((occupant) => {
      if (channel.occupants.ownJid(occupant.nick, now) !== null) return [];
      const known = channel.info.occupantIds ? occupant : { ...occupant, occupantId: null };
      return [{ person: personOf(known), displayName: occupant.nick }];
    });
  }

  async describe(id: ChannelId): Promise<{ readonly name?: string; readonly topic?: string }> {
    const channel = this.#channels.get(id);
    if (channel === undefined) return {};
    const { topic, info } = channel;
    return { ...(info.name === '' ? {} : { name: info.name }), ...(topic === null ? {} : { topic }) };
  }

  #up(): void {
    const running = this.#running;
    if (running === null) return;
    running.alive = new AbortController();
    void keepAlive(
      {
        clock: running.session.ctx.clock,
        iqs: running.iqs,
        target: () => this.#pingTarget(running.session),
        dead: () => running.connection.drop(),
      },
      running.alive.signal,
    );
    for (const channel of this.#channels.values()) channel.enter();
  }

  #down(condition: string | null): void {
    this.#running?.alive.abort();
    this.#running?.iqs.lost();
    for (const channel of this.#channels.values()) channel.lost(condition);
  }

  /** A service of the server's: the component's own domain would answer itself. */
  #pingTarget(session: Session): { to: string; from: string } | null {
    const room = this.#channels.keys().next().value;
    const to =
      this.#settings.mode === 'account' ? this.#settings.domain : room === undefined ? null : domainOf(room);
    return to === null ? null : { to, from: session.botJid() };
  }

  #take(stanza: Element): void {
    const running = this.#running;
    if (running === null) return;
    if (stanza.name === 'iq') {
      running.iqs.take(stanza);
      return;
    }
    const from = bareJid(attribute(stanza, 'from'));
    const channel = this.#channels.get(from as ChannelId);
    if (channel === undefined) return;
    // Of the copies to ghosts all but a few are dropped unread: see `Channel.take`.
    if (stanza.name === 'message' && running.archive.take(stanza)) return;
    channel.take(stanza);
  }
}

/** The secret behind the ids of what we write: made once, kept, so that they are known after a restart. */
async function sentSecret(ctx: BridgeContext<XmppSettings>): Promise<string> {
  const known = await ctx.store.get(SECRET);
  if (known !== null) return known;
  const secret = `${ctx.newId()}${ctx.newId()}`;
  await ctx.store.set(SECRET, secret);
  return secret;
}
