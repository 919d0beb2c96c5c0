import { faultOf } from '@brygga/contract';
import { type ChannelId, channelId, IncomingEvent, type IncomingEventInput } from '@brygga/event';
import { backoffMs } from '@brygga/wire';
import { z } from 'zod';
import { type Failure, failureFields } from './errors.ts';
import { deletionEvent, editEvent, type IntakeSpace, peopleIn, postEvent, reactionEvent } from './intake.ts';
import { ChannelLists, postsOf } from './lists.ts';
import type { Post, Reaction } from './native.ts';
import { namesIn } from './parse.ts';
import type { Answer } from './rest.ts';
import { isOutdated, reactionKey, type SeenPosts, stateOf } from './seen-posts.ts';
import type { Session } from './session.ts';

/** A change may be written a little before it is seen: so far back is read again. */
const OVERLAP_MS = 60_000;
const IDS_AT_ONCE = 1000;
const PAUSES = { firstMs: 1000, mostMs: 60_000 };
/** A list with `since` may come from a replica that lags behind: it is read once more. */
const SECOND_LOOK_MS = 30_000;

/** What the websocket tells of a channel. */
export type News =
  | { readonly kind: 'posted' | 'edited' | 'deleted'; readonly post: Post }
  | { readonly kind: 'reacted' | 'unreacted'; readonly reaction: Reaction };

/**
 * What comes from one channel, in its order: live events, and after each interruption what was missed, from the cursor
 * on. The cursor is the newest `update_at` handed in, by the server's clock. What cannot be handed in is read again.
 */
export class Feed {
  readonly channel: ChannelId;
  readonly #session: Session;
  readonly #stop = new AbortController();
  readonly #seen: SeenPosts;
  readonly #lists: ChannelLists;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #cursor: Cursor | null = null;
  #isBehind = true;
  #tries = 0;

  constructor(session: Session, channel: string, seen: SeenPosts) {
    this.#session = session;
    this.#seen = seen;
    this.channel = channelId(channel);
    this.#lists = new ChannelLists(session.rest, channel, this.#stop.signal);
  }

  /** Something may have been missed: reads it, and goes on trying until that is done. */
  missed(): void {
    this.#isBehind = true;
    this.#inTurn(() => this.#catchUp());
  }

  /** An event of the channel. While it lags behind it will be read with the rest. */
  hear(news: News): void {
    if (this.#waiting > WAITING_MAX) {
      this.#isBehind = true; // too many wait: they are read with the rest
      return;
    }
    this.#inTurn(() => this.#live(news));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#turn;
  }

  #inTurn(work: () => Promise<void>): void {
    this.#waiting += 1;
    this.#turn = this.#turn.then(async () => {
      this.#waiting -= 1;
      if (this.#stop.signal.aborted) return;
      try {
        await work();
        this.#tries = 0;
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  /** Not handed in: everything from the cursor on is read again after a while. */
  #failed(error: unknown): void {
    const { ctx } = this.#session;
    const reason = error instanceof Unanswered ? failureFields(error.failure) : { fault: faultOf(error) };
    ctx.log.warn('channel.behind', reason);
    this.#isBehind = true;
    const ms = backoffMs(this.#tries, PAUSES, ctx.random);
    this.#tries += 1;
    void ctx.clock.sleep(ms, this.#stop.signal).then(() => this.#inTurn(() => this.#catchUp()));
  }

  async #live(news: News): Promise<void> {
    if (this.#isBehind) return this.#catchUp();
    if ('reaction' in news) {
      const at = news.reaction.update_at || this.#session.serverNow();
      return this.#reaction({ ...news.reaction, update_at: at }, news.kind === 'reacted');
    }
    const { post, kind } = news;
    if (kind === 'deleted') {
      const removed = { ...post, delete_at: Math.max(post.delete_at, post.update_at, 1) };
      await this.#take(removed, true);
      if (post.root_id !== '') return;
      await this.#answersGone(post);
      this.#lookAgain(() => this.#answersGone(post));
      return;
    }
    await this.#take(post, true);
  }

  /** A root takes its replies along, and nothing is said of them: they stand in the list. */
  async #answersGone(root: Post): Promise<void> {
    const { posts } = must(await this.#lists.changedSince(this.#session.serverNow() - OVERLAP_MS));
    for (const post of posts.values())
      if (post.root_id === root.id && post.delete_at > 0) await this.#take(post, false);
  }

  /**
   * Whatever is new of a post, by its fields: itself, its newest text, its end, who reacts. `isLive`: all that changed
   * before it is handed in, so that the cursor may pass it; reactions have events of their own.
   */
  async #take(post: Post, isLive: boolean): Promise<void> {
    if (post.original_id !== '') return; // a row of an edit's history
    // A link begins some time: what was said before is not carried, nor what becomes of it.
    if (post.create_at < (this.#cursor?.from ?? 0)) return;
    if (post.user_id === this.#session.bot) this.#session.sent.note(post);
    const known = this.#seen.get(post.id);
    if (known !== undefined && isOutdated(post, known)) return;
    const state = stateOf(post, known);
    const cursor = isLive ? this.#past(post.update_at) : this.#cursor;
    if (known?.version !== state.version) await this.#hand(post, known !== undefined, cursor);
    this.#seen.set(post.id, state);
    // A list may come from a copy that lags behind.
    if (!isLive && !state.isGone && post.update_at === state.updateAt)
      await this.#reactions(post, state.reactions);
  }

  async #hand(post: Post, isKnown: boolean, cursor: Cursor | null): Promise<void> {
    await this.#learn(peopleIn(post), namesIn(post.message));
    const space = this.#space();
    if (post.delete_at > 0) {
      const isOurs = await this.#session.sent.isRemoved(post.id);
      return this.#accept([isOurs ? null : deletionEvent(post, space)], cursor);
    }
    const fresh = isKnown ? 0 : await this.#acceptOne(postEvent(post, space));
    // What is new has its newest text already.
    await this.#accept([fresh === 0 && post.edit_at > 0 ? editEvent(post, space) : null], cursor);
  }

  /** Who reacts to a post by a list, beside who did as far as was handed in. */
  async #reactions(post: Post, known: ReadonlySet<string>): Promise<void> {
    const listed = post.metadata?.reactions ?? [];
    const now = new Set(listed.map(reactionKey));
    for (const one of listed) if (!known.has(reactionKey(one))) await this.#reaction(one, true);
    for (const key of [...known].filter((one) => !now.has(one))) {
      const [user_id = '', emoji_name = ''] = key.split(' ');
      await this.#reaction({ post_id: post.id, user_id, emoji_name, update_at: post.update_at }, false);
    }
  }

  async #reaction(reaction: Reaction, on: boolean): Promise<void> {
    await this.#learn([reaction.user_id], []);
    const event = reactionEvent(reaction, on, this.#seen.timesBack(reaction), this.#space());
    if (event !== null) await this.#accept([event]);
    this.#seen.reacted(reaction, on);
  }

  /** After an interruption, and at the beginning. */
  async #catchUp(): Promise<void> {
    if (!this.#isBehind) return;
    const { ctx } = this.#session;
    this.#cursor ??= cursorOf(await ctx.cursor(this.channel));
    if (this.#cursor === null) {
      const now = this.#session.serverNow();
      await this.#accept([], { upTo: now, from: now });
      this.#isBehind = false;
      return;
    }
    const since = this.#cursor.upTo - OVERLAP_MS;
    await this.#changes(since);
    this.#isBehind = false;
    this.#lookAgain(() => this.#changes(since));
  }

  #lookAgain(look: () => Promise<void>): void {
    const { clock } = this.#session.ctx;
    void clock.sleep(SECOND_LOOK_MS, this.#stop.signal).then(() => {
      if (!this.#stop.signal.aborted) this.#inTurn(look);
    });
  }

  /** All that changed since then, in the order of the channel. */
  async #changes(since: number): Promise<void> {
    const { posts: listed, isCut, isShort } = must(await this.#lists.changedSince(since));
    if (isShort) this.#session.ctx.log.error('channel.gap', { reason: 'TOO_MANY', count: listed.size });
    const posts = isCut ? await this.#withSeen(listed, since) : [...listed.values()];
    const ordered = posts.sort((a, b) => a.create_at - b.create_at || (a.id < b.id ? -1 : 1));
    for (const post of ordered) {
      if (this.#stop.signal.aborted) return;
      await this.#take(post, false);
    }
    // Not before: an old post may have changed last, and whoever dies in between must begin where this began.
    const newest = ordered.reduce((most, { update_at }) => Math.max(most, update_at), 0);
    await this.#accept([], this.#past(newest));
  }

  /** What was seen before is asked for by id: a list that was cut may lack its edits and removals. */
  async #withSeen(listed: ReadonlyMap<string, Post>, since: number): Promise<Post[]> {
    const posts = [...listed.values()];
    const known = this.#seen.ids().filter((id) => !listed.has(id));
    for (let from = 0; from < known.length; from += IDS_AT_ONCE) {
      const body = known.slice(from, from + IDS_AT_ONCE);
      const { rest } = this.#session;
      const rows = await rest.call({
        method: 'POST',
        path: '/posts/ids',
        body,
        schema: z.array(z.unknown()),
      });
      posts.push(...postsOf(must(rows)).filter(({ update_at }) => update_at > since));
    }
    return posts;
  }

  async #learn(ids: readonly string[], names: readonly string[]): Promise<void> {
    const { people } = this.#session;
    must(await people.learnIds(ids));
    if (names.length > 0) must(await people.learnNames(names));
  }

  async #acceptOne(event: IncomingEventInput | null): Promise<number> {
    if (event === null) return 1;
    const { fresh } = await this.#session.ctx.accept({
      channel: this.channel,
      events: [IncomingEvent.parse(event)],
    });
    return fresh;
  }

  /** The cursor with that change behind it. */
  #past(updated: number): Cursor | null {
    const cursor = this.#cursor;
    return cursor === null || updated <= cursor.upTo ? cursor : { ...cursor, upTo: updated };
  }

  async #accept(events: readonly (IncomingEventInput | null)[], cursor = this.#cursor): Promise<void> {
    const real = events.flatMap((event) => (event === null ? [] : [IncomingEvent.parse(event)]));
    if (real.length === 0 && cursor === this.#cursor) return;
    const saved = cursor === null ? {} : { cursor: `${cursor.upTo} ${cursor.from}` };
    await this.#session.ctx.accept({ channel: this.channel, events: real, ...saved });
    this.#cursor = cursor;
  }

  #space(): IntakeSpace {
    const { ctx, people, bot, ignored } = this.#session;
    return {
      network: ctx.network,
      channel: this.channel,
      isOurs: (user) => user === bot,
      isBot: (user) => people.user(user)?.is_bot === true,
      nameOf: (user) => people.nameOf(user),
      isIgnored: (user) => ignored.has(user),
      person: (username) => people.named(username),
    };
  }
}

/** Events that wait for their turn in one channel. */
const WAITING_MAX = 1000;

/** `upTo`: newest change handed in; `from`: when the link began. Both in ms since 1970 on the server's clock. */
interface Cursor {
  readonly upTo: number;
  readonly from: number;
}

function cursorOf(text: string | null): Cursor | null {
  const [, upTo, from] = /^(\d{1,16}) (\d{1,16})$/.exec(text ?? '') ?? [];
  return upTo === undefined ? null : { upTo: Number(upTo), from: Number(from) };
}

/** The server did not say what was asked. */
class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

function must<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw new Unanswered(answer.failure);
}
