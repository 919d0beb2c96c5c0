import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addUser, join } from './bootstrap.ts';
import type { Row } from './client.ts';
import { Stand } from './stand.ts';
import type { Role } from './types.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand.stop());

const patch = (post: Row, change: object, by = stand.bot): Promise<Row> =>
  by.rest.must('PUT', `/posts/${post.id}/patch`, change);
const postIn = (data: Readonly<Record<string, unknown>> | undefined): Row =>
  JSON.parse(String(data?.post)) as Row;

describe('an edit', () => {
  it('replaces the props as a whole, and keeps them when they are not named', async () => {
    const post = await stand.post(stand.bot, await stand.channel(), 'a', { props: { bh: '1', icon: 'x' } });
    expect((await patch(post, { message: 'b' })).props).toEqual({ bh: '1', icon: 'x', from_bot: 'true' });
    expect((await patch(post, { props: { bh: '1' } })).props).toEqual({ bh: '1' });
  });

  it('moves edit_at only when text, files or attachments change', async () => {
    const post = await stand.post(stand.bot, await stand.channel(), 'a');
    await stand.clock.advance(10);
    const pinned = await patch(post, { is_pinned: true });
    expect([pinned.edit_at, pinned.update_at]).toEqual([0, stand.clock.now()]);
    expect((await patch(post, { message: 'b' })).edit_at).toBe(stand.clock.now());
  });

  it('tells the whole post before it answers', async () => {
    const post = await stand.post(stand.bot, await stand.channel(), 'a');
    const listener = await stand.listen();
    await patch(post, { message: 'b' });
    expect(postIn(listener.of('post_edited').at(-1)?.data)).toMatchObject({ id: post.id, message: 'b' });
  });

  it('keeps the old text for its author alone', async () => {
    const post = await stand.post(stand.bot, await stand.channel(), 'old');
    await patch(post, { message: 'new' });
    const history = await stand.bot.rest.must<Row[]>('GET', `/posts/${post.id}/edit_history`);
    expect(history.map(({ message, original_id }) => [message, original_id])).toEqual([['old', post.id]]);
    expect(await stand.admin.rest.refused('GET', `/posts/${post.id}/edit_history`)).toContain('403');
  });

  it('is refused too late, too long, of a system post, and of what is gone', async () => {
    const channel = await stand.channel();
    const post = await stand.post(stand.bot, channel, 'a');
    const refused = (id: string, change: object): Promise<string> =>
      stand.bot.rest.refused('PUT', `/posts/${id}/patch`, change);
    stand.server.settings.PostEditTimeLimit = 60;
    await stand.clock.advance(60_001);
    const late = '400 api.post.update_post.permissions_time_limit.app_error';
    expect(await refused(post.id, { message: 'b' })).toBe(late);
    expect((await patch(post, { is_pinned: true })).is_pinned).toBe(true);
    stand.server.settings.PostEditTimeLimit = -1;
    const long = { message: 'x'.repeat(16_384) };
    expect(await refused(post.id, long)).toBe('400 model.post.is_valid.message_length.app_error');
    const [system] = stand.server.posts(channel.id);
    const asAdmin = stand.admin.rest.refused('PUT', `/posts/${system?.id}/patch`, { message: 'b' });
    expect(await asAdmin).toBe('400 api.post.update_post.system_message.app_error');
    await stand.bot.rest.must('DELETE', `/posts/${post.id}`);
    // Not 404: api4/post.go answers as if one might not edit it.
    expect(await refused(post.id, { message: 'b' })).toBe('403 api.context.permissions.app_error');
  });

  it('needs permissions that an administrator can take away', async () => {
    const channel = await stand.channel();
    const [own, foreign] = [
      await stand.post(stand.bot, channel, 'a'),
      await stand.post(stand.admin, channel, 'a'),
    ];
    const edit = (post: Row): Promise<string> =>
      stand.bot.rest.refused('PUT', `/posts/${post.id}/patch`, { message: 'b' });
    expect(await edit(foreign)).toBe('403 api.context.permissions.app_error');
    const role = await stand.admin.rest.must<Role & Row>('GET', '/roles/name/channel_user');
    const permissions = role.permissions.filter((one) => one !== 'edit_post');
    await stand.admin.rest.must('PUT', `/roles/${role.id}/patch`, { permissions });
    expect(await edit(own)).toBe('403 api.context.permissions.app_error');
    await stand.admin.rest.must('PUT', `/roles/${role.id}/patch`, { permissions: role.permissions });
  });
});

describe('a deletion', () => {
  it('of a root takes the replies along and is told once, with the post as it was', async () => {
    const channel = await stand.channel();
    const root = await stand.post(stand.bot, channel, 'root');
    const reply = await stand.post(stand.bot, channel, 'reply', { root_id: root.id });
    const listener = await stand.listen();
    await stand.bot.rest.must('DELETE', `/posts/${root.id}`);
    expect(listener.of('post_deleted')).toHaveLength(1);
    expect(postIn(listener.of('post_deleted')[0]?.data)).toMatchObject({ message: 'root', delete_at: 0 });
    expect(stand.server.post(reply.id)?.delete_at).toBe(stand.clock.now());
    expect(await stand.bot.rest.refused('GET', `/posts/${reply.id}`)).toBe('404 app.post.get.app_error');
    expect(await stand.bot.rest.refused('DELETE', `/posts/${root.id}`)).toBe('404 app.post.get.app_error');
  });

  it('tells who did it to administrators only, and each of them once', async () => {
    const post = await stand.post(stand.bot, await stand.channel(), 'a');
    const [bot, admin] = [await stand.listen(), await stand.listen(stand.admin)];
    await stand.bot.rest.must('DELETE', `/posts/${post.id}`);
    await admin.hears('post_deleted');
    const told = (listener: typeof bot) => listener.of('post_deleted').map(({ data }) => data.delete_by);
    expect([told(bot), told(admin)]).toEqual([[undefined], [stand.bot.id]]);
  });

  it("of others' posts needs a permission that members do not have", async () => {
    const channel = await stand.channel();
    const post = await stand.post(stand.admin, channel, 'mine');
    const anna = await addUser(stand.admin, 'deleter');
    await join(stand.admin, stand.stage.team, channel, anna.id);
    expect(await anna.rest.refused('DELETE', `/posts/${post.id}`)).toBe(
      '403 api.context.permissions.app_error',
    );
  });
});

describe('props that name another author', () => {
  const FORGED = {
    from_webhook: 'true',
    override_username: 'Anna',
    override_icon_url: 'https://x.test/a.png',
    bh: '1',
  };

  it('are honoured before 12.0', async () => {
    const post = await stand.post(stand.bot, await stand.channel(), 'a', { props: FORGED });
    expect(post.props).toMatchObject(FORGED);
  });

  it('are dropped without a word from 12.0 on, in posts and in edits', async () => {
    const newest = await Stand.start({ version: '12.0' });
    const post = await newest.post(newest.bot, await newest.channel(), 'a', { props: FORGED });
    expect(post.props).toEqual({ bh: '1', from_bot: 'true' });
    const edited = await newest.bot.rest.must('PUT', `/posts/${post.id}/patch`, { props: FORGED });
    expect(edited.props).toEqual({ bh: '1', from_bot: 'true' });
    await newest.stop();
  });

  it('from 11.10 on an edit keeps the marks of where a post came from, but not the name', async () => {
    const newer = await Stand.start({ version: '11.10' });
    const post = await newer.post(newer.bot, await newer.channel(), 'a', { props: FORGED });
    const edited = await newer.bot.rest.must('PUT', `/posts/${post.id}/patch`, { props: { bh: '1' } });
    expect(edited.props).toEqual({ bh: '1', from_bot: 'true', from_webhook: 'true' });
    await newer.stop();
  });

  it('are refused in hardened mode, but for bots and tokens', async () => {
    const channel = await stand.channel();
    stand.server.settings.ExperimentalEnableHardenedMode = true;
    const body = { channel_id: channel.id, message: 'a', props: FORGED };
    const forged = await stand.admin.rest.refused('POST', '/posts', body);
    const byBot = await stand.bot.rest.say('POST', '/posts', body);
    stand.server.settings.ExperimentalEnableHardenedMode = false;
    expect([forged, byBot.status]).toEqual(['400 api.context.invalid_body_param.app_error', 201]);
  });
});
