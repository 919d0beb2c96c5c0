import { waitFor } from '@brygga/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addUser, join } from './bootstrap.ts';
import type { Row } from './client.ts';
import { Stand } from './stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand.stop());

describe('making a post', () => {
  it('tells the sockets before it answers', async () => {
    const channel = await stand.channel();
    const listener = await stand.listen();
    await stand.post(stand.bot, channel, 'first the event');
    expect(listener.posted).toEqual(['first the event']);
  });

  it('tells the sockets although the answer is late', async () => {
    const channel = await stand.channel();
    const listener = await stand.listen();
    stand.server.faults.next({ path: /posts$/ }, { kind: 'delayAnswer', ms: 5000 });
    let isAnswered = false;
    const answer = stand.post(stand.bot, channel, 'late').then(() => {
      isAnswered = true;
    });
    await listener.hears('posted');
    expect(isAnswered).toBe(false);
    await stand.clock.advance(5000);
    await answer;
  });

  it('shows the key in the answer and in the event, and nowhere else', async () => {
    const channel = await stand.channel();
    const listener = await stand.listen();
    const post = await stand.post(stand.bot, channel, 'keyed', { pending_post_id: 'bh:a' });
    const event = JSON.parse(String(listener.of('posted').at(-1)?.data.post)) as Row;
    const read = await stand.bot.rest.must('GET', `/posts/${post.id}`);
    expect([post.pending_post_id, event.pending_post_id, read.pending_post_id]).toEqual(['bh:a', 'bh:a', '']);
  });

  it('writes the session as its author, whoever is named', async () => {
    const channel = await stand.channel();
    const post = await stand.post(stand.admin, channel, 'mine', { user_id: stand.bot.id });
    expect(post.user_id).toBe(stand.admin.id);
  });

  it('refuses an id, a system type, an archived channel, and who is not in the channel', async () => {
    const channel = await stand.channel();
    const post = (more: object, by = stand.bot): Promise<string> =>
      by.rest.refused('POST', '/posts', { channel_id: channel.id, message: 'no', ...more });
    const stranger = await addUser(stand.admin, 'stranger');
    await join(stand.admin, stand.stage.team, undefined, stranger.id);
    expect(await post({ id: 'a'.repeat(26) })).toBe('400 app.post.save.existing.app_error');
    expect(await post({ type: 'system_join_channel' })).toBe('400 api.context.invalid_param.app_error');
    expect(await post({}, stranger)).toBe('403 api.context.permissions.app_error');
    await stand.admin.rest.must('DELETE', `/channels/${channel.id}`);
    expect(await post({})).toBe('400 api.post.create_post.can_not_post_to_deleted.error');
  });

  it('counts the length in code points', async () => {
    const channel = await stand.channel();
    const isMade = await stand.bot.rest.say('POST', '/posts', {
      channel_id: channel.id,
      message: '🐟'.repeat(16_383),
    });
    expect(isMade.status).toBe(201);
    const tooLong = { channel_id: channel.id, message: 'x'.repeat(16_384) };
    expect(await stand.bot.rest.refused('POST', '/posts', tooLong)).toBe(
      '400 model.post.is_valid.message_length.app_error',
    );
  });

  it('takes a time of its own from nobody but administrators', async () => {
    const channel = await stand.channel();
    const post = await stand.post(stand.bot, channel, 'old', { create_at: 1000 });
    const backdated = await stand.post(stand.admin, channel, 'old', { create_at: 1000 });
    expect([post.create_at, backdated.create_at, backdated.update_at]).toEqual([
      stand.clock.now(),
      1000,
      1000,
    ]);
  });

  it('wants a root that is one, there, and in the same channel', async () => {
    const [channel, other] = [await stand.channel(), await stand.channel()];
    const root = await stand.post(stand.bot, channel, 'root');
    const reply = await stand.post(stand.bot, channel, 'reply', { root_id: root.id });
    const gone = await stand.post(stand.bot, channel, 'gone');
    await stand.bot.rest.must('DELETE', `/posts/${gone.id}`);
    const answer = (root_id: string, at = channel): Promise<string> =>
      stand.bot.rest.refused('POST', '/posts', { channel_id: at.id, message: 'x', root_id });
    expect(await answer(reply.id)).toBe('400 api.post.create_post.root_id.app_error');
    expect(await answer(gone.id)).toBe('400 api.post.create_post.root_id.app_error');
    expect(await answer('b'.repeat(26))).toBe('400 api.post.create_post.root_id.app_error');
    expect(await answer(root.id, other)).toBe('400 api.post.create_post.channel_root_id.app_error');
  });

  it('adds props of its own', async () => {
    const channel = await stand.channel();
    const post = await stand.post(stand.bot, channel, 'see ~town-square', { props: { bh: '1' } });
    expect(post.props).toEqual({
      bh: '1',
      from_bot: 'true',
      channel_mentions: {
        'town-square': { display_name: 'Town Square', team_name: 'harbour', id: expect.any(String) },
      },
    });
  });

  it('in a thread is told a second time to those who follow, its author among them', async () => {
    const channel = await stand.channel();
    const root = await stand.post(stand.admin, channel, 'root');
    const [bot, admin] = [await stand.listen(), await stand.listen(stand.admin)];
    await stand.post(stand.bot, channel, 'reply', { root_id: root.id });
    await admin.hears('thread_updated');
    const threads = [bot, admin].map(
      (one) => JSON.parse(String(one.of('thread_updated')[0]?.data.thread)) as Row,
    );
    expect(threads).toMatchObject([
      { id: root.id, reply_count: 1, unread_replies: 0 },
      { id: root.id, reply_count: 1, unread_replies: 1 },
    ]);
    expect(bot.heard.slice(-2).map(({ event }) => event)).toEqual(['posted', 'thread_updated']);
  });

  it('says who writes, and whom it pings, in the event of each receiver', async () => {
    const channel = await stand.channel();
    const [bot, admin] = [await stand.listen(), await stand.listen(stand.admin)];
    await stand.post(stand.admin, channel, 'hello @bridge');
    await admin.hears('posted');
    expect(bot.of('posted').at(-1)?.data).toMatchObject({
      sender_name: '@admin',
      channel_type: 'O',
      channel_name: channel.name,
      mentions: JSON.stringify([stand.bot.id]),
      set_online: true,
    });
    expect(admin.of('posted').at(-1)?.data).not.toHaveProperty('mentions');
  });
});

describe('the key of a pending post', () => {
  const keyed = (channel: Row, key: string, by = stand.bot) =>
    by.rest.say('POST', '/posts', { channel_id: channel.id, message: 'once', pending_post_id: key });
  const count = (channel: Row): number => stand.server.livePosts(channel.id).length;

  it('within 30 s of the success: the same post, and no event', async () => {
    const channel = await stand.channel();
    const listener = await stand.listen();
    const first = await keyed(channel, 'k1');
    await stand.clock.advance(29_999);
    const second = await keyed(channel, 'k1');
    expect([second.status, (second.body as Row).id]).toEqual([201, (first.body as Row).id]);
    expect(second.body).toMatchObject({ pending_post_id: '' });
    expect(second.body).not.toHaveProperty('metadata');
    expect(listener.posted).toEqual(['once']);
  });

  it('after 30 s: a second post', async () => {
    const channel = await stand.channel();
    await keyed(channel, 'k2');
    await stand.clock.advance(30_000);
    await keyed(channel, 'k2');
    expect(count(channel)).toBe(2);
  });

  it('while the first still runs: 500 pending; when that takes over 30 s: a second post', async () => {
    const channel = await stand.channel();
    stand.server.faults.next({ path: /posts$/ }, { kind: 'slowSave', ms: 40_000 });
    const first = keyed(channel, 'k3');
    await waitFor(() => stand.server.exchanges.at(-1)?.status === 0);
    const pending = await keyed(channel, 'k3');
    expect((pending.body as Row).id).toBe('api.post.deduplicate_create_post.pending');
    expect(pending.status).toBe(500);
    await stand.clock.advance(31_000);
    expect((await keyed(channel, 'k3')).status).toBe(201);
    await stand.clock.advance(10_000);
    expect((await first).status).toBe(201);
    expect(count(channel)).toBe(2);
  });

  it('of a post deleted meanwhile: 500 failed to get', async () => {
    const channel = await stand.channel();
    const first = (await keyed(channel, 'k4')).body as Row;
    await stand.bot.rest.must('DELETE', `/posts/${first.id}`);
    expect(((await keyed(channel, 'k4')).body as Row).id).toBe(
      'api.post.deduplicate_create_post.failed_to_get',
    );
  });

  it('of a post that another may not read: a new post', async () => {
    const [secret, open] = [await stand.channel('P'), await stand.channel()];
    const anna = await addUser(stand.admin, 'keyless');
    await join(stand.admin, stand.stage.team, open, anna.id);
    await keyed(secret, 'k5');
    expect((await keyed(open, 'k5', anna)).status).toBe(201);
    expect(count(open)).toBe(1);
  });

  it('of a first request that failed: is free again', async () => {
    const channel = await stand.channel();
    const bad = { channel_id: channel.id, message: 'x', root_id: 'c'.repeat(26), pending_post_id: 'k6' };
    await stand.bot.rest.refused('POST', '/posts', bad);
    expect((await keyed(channel, 'k6')).status).toBe(201);
  });

  it('after a restart, and on another node: a second post', async () => {
    const channel = await stand.channel();
    await keyed(channel, 'k7');
    stand.server.faults.next({ path: /posts$/ }, { kind: 'otherNode' });
    await keyed(channel, 'k7');
    expect(count(channel)).toBe(2);
    await stand.server.restart();
    await keyed(channel, 'k7');
    expect(count(channel)).toBe(3);
  });
});
