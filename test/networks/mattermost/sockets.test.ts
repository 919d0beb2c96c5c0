import { waitFor } from '@brygga/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addUser, join, tokenFor } from './bootstrap.ts';
import { EventListener } from './client.ts';
import { Stand } from './stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand.stop());

const bare = (query = ''): EventListener => new EventListener(stand.server.url, '', query);
const isOpen = (listener: EventListener): Promise<unknown> =>
  waitFor(() => listener.socket.readyState === 1, { what: 'an open socket' });

describe('coming in', () => {
  it('by header: hello first, seq 0, and the connection has a name', async () => {
    const listener = await stand.listen();
    expect(listener.heard[0]).toMatchObject({ event: 'hello', seq: 0 });
    expect(listener.connectionId).toMatch(/^[a-z0-9]{26}$/);
  });

  it('by challenge: OK and hello', async () => {
    const listener = bare();
    await isOpen(listener);
    const answer = await listener.act('authentication_challenge', { token: stand.bot.rest.token });
    await listener.opened();
    expect(answer).toEqual({ status: 'OK', seq_reply: 1 });
  });

  it('with a bad token in the challenge: closed without a word', async () => {
    const listener = bare();
    await isOpen(listener);
    listener.act('authentication_challenge', { token: 'nonsense' }).catch(() => undefined);
    await listener.closed();
    expect([listener.heard, listener.answers]).toEqual([[], []]);
  });

  it('without a token, or with a bad one in the header: open, and closed after 5 s', async () => {
    const listeners = [bare(), new EventListener(stand.server.url, 'nonsense')];
    for (const listener of listeners) await isOpen(listener);
    await stand.clock.advance(4999);
    // What would be closed is seen to be, by the time a request has come and gone.
    for (const _ of [1, 2, 3]) await stand.bot.rest.must('GET', '/system/ping');
    expect(listeners.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    await stand.clock.advance(1);
    for (const listener of listeners) await listener.closed();
  });

  it('counts events for each connection by itself', async () => {
    const channel = await stand.channel();
    const first = await stand.listen();
    await stand.post(stand.admin, channel, 'one');
    await first.hears('posted');
    const second = await stand.listen();
    await stand.post(stand.admin, channel, 'two');
    await second.hears('posted');
    const gapless = ({ heard }: EventListener): boolean => heard.every(({ seq }, at) => seq === at);
    expect([gapless(first), gapless(second), first.nextSeq > second.nextSeq]).toEqual([true, true, true]);
  });
});

describe('actions', () => {
  it('ping tells the time, and others are refused by name', async () => {
    const listener = await stand.listen();
    const pong = await listener.act('ping');
    expect(pong.data).toMatchObject({ text: 'pong', server_time: stand.clock.now() });
    expect((await listener.act('nonsense')).error).toMatchObject({
      id: 'api.web_socket_router.bad_action.app_error',
      status_code: 500,
    });
  });

  it('need a seq above 0', async () => {
    const listener = await stand.listen();
    listener.socket.send(JSON.stringify({ seq: 0, action: 'ping' }));
    await waitFor(() => listener.answers.length > 0);
    expect(listener.answers[0]?.error?.id).toBe('api.web_socket_router.bad_seq.app_error');
  });

  it('of more than 8 KiB, or no JSON, end the connection', async () => {
    const [long, strange] = [await stand.listen(), await stand.listen()];
    long.socket.send(JSON.stringify({ seq: 1, action: 'ping', data: { x: 'x'.repeat(8192) } }));
    strange.socket.send('nonsense');
    await long.closed();
    await strange.closed();
  });

  it('typing goes to the channel but for who types', async () => {
    const channel = await stand.channel();
    const [bot, admin] = [await stand.listen(), await stand.listen(stand.admin)];
    await admin.act('user_typing', { channel_id: channel.id, parent_id: '' });
    await bot.hears('typing');
    expect(bot.of('typing')[0]).toMatchObject({
      data: { user_id: stand.admin.id, parent_id: '' },
      broadcast: { channel_id: channel.id },
    });
    expect(admin.of('typing')).toEqual([]);
  });
});

describe('a resume', () => {
  /** Drops the socket of a listener and says something meanwhile. */
  const dropAndPost = async (listener: EventListener, count: number): Promise<string> => {
    const channel = await stand.channel();
    const query = `?connection_id=${listener.connectionId}&sequence_number=${listener.nextSeq}`;
    stand.server.dropSockets(stand.bot.id);
    await listener.closed();
    await waitFor(() => stand.server.connections(stand.bot.id) === 0);
    for (let at = 0; at < count; at += 1) await stand.post(stand.admin, channel, `missed ${at}`);
    return query;
  };

  it('brings what was missed, in order, under the old name and without a hello', async () => {
    const before = await stand.listen();
    const query = await dropAndPost(before, 3);
    const after = await stand.listen(stand.bot, query);
    await after.hears('posted', 3);
    expect(after.posted).toEqual(['missed 0', 'missed 1', 'missed 2']);
    expect(after.of('hello')).toEqual([]);
    expect(query).toContain(`sequence_number=${after.heard[0]?.seq}`);
  });

  it('brings again what the client says it did not get', async () => {
    const channel = await stand.channel();
    const before = await stand.listen();
    const from = before.nextSeq;
    await stand.post(stand.admin, channel, 'sent, but not read');
    await before.hears('posted');
    stand.server.dropSockets(stand.bot.id);
    await waitFor(() => stand.server.connections(stand.bot.id) === 0);
    const query = `?connection_id=${before.connectionId}&sequence_number=${from}`;
    const after = await stand.listen(stand.bot, query);
    await after.hears('posted');
    expect([after.posted, after.heard[0]?.seq]).toEqual([['sent, but not read'], from]);
  });

  it('of a seq that is no longer kept: a new name, and seq from 0', async () => {
    const channel = await stand.channel();
    const before = await stand.listen();
    const from = before.nextSeq;
    for (let at = 0; at < 129; at += 1) await stand.post(stand.admin, channel, `m${at}`);
    await before.hears('posted', 129);
    stand.server.dropSockets(stand.bot.id);
    await waitFor(() => stand.server.connections(stand.bot.id) === 0);
    const query = `?connection_id=${before.connectionId}&sequence_number=${from}`;
    const after = await (await stand.listen(stand.bot, query)).opened();
    expect(after.heard[0]).toMatchObject({ event: 'hello', seq: 0 });
    expect(after.connectionId).not.toBe(before.connectionId);
  });

  it('of a connection the server believes to be alive: a new one', async () => {
    const before = await stand.listen();
    stand.server.halfOpen(stand.bot.id);
    const query = `?connection_id=${before.connectionId}&sequence_number=${before.nextSeq}`;
    const after = await (await stand.listen(stand.bot, query)).opened();
    expect(after.connectionId).not.toBe(before.connectionId);
  });

  it('after more than 256 events, after a restart, or of another user: a new one', async () => {
    const flooded = await stand.listen();
    const lost = await dropAndPost(flooded, 257);
    const first = await (await stand.listen(stand.bot, lost)).opened();
    const foreign = await (
      await stand.listen(stand.admin, `?connection_id=${first.connectionId}&sequence_number=1`)
    ).opened();
    const restarted = `?connection_id=${first.connectionId}&sequence_number=${first.nextSeq}`;
    await stand.server.restart();
    const second = await (await stand.listen(stand.bot, restarted)).opened();
    const names = [flooded, first, foreign, second].map(({ connectionId }) => connectionId);
    expect(new Set(names).size).toBe(4);
  });

  it('is over five to ten minutes after a user last did anything', async () => {
    const before = await stand.listen();
    const query = await dropAndPost(before, 0);
    await stand.clock.advance(600_001);
    const after = await (await stand.listen(stand.bot, query)).opened();
    expect(after.connectionId).not.toBe(before.connectionId);
  });

  it('with a bad name or without a number fails', async () => {
    const before = await stand.listen();
    await dropAndPost(before, 0);
    const queries = ['?connection_id=short&sequence_number=1', `?connection_id=${before.connectionId}`];
    for (const query of queries) await (await stand.listen(stand.bot, query)).closed();
  });
});

describe('a slow reader', () => {
  it('loses typing when the queue is half full, without a gap in the count', async () => {
    const channel = await stand.channel();
    const listener = await stand.listen();
    const type = () => stand.admin.rest.must('POST', '/users/me/typing', { channel_id: channel.id });
    stand.server.stall(stand.bot.id);
    await type();
    for (let at = 0; at < 127; at += 1) await stand.post(stand.admin, channel, `m${at}`);
    await type();
    stand.server.unstall(stand.bot.id);
    await listener.hears('posted', 127);
    expect(listener.of('typing')).toHaveLength(1);
    expect(listener.heard.every(({ seq }, at) => seq === at)).toBe(true);
  });

  it('loses the connection when it is full, and what was kept for it', async () => {
    const channel = await stand.channel();
    const listener = await stand.listen();
    const seq = listener.nextSeq;
    stand.server.stall(stand.bot.id);
    for (let at = 0; at < 257; at += 1) await stand.post(stand.admin, channel, `m${at}`);
    await listener.closed();
    const query = `?connection_id=${listener.connectionId}&sequence_number=${seq}`;
    const after = await (await stand.listen(stand.bot, query)).opened();
    expect(after.connectionId).not.toBe(listener.connectionId);
  });
});

describe('being alive', () => {
  it('pings every 60 s, and ends who does not answer for 100 s', async () => {
    const [alive, dead] = [await stand.listen(), await stand.listen(stand.admin)];
    stand.server.halfOpen(stand.admin.id);
    await stand.clock.advance(60_000);
    await waitFor(() => alive.pings === 1);
    await stand.clock.advance(40_000);
    await waitFor(() => stand.server.connections(stand.admin.id) === 0);
    expect([alive.isClosed, dead.pings]).toEqual([false, 0]);
  });

  it.each(['revoked', 'deactivated', 'unread'] as const)(
    'stays open and deaf when the session is %s: pongs, but no events and FAIL',
    async (how) => {
      const channel = await stand.channel();
      const anna = await addUser(stand.admin, `deaf-${how}`);
      await join(stand.admin, stand.stage.team, channel, anna.id);
      const token = await tokenFor(stand.admin, anna.id);
      const listener = await new EventListener(stand.server.url, token).opened();
      // The one check whether a socket is authenticated comes after 5 s; only then it is never asked again.
      await stand.clock.advance(5000);
      if (how === 'revoked') {
        const [{ id: token_id } = { id: '' }] = await stand.admin.rest.must<{ id: string }[]>(
          'GET',
          `/users/${anna.id}/tokens`,
        );
        await stand.admin.rest.must('POST', '/users/tokens/revoke', { token_id });
      } else if (how === 'deactivated') {
        await stand.admin.rest.must('PUT', `/users/${anna.id}/active`, { active: false });
      } else stand.server.loseAuthentication(anna.id);
      await stand.post(stand.admin, channel, 'unheard');
      const answer = await listener.act('ping');
      expect([answer.status, answer.error?.id]).toEqual([
        'FAIL',
        'api.web_socket_router.not_authenticated.app_error',
      ]);
      await stand.clock.advance(60_000);
      await waitFor(() => listener.pings === 1);
      expect([listener.isClosed, listener.posted]).toEqual([false, []]);
      if (how !== 'unread') {
        expect(await anna.rest.as(token).refused('GET', '/users/me')).toBe(
          '401 api.context.session_expired.app_error',
        );
      }
      listener.close();
    },
  );
});

describe('a session that comes back', () => {
  it('does not bring the socket back: it stays deaf for good', async () => {
    const channel = await stand.channel();
    const anna = await addUser(stand.admin, 'switched');
    await join(stand.admin, stand.stage.team, channel, anna.id);
    const listener = await new EventListener(stand.server.url, await tokenFor(stand.admin, anna.id)).opened();
    await stand.clock.advance(5000);
    const [token] = await stand.admin.rest.must<{ id: string }[]>('GET', `/users/${anna.id}/tokens`);
    for (const verb of ['disable', 'enable']) {
      await stand.admin.rest.must('POST', `/users/tokens/${verb}`, { token_id: token?.id });
      await stand.post(stand.admin, channel, verb);
    }
    expect((await listener.act('ping')).status).toBe('FAIL');
    expect(listener.posted).toEqual([]);
    listener.close();
  });
});

describe('the end', () => {
  it('leaves no timer behind', async () => {
    const other = await Stand.start();
    await other.listen();
    await other.server.restart();
    await other.listen();
    await other.stop();
    expect(other.clock.waiting).toBe(0);
  });
});

describe('who is told', () => {
  it('members of the channel, and administrators are no exception', async () => {
    const channel = await stand.channel();
    const anna = await addUser(stand.admin, 'outsider');
    await join(stand.admin, stand.stage.team, undefined, anna.id);
    const listener = await stand.listen(anna);
    const admin = await stand.listen(stand.admin);
    await stand.admin.rest.must('DELETE', `/channels/${channel.id}/members/${stand.admin.id}`);
    await stand.post(stand.bot, channel, 'inside');
    await admin.act('ping');
    await listener.act('ping');
    expect([listener.posted, admin.posted]).toEqual([[], []]);
  });

  it('of typing and reactions from 11.10 on: who has the channel open, or never said', async () => {
    const newest = await Stand.start({ version: '11.10' });
    const channel = await newest.channel();
    const [silent, elsewhere] = [await newest.listen(), await newest.listen()];
    await elsewhere.act('presence', { channel_id: 'e'.repeat(26) });
    const post = await newest.post(newest.admin, channel, 'a');
    const reaction = { user_id: newest.admin.id, post_id: post.id, emoji_name: 'tada' };
    await newest.admin.rest.must('POST', '/reactions', reaction);
    await silent.hears('reaction_added');
    await elsewhere.act('ping');
    expect([elsewhere.posted, elsewhere.of('reaction_added')]).toEqual([['a'], []]);
    await newest.stop();
  });
});
