import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EventListener, type Row, type Said } from './client.ts';
import type { Fault } from './index.ts';
import { Stand } from './stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterEach(() => stand.server.faults.clear());
afterAll(() => stand.stop());

describe('a request', () => {
  const meet = async (fault: Fault, selection: object = {}) => {
    const channel = await stand.channel();
    stand.server.faults.next({ method: 'POST', path: /\/posts$/, ...selection }, fault);
    const post = (): Promise<Said> =>
      stand.bot.rest.say('POST', '/posts', { channel_id: channel.id, message: 'hello' });
    const count = (): number => stand.server.livePosts(channel.id).length;
    return { post, count };
  };

  it.each([
    ['refuse', 0],
    ['loseAnswer', 1],
  ] as const)('%s: the connection breaks, and %i posts are there', async (kind, posts) => {
    const { post, count } = await meet({ kind });
    await expect(post()).rejects.toThrow();
    expect(count()).toBe(posts);
    expect((await post()).status).toBe(201);
  });

  it.each([
    ['hang', 0],
    ['silence', 1],
  ] as const)('%s: nobody answers, and %i posts are there', async (kind, posts) => {
    const { post, count } = await meet({ kind });
    const answer = post().catch(() => 'broken');
    await waitFor(() => stand.server.exchanges.at(-1)?.method === 'POST');
    await stand.clock.advance(60_000);
    await waitFor(() => count() === posts);
    const first = await Promise.race([answer, post().then(() => 'the next one')]);
    expect(first).toBe('the next one');
    await stand.server.restart();
    expect(await answer).toBe('broken');
  });

  it('delayAnswer: carried out at once, answered later', async () => {
    const { post, count } = await meet({ kind: 'delayAnswer', ms: 9000 });
    const answer = post();
    await waitFor(() => count() === 1);
    await stand.clock.advance(9000);
    expect((await answer).status).toBe(201);
  });

  it('errorAfter: a 500 in the usual form, carried out', async () => {
    const { post, count } = await meet({ kind: 'errorAfter' });
    expect(await post()).toMatchObject({ status: 500, body: { status_code: 500, id: expect.any(String) } });
    expect(count()).toBe(1);
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('proxyError, carried out %s: a page of HTML, and %i posts', async (isCarriedOut, posts) => {
    const { post, count } = await meet({ kind: 'proxyError', isCarriedOut });
    const said = await post();
    expect([said.status, said.headers.get('content-type'), count()]).toEqual([502, 'text/html', posts]);
    expect(String(said.body)).toContain('<html>');
  });

  it('rateLimit: plain text, and when to come again', async () => {
    const { post, count } = await meet({ kind: 'rateLimit', retryAfterSec: 7 });
    const said = await post();
    expect([said.status, String(said.body).trim(), said.headers.get('retry-after'), count()]).toEqual([
      429,
      'limit exceeded',
      '7',
      0,
    ]);
  });

  it('unauthorized: as if the session had ended', async () => {
    const { post, count } = await meet({ kind: 'unauthorized' });
    expect(await post()).toMatchObject({
      status: 401,
      body: { id: 'api.context.session_expired.app_error' },
    });
    expect(count()).toBe(0);
  });

  it('commitTwice: two posts and two events, one answer', async () => {
    const listener = await stand.listen();
    const { post, count } = await meet({ kind: 'commitTwice' });
    expect((await post()).status).toBe(201);
    expect([count(), listener.posted]).toEqual([2, ['hello', 'hello']]);
  });

  it('is chosen by its number, and as often as told', async () => {
    const { post } = await meet({ kind: 'errorAfter' }, { nth: 2, times: 2 });
    const statuses = [];
    for (const _ of [1, 2, 3, 4]) statuses.push((await post()).status);
    expect(statuses).toEqual([201, 500, 500, 201]);
  });
});

describe('the stream of events', () => {
  const say = async (channel: Row, ...messages: string[]): Promise<void> => {
    for (const message of messages) await stand.post(stand.admin, channel, message);
  };

  it('duplicate: the next event comes twice, each counted', async () => {
    const [channel, listener] = [await stand.channel(), await stand.listen()];
    stand.server.faults.sockets.duplicate(stand.bot.id);
    await say(channel, 'twice', 'once');
    expect(listener.posted).toEqual(['twice', 'twice', 'once']);
    expect(listener.heard.every(({ seq }, at) => seq === at)).toBe(true);
  });

  it('swap: the next two come the other way round', async () => {
    const [channel, listener] = [await stand.channel(), await stand.listen()];
    stand.server.faults.sockets.swap(stand.bot.id);
    await say(channel, 'first', 'second', 'third');
    expect(listener.posted).toEqual(['second', 'first', 'third']);
  });

  it('lose: one is counted and does not come, and a resume brings it', async () => {
    const [channel, listener] = [await stand.channel(), await stand.listen()];
    const seq = listener.nextSeq;
    stand.server.faults.sockets.lose(stand.bot.id);
    await say(channel, 'lost', 'heard');
    expect([listener.posted, listener.heard.at(-1)?.seq]).toEqual([['heard'], seq + 1]);
    stand.server.dropSockets(listener.connectionId);
    await waitFor(() => listener.isClosed && stand.server.connections(listener.connectionId) === 0);
    const query = `?connection_id=${listener.connectionId}&sequence_number=${seq}`;
    const after = await stand.listen(stand.bot, query);
    await after.hears('posted', 2);
    expect(after.posted).toEqual(['lost', 'heard']);
  });

  it('hold and release: nothing comes, and then all of it in order', async () => {
    const [channel, listener] = [await stand.channel(), await stand.listen()];
    stand.server.faults.sockets.hold(stand.bot.id);
    await say(channel, 'one', 'two');
    await listener.act('ping');
    expect(listener.posted).toEqual([]);
    stand.server.release(stand.bot.id);
    await listener.hears('posted', 2);
    expect(listener.posted).toEqual(['one', 'two']);
  });

  it('deafen and hear: nothing comes, and what was said meanwhile never does', async () => {
    const [channel, listener] = [await stand.channel(), await stand.listen()];
    stand.server.faults.sockets.deafen(stand.bot.id);
    await say(channel, 'unheard');
    expect((await listener.act('ping')).status).toBe('OK');
    stand.server.faults.sockets.hear(stand.bot.id);
    await say(channel, 'heard');
    expect(listener.posted).toEqual(['heard']);
  });

  it('keepStale: an event of a channel just left', async () => {
    const [channel, listener] = [await stand.channel(), await stand.listen()];
    // The removal itself, its system post, and one more.
    stand.server.faults.sockets.keepStale(stand.bot.id, channel.id, 3);
    await stand.admin.rest.must('DELETE', `/channels/${channel.id}/members/${stand.bot.id}`);
    await say(channel, 'after leaving', 'later');
    expect(listener.posted).toEqual(['after leaving']);
  });

  it('forgetConnections and forgetSent: nothing to resume', async () => {
    for (const forget of ['forgetConnections', 'forgetSent'] as const) {
      const channel = await stand.channel();
      const listener = await stand.listen();
      await say(channel, 'before');
      stand.server[forget](stand.bot.id);
      await say(channel, 'after');
      stand.server.dropSockets(stand.bot.id);
      await waitFor(() => stand.server.connections(stand.bot.id) === 0);
      const query = `?connection_id=${listener.connectionId}&sequence_number=1`;
      const again = await (await stand.listen(stand.bot, query)).opened();
      expect(again.connectionId).not.toBe(listener.connectionId);
    }
  });

  it('halfOpen: the socket is silent both ways and does not close', async () => {
    const [channel, listener] = [await stand.channel(), await stand.listen()];
    stand.server.halfOpen(listener.connectionId);
    await say(channel, 'into the void');
    listener.act('ping').catch(() => undefined);
    listener.socket.ping();
    const other = await stand.listen();
    await other.act('ping');
    expect([listener.posted, listener.answers, listener.isClosed]).toEqual([[], [], false]);
  });
});

describe('the upgrade of a websocket', () => {
  it.each(['refuse', 'proxyError'] as const)('%s: no socket, and the next one opens', async (kind) => {
    stand.server.faults.next({ path: /websocket/ }, { kind });
    const failed = new EventListener(stand.server.url, stand.bot.rest.token);
    await failed.closed();
    expect((await stand.listen()).connectionId).not.toBe('');
  });
});

describe('a restart', () => {
  it('is not kept up by clients that come back at once', async () => {
    const { url } = stand.server;
    let over = false;
    const knock = async (): Promise<void> => {
      while (!over) {
        const listener = new EventListener(url, stand.bot.rest.token);
        await Promise.race([listener.closed(), stand.bot.rest.say('GET', '/users/me').catch(() => null)]);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const knocking = Promise.all(Array.from({ length: 6 }, knock));
    for (let time = 0; time < 30; time += 1) await stand.server.restart();
    over = true;
    stand.server.dropSockets();
    await knocking;
  });

  it('drops all sockets, is away for a while, and keeps the posts', async () => {
    const [channel, listener] = [await stand.channel(), await stand.listen()];
    await stand.post(stand.bot, channel, 'kept');
    const { url } = stand.server;
    const back = stand.server.restart({ downMs: 5000 });
    await listener.closed();
    await waitFor(() =>
      stand.bot.rest.say('GET', '/system/ping').then(
        () => false,
        () => true,
      ),
    );
    await stand.clock.advance(5000);
    await back;
    expect(stand.server.url).toBe(url);
    expect(
      (await stand.bot.rest.must<{ order: string[] }>('GET', `/channels/${channel.id}/posts`)).order.length,
    ).toBeGreaterThan(0);
  });
});
