import type { BridgeContext } from '@brygga/contract';
import { fakeContext, waitFor } from '@brygga/testkit';
import { httpClient } from '@brygga/wire';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../../test/networks/mattermost/client.ts';
import { Stand } from '../../../test/networks/mattermost/stand.ts';
import { Feed, type News } from '../src/feed.ts';
import { inside, Post, Reaction, type SocketEvent } from '../src/native.ts';
import { People } from '../src/people.ts';
import { Rest } from '../src/rest.ts';
import { SeenPosts } from '../src/seen-posts.ts';
import { SentPosts } from '../src/sent-posts.ts';
import type { Session } from '../src/session.ts';
import { MattermostSettings } from '../src/settings.ts';
import { Socket } from '../src/socket.ts';
import { Spacing } from '../src/spacing.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand.stop());

const KINDS = { posted: 'posted', post_edited: 'edited', post_deleted: 'deleted' } as const;

function newsOf({ event, data }: SocketEvent): News | null {
  const kind = KINDS[event as keyof typeof KINDS];
  const post = kind === undefined ? null : inside(Post, data, 'post');
  if (post !== null) return { kind, post };
  const reaction = inside(Reaction, data, 'reaction');
  return reaction === null ? null : { kind: event === 'reaction_added' ? 'reacted' : 'unreacted', reaction };
}

/** One channel, followed as the bridge does. */
class Followed {
  readonly channel: Row;
  readonly ctx;
  #last: string | null = null;
  readonly #feed: Feed;
  readonly #socket: Socket;

  constructor(channel: Row) {
    this.channel = channel;
    const settings = MattermostSettings.parse({ url: stand.server.url, token: stand.bot.rest.token });
    this.ctx = fakeContext<MattermostSettings>({ network: 'mm', settings, clock: stand.clock });
    const rest = new Rest(httpClient(stand.clock), stand.clock, settings.url, settings.token);
    const session: Session = {
      ctx: this.#breaking(),
      rest,
      people: new People(rest),
      sent: new SentPosts(this.ctx),
      spacing: new Spacing(stand.clock),
      bot: stand.bot.id,
      ignored: new Set(),
      postCharsMax: 16_383,
      webhooksAnswer: true,
      serverNow: () => stand.clock.now(),
    };
    this.#feed = new Feed(session, channel.id, new SeenPosts());
    this.#socket = new Socket({
      url: settings.url,
      token: settings.token,
      clock: stand.clock,
      random: () => 0.5,
      listener: {
        event: (event) => {
          const news = newsOf(event);
          const meant = news !== null && ('post' in news ? news.post.channel_id : event.broadcast.channel_id);
          if (news !== null && meant === channel.id) this.#feed.hear(news);
        },
        up: (resumed) => {
          if (!resumed) this.#feed.missed();
        },
        down: () => undefined,
      },
    });
    this.#socket.start();
  }

  /** The hub, which takes nothing more once it has taken what `breakOffAfter` names. */
  #breaking(): BridgeContext<MattermostSettings> {
    const { ctx } = this;
    return {
      ...ctx,
      accept: async (intake) => {
        const accepted = await ctx.accept(intake);
        if (this.#last !== null && this.told.at(-1) === this.#last) {
          ctx.refuseAccepts = true;
          this.#last = null;
        }
        return accepted;
      },
    };
  }

  /** Reads the list, as after an interruption. */
  missed(): void {
    this.#feed.missed();
  }

  breakOffAfter(line: string): void {
    this.#last = line;
  }

  get told(): string[] {
    return this.ctx.accepted.map((event) =>
      'plain' in event
        ? `${event.kind} ${event.plain}`
        : event.kind === 'reaction'
          ? `${event.mode} ${event.emoji.join()}`
          : event.kind,
    );
  }

  async until(check: () => boolean): Promise<void> {
    await waitFor(
      async () => {
        await stand.clock.advance(500);
        return check();
      },
      { withinMs: 10_000, everyMs: 5, what: this.told.slice(-5).join(', ') },
    );
  }

  async begun(): Promise<this> {
    let cursor: string | null = null;
    await this.until(() => {
      void this.ctx.cursor(this.#feed.channel).then((now) => (cursor = now));
      return cursor !== null;
    });
    return this;
  }

  async close(): Promise<void> {
    await this.#socket.close();
    await this.#feed.close();
    expect(this.ctx.problems).toEqual([]);
  }
}

const open: Followed[] = [];
async function followed(): Promise<Followed> {
  const one = new Followed(await stand.channel());
  open.push(one);
  return one.begun();
}
afterEach(async () => {
  stand.server.faults.clear();
  await Promise.all(open.splice(0).map((one) => one.close()));
});

describe('a channel of Mattermost', () => {
  it('is told of as it happens: words, edits, reactions, removals', async () => {
    const { channel, ...rest } = await followed();
    void rest;
    const [one] = open;
    if (one === undefined) throw new Error('nothing is followed');
    const post = await stand.post(stand.admin, channel, 'tea?');
    await stand.clock.advance(10);
    await stand.admin.rest.must('PUT', `/posts/${post.id}/patch`, { message: 'tea!' });
    await stand.admin.rest.must('POST', '/reactions', {
      user_id: stand.admin.id,
      post_id: post.id,
      emoji_name: '+1',
    });
    await one.until(() => one.told.includes('add 👍'));
    await stand.admin.rest.must('DELETE', `/posts/${post.id}`);
    await one.until(() => one.told.includes('delete'));
    expect(one.told).toEqual(['message tea?', 'edit tea!', 'add 👍', 'delete']);
  });

  it('is read after an outage: 1,500 changes, edits and removals among them', async () => {
    const one = await followed();
    const { channel } = one;
    const before: Row[] = [];
    for (let at = 0; at < 3; at++) before.push(await stand.post(stand.admin, channel, `before ${at}`));
    await one.until(() => one.told.length === 3);
    stand.server.forgetConnections(stand.bot.id);
    stand.server.halfOpen();
    for (let at = 0; at < 1500; at++) {
      await stand.post(stand.admin, channel, `missed ${at}`);
      if (at % 10 === 0) await stand.clock.advance(1);
    }
    await stand.admin.rest.must('PUT', `/posts/${before[0]?.id}/patch`, { message: 'changed' });
    await stand.admin.rest.must('DELETE', `/posts/${before[1]?.id}`);
    await one.until(() => one.told.length >= 1505);
    const words = one.told.filter((line) => line.startsWith('message missed'));
    expect(new Set(words).size).toBe(1500);
    expect(one.told).toContain('edit changed');
    expect(one.told.filter((line) => line === 'delete')).toHaveLength(1);
  });

  it('is read again from where it was when that was broken off: the cursor passes nothing that is not handed in', async () => {
    const one = await followed();
    const { channel } = one;
    const old = await stand.post(stand.admin, channel, 'old');
    await one.until(() => one.told.length === 1);
    stand.server.forgetConnections(stand.bot.id);
    stand.server.halfOpen();
    await stand.clock.advance(1);
    for (const text of ['one', 'two', 'three']) {
      await stand.post(stand.admin, channel, text);
      await stand.clock.advance(100_000); // far beyond the overlap
    }
    await stand.admin.rest.must('PUT', `/posts/${old.id}/patch`, { message: 'changed last' });
    one.breakOffAfter('edit changed last');
    await one.until(() => one.ctx.refuseAccepts);
    await stand.clock.advance(100);
    one.ctx.refuseAccepts = false;
    await one.until(() => one.told.includes('message three'));
    expect(one.told).toEqual([
      'message old',
      'edit changed last',
      'message one',
      'message two',
      'message three',
    ]);
  });

  /** Something happens of which the websocket tells late: a list has been read by then. */
  async function toldLate(one: Followed, happens: () => Promise<unknown>, listed: string): Promise<void> {
    stand.server.faults.sockets.hold(stand.bot.id);
    await happens();
    one.missed();
    await one.until(() => one.told.includes(listed));
    stand.server.release(stand.bot.id);
    const last = await stand.post(stand.admin, one.channel, 'last');
    await one.until(() => one.ctx.accepted.some(({ origin }) => origin.nativeId === last.id));
  }

  it('does not go back to an edit that is told of after a newer one was read', async () => {
    const one = await followed();
    const post = await stand.post(stand.admin, one.channel, 'tea?');
    await one.until(() => one.told.length === 1);
    const edit = async (message: string): Promise<void> => {
      await stand.clock.advance(10);
      await stand.admin.rest.must('PUT', `/posts/${post.id}/patch`, { message });
    };
    await toldLate(one, () => edit('milk?').then(() => edit('coffee?')), 'edit coffee?');
    expect(one.told).toEqual(['message tea?', 'edit coffee?', 'message last']);
  });

  it('takes two edits of one millisecond', async () => {
    const one = await followed();
    const post = await stand.post(stand.admin, one.channel, 'tea?');
    for (const message of ['milk?', 'coffee?'])
      await stand.admin.rest.must('PUT', `/posts/${post.id}/patch`, { message });
    await one.until(() => one.told.includes('edit coffee?'));
    expect(one.told).toEqual(['message tea?', 'edit milk?', 'edit coffee?']);
  });

  async function react(post: Row, on: boolean): Promise<void> {
    await stand.clock.advance(10);
    const [user_id, post_id] = [stand.admin.id, post.id];
    if (on) await stand.admin.rest.must('POST', '/reactions', { user_id, post_id, emoji_name: '+1' });
    else await stand.admin.rest.must('DELETE', `/users/${user_id}/posts/${post_id}/reactions/+1`);
  }

  it('tells of each time that somebody takes a reaction back', async () => {
    const one = await followed();
    const post = await stand.post(stand.admin, one.channel, 'tea?');
    for (const on of [true, false, true, false]) await react(post, on);
    await one.until(() => one.told.length === 5);
    expect(one.told).toEqual(['message tea?', 'add 👍', 'remove 👍', 'add 👍', 'remove 👍']);
  });

  it('ends with the reaction that stands, however late the websocket tells how it came to that', async () => {
    const one = await followed();
    const post = await stand.post(stand.admin, one.channel, 'tea?');
    await one.until(() => one.told.length === 1);
    const toggle = async (): Promise<void> => {
      for (const on of [true, false, true]) await react(post, on);
    };
    await toldLate(one, toggle, 'add 👍');
    const reactions = one.told.filter((line) => line.endsWith('👍'));
    expect(reactions.at(-1)).toBe('add 👍');
    expect(new Set(one.ctx.accepted.map(({ origin }) => origin.nativeId)).size).toBe(one.told.length);
  });

  it('notices after an outage that a reaction was taken back', async () => {
    const one = await followed();
    const post = await stand.post(stand.admin, one.channel, 'tea?');
    await react(post, true);
    await one.until(() => one.told.includes('add 👍'));
    stand.server.forgetConnections(stand.bot.id);
    stand.server.halfOpen();
    await react(post, false);
    await one.until(() => one.told.includes('remove 👍'));
    expect(one.told).toEqual(['message tea?', 'add 👍', 'remove 👍']);
  });

  it('notices that the answers of a removed root are gone, also where the server lists from a copy that lags', async () => {
    const one = await followed();
    const root = await stand.post(stand.admin, one.channel, 'root');
    for (const text of ['one', 'two']) await stand.post(stand.admin, one.channel, text, { root_id: root.id });
    await one.until(() => one.told.length === 3);
    await stand.clock.advance(10_000);
    stand.server.faults.replicaLagMs = 5000;
    await stand.admin.rest.must('DELETE', `/posts/${root.id}`);
    await one.until(() => one.told.filter((line) => line === 'delete').length === 3);
  });
});
