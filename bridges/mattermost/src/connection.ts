import type { BridgeContext } from '@brygga/contract';
import { type HttpClient, httpClient } from '@brygga/wire';
import { z } from 'zod';
import { type Failure, failureFields, hasStatus } from './errors.ts';
import { type SocketEvent, User } from './native.ts';
import { type NameDisplay, People } from './people.ts';
import { path, Rest } from './rest.ts';
import { SentPosts } from './sent-posts.ts';
import type { Session } from './session.ts';
import type { MattermostSettings } from './settings.ts';
import { Socket, type SocketEnd } from './socket.ts';
import { Spacing } from './spacing.ts';

/** How long it waits before it asks again who it is, when the server did not say. */
const ASK_AGAIN_MS = 10_000;
const POST_CHARS = 16_383;

/** What the server tells its clients of its settings; all values are words. */
const Config = z.record(z.string(), z.string().catch(''));

export interface ConnectionListener {
  event(event: SocketEvent): void;
  /** Events come. `resumed`: none was missed meanwhile. */
  up(session: Session, resumed: boolean): void;
}

/** One account on one server: asks who it is, then listens, and tells the hub how that goes. */
export class Connection {
  readonly #ctx: BridgeContext<MattermostSettings>;
  readonly #http: HttpClient;
  readonly #rest: Rest;
  readonly #listener: ConnectionListener;
  readonly #stop = new AbortController();
  #session: Session | null = null;
  #socket: Socket | null = null;
  #running: Promise<void> | null = null;
  /** Whether it is being asked if the token is still good. */
  #asking = false;
  /** By how much the server's clock is ahead of ours, in ms. */
  #ahead = 0;

  constructor(ctx: BridgeContext<MattermostSettings>, listener: ConnectionListener) {
    this.#ctx = ctx;
    this.#listener = listener;
    this.#http = httpClient(ctx.clock);
    const { url, token } = ctx.settings;
    this.#rest = new Rest(this.#http, ctx.clock, url, token, () => void this.#refused());
  }

  /** Null until it is known who we are there. */
  get session(): Session | null {
    return this.#session;
  }

  start(): void {
    this.#ctx.state('connecting');
    this.#running ??= this.#begin();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#socket?.close();
    await this.#http.close();
  }

  async #begin(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const failure = await this.#introduce();
      if (failure === null) return;
      this.#told(failure);
      await this.#ctx.clock.sleep(ASK_AGAIN_MS, this.#stop.signal);
    }
  }

  /** Null when all that has to be known is known, and the socket is on its way. */
  async #introduce(): Promise<Failure | null> {
    const { clock, random, settings } = this.#ctx;
    const signal = this.#stop.signal;
    const me = await this.#rest.call({ method: 'GET', path: '/users/me', schema: User, signal });
    if (!me.ok) return me.failure;
    const query = { format: 'old' };
    const config = await this.#rest.call({
      method: 'GET',
      path: '/config/client',
      query,
      schema: Config,
      signal,
    });
    if (!config.ok) return config.failure;
    const people = new People(this.#rest);
    people.display = displayOf(config.value.TeammateNameDisplay);
    const named = await people.learnNames(settings.ignoreUsers);
    if (!named.ok) return named.failure;
    this.#session = {
      ctx: this.#ctx,
      rest: this.#rest,
      people,
      sent: new SentPosts(this.#ctx),
      spacing: new Spacing(clock),
      bot: me.value.id,
      ignored: new Set(settings.ignoreUsers.flatMap((name) => people.named(name)?.id ?? [])),
      postCharsMax: Number(config.value.MaxPostSize) || POST_CHARS,
      webhooksAnswer: isFrom(config.value.Version, 11, 8),
      serverNow: () => clock.now() + this.#ahead,
    };
    this.#socket = new Socket({
      url: settings.url,
      token: settings.token,
      clock,
      random,
      listener: this.#heard(),
    });
    this.#socket.start();
    return null;
  }

  #heard() {
    return {
      event: (event: SocketEvent) => this.#listener.event(event),
      up: (resumed: boolean, serverTime: number) => {
        this.#ahead = serverTime - this.#ctx.clock.now();
        this.#ctx.state('up');
        if (this.#session !== null) this.#listener.up(this.#session, resumed);
      },
      down: (why: SocketEnd) => void this.#down(why),
    };
  }

  /** A connection that is deaf, or not taken, may mean that the token is no good any more: that is asked. */
  async #down(why: SocketEnd): Promise<void> {
    if (why !== 'closed' && why !== 'gap') {
      const me = await this.#rest.call({
        method: 'GET',
        path: '/users/me',
        schema: User,
        signal: this.#stop.signal,
      });
      if (!me.ok && !this.#stop.signal.aborted) return this.#told(me.failure);
    }
    if (!this.#stop.signal.aborted) this.#ctx.state('down', 'CONNECTION_LOST');
  }

  /** A call was not let in: by mistake of the server now and then (it could not read the session), or for good. */
  async #refused(): Promise<void> {
    if (this.#asking || this.#session === null) return;
    this.#asking = true;
    const signal = this.#stop.signal;
    const me = await this.#rest.call({ method: 'GET', path: '/users/me', schema: User, signal });
    this.#asking = false;
    if (!me.ok && hasStatus(me.failure, 401)) this.#told(me.failure);
  }

  #told(failure: Failure): void {
    if (this.#stop.signal.aborted) return;
    if (hasStatus(failure, 401)) return void this.#ctx.state('refused', 'CREDENTIALS_REFUSED');
    this.#ctx.log.debug('network.unanswered', failureFields(failure));
    this.#ctx.state('down', 'NETWORK_DOWN');
  }

  /** The bot becomes a member, where it may: else nothing is heard from there. Tells whether it is one. */
  async enter(channel: string): Promise<boolean> {
    const session = this.#session;
    if (session === null) return false;
    const { rest, bot } = session;
    const signal = this.#stop.signal;
    const member = await rest.call({
      method: 'GET',
      path: path`/channels/${channel}/members/${bot}`,
      schema: z.unknown(),
      signal,
    });
    if (member.ok) return true;
    const joined = await rest.call({
      method: 'POST',
      path: path`/channels/${channel}/members`,
      body: { user_id: bot },
      schema: z.unknown(),
      signal,
    });
    return joined.ok;
  }
}

const displayOf = (display: string | undefined): NameDisplay =>
  display === 'nickname_full_name' || display === 'full_name' ? display : 'username';

/** Whether a version (`11.7.0`) is that one or a later. */
function isFrom(version: string | undefined, major: number, minor: number): boolean {
  const [ours = 0, then = 0] = (version ?? '').split('.').map(Number);
  return ours > major || (ours === major && then >= minor);
}
