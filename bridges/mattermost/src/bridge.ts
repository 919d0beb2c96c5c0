import {
  type Bridge,
  type BridgeContext,
  type CheckContext,
  type Delivery,
  type Finding,
  later,
  type Manifest,
  type Outcome,
  unsure,
} from '@brygga/contract';
import type { ChannelId, NetworkId } from '@brygga/event';
import { check } from './check.ts';
import { Connection } from './connection.ts';
import { Feed, type News } from './feed.ts';
import { manifestFor } from './manifest.ts';
import { inside, Post, Reaction, type SocketEvent, textField } from './native.ts';
import { SeenPosts } from './seen-posts.ts';
import { send } from './send.ts';
import type { Session } from './session.ts';
import type { MattermostSettings } from './settings.ts';
import { Typing } from './typing.ts';

/** How long `close` waits for what is under way before it ends the connections. */
const SETTLE_MS_MAX = 5_000;
/** How soon the bot tries again to get into a channel. */
const ENTER_AGAIN_MS = 60_000;

interface Attached {
  readonly stop: AbortController;
  feed: Feed | null;
}

/** One Mattermost network: one bot account on one server. */
export class MattermostBridge implements Bridge<MattermostSettings> {
  readonly manifest: Manifest;
  #ctx: BridgeContext<MattermostSettings> | null = null;
  #connection: Connection | null = null;
  readonly #channels = new Map<string, Attached>();
  /** Kept when a channel is detached: it may be attached again. */
  readonly #seen = new Map<string, SeenPosts>();
  readonly #typing = new Typing();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(_network: NetworkId, settings: MattermostSettings) {
    this.manifest = manifestFor(settings);
  }

  async open(ctx: BridgeContext<MattermostSettings>): Promise<void> {
    this.#ctx = ctx;
    this.#connection = new Connection(ctx, {
      event: (event) => this.#heard(event),
      up: (session, resumed) => this.#up(session, resumed),
    });
    this.#connection.start();
  }

  async close(): Promise<void> {
    const [connection, ctx] = [this.#connection, this.#ctx];
    this.#connection = null;
    this.#typing.close();
    if (connection === null || ctx === null) return;
    const enough = new AbortController();
    const settled = Promise.allSettled(this.#underWay);
    await Promise.race([settled, ctx.clock.sleep(SETTLE_MS_MAX, enough.signal)]);
    enough.abort();
    await Promise.all([...this.#channels.keys()].map((channel) => this.#leave(channel)));
    await connection.close();
    ctx.state('down');
    await settled;
  }

  async attach(channel: ChannelId): Promise<void> {
    if (this.#channels.has(channel)) return;
    const attached: Attached = { stop: new AbortController(), feed: null };
    this.#channels.set(channel, attached);
    const session = this.#connection?.session;
    if (session) this.#follow(session, channel, attached);
  }

  async detach(channel: ChannelId): Promise<void> {
    await this.#leave(channel);
  }

  async #leave(channel: string): Promise<void> {
    const attached = this.#channels.get(channel);
    this.#channels.delete(channel);
    attached?.stop.abort();
    await attached?.feed?.close();
  }

  async send(delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
    const session = this.#connection?.session ?? null;
    if (session === null) return later('NETWORK_DOWN', { scope: 'network' });
    const work = send(session, delivery, signal);
    this.#underWay.add(work);
    const forget = (): void => void this.#underWay.delete(work);
    work.then(forget, forget);
    return Promise.race([work, givenUp(signal)]);
  }

  check(ctx: CheckContext<MattermostSettings>): Promise<readonly Finding[]> {
    return check(ctx);
  }

  #up(session: Session, resumed: boolean): void {
    for (const [channel, attached] of this.#channels) {
      if (attached.feed === null) this.#follow(session, channel, attached);
      else if (!resumed) attached.feed.missed();
    }
  }

  /** Begins to follow a channel as soon as the bot is in it. */
  #follow(session: Session, channel: string, attached: Attached): void {
    const seen = this.#seen.get(channel) ?? new SeenPosts();
    this.#seen.set(channel, seen);
    const feed = new Feed(session, channel, seen);
    attached.feed = feed;
    const enter = async (): Promise<void> => {
      while (!attached.stop.signal.aborted) {
        if (await this.#connection?.enter(channel)) return feed.missed();
        session.ctx.log.warn('channel.not-in', { reason: 'NOT_IN_CHANNEL' });
        await session.ctx.clock.sleep(ENTER_AGAIN_MS, attached.stop.signal);
      }
    };
    void enter();
  }

  #heard(event: SocketEvent): void {
    const session = this.#connection?.session;
    if (!session) return;
    if (event.event === 'typing') return void this.#typing.hear(session, event);
    if (event.event === 'user_updated' || event.event === 'new_user') {
      const user = textField(event.data.user, 'id') ?? textField(event.data, 'user_id');
      if (user !== undefined) session.people.forget(user);
      return;
    }
    const news = newsOf(event);
    if (news === null) return;
    const channel = 'post' in news ? news.post.channel_id : event.broadcast.channel_id;
    this.#channels.get(channel)?.feed?.hear(news);
  }
}

const POSTS: Readonly<Record<string, 'posted' | 'edited' | 'deleted'>> = {
  posted: 'posted',
  post_edited: 'edited',
  post_deleted: 'deleted',
};

function newsOf({ event, data }: SocketEvent): News | null {
  const kind = POSTS[event];
  const post = kind === undefined ? null : inside(Post, data, 'post');
  if (kind !== undefined && post !== null) return { kind, post };
  if (event !== 'reaction_added' && event !== 'reaction_removed') return null;
  const reaction = inside(Reaction, data, 'reaction');
  return reaction === null ? null : { kind: event === 'reaction_added' ? 'reacted' : 'unreacted', reaction };
}

/** The time limit of a send. What is still under way is found by its marker. */
const givenUp = (signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => {
    const give = (): void => resolve(unsure('NO_ANSWER'));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
