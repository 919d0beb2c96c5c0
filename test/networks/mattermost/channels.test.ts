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

const systemPosts = (channel: Row) =>
  stand.server.posts(channel.id).map(({ type, props, message }) => ({ type, props, message }));

describe('coming and going', () => {
  it('user_added is told twice, and nobody hears both', async () => {
    const channel = await stand.channel();
    const anna = await addUser(stand.admin, 'joiner');
    await join(stand.admin, stand.stage.team, undefined, anna.id);
    const [bot, joiner] = [await stand.listen(), await stand.listen(anna)];
    await stand.admin.rest.must('POST', `/channels/${channel.id}/members`, { user_id: anna.id });
    const heard = [bot, joiner].map((one) =>
      one.of('user_added').filter(({ broadcast }) => broadcast.channel_id === channel.id),
    );
    expect(heard.map(({ length }) => length)).toEqual([1, 1]);
    expect(heard[0]?.[0]).toMatchObject({
      data: { user_id: anna.id },
      broadcast: { omit_users: { [anna.id]: true } },
    });
    expect(heard[1]?.[0]).toMatchObject({ broadcast: { user_id: anna.id, omit_users: null } });
    expect(systemPosts(channel).at(-1)).toMatchObject({
      type: 'system_add_to_channel',
      props: { addedUserId: anna.id, addedUsername: 'joiner', username: 'admin' },
    });
  });

  it('user_removed names the user to the channel, and the channel to the user', async () => {
    const channel = await stand.channel();
    const [bot, admin] = [await stand.listen(), await stand.listen(stand.admin)];
    await stand.admin.rest.must('DELETE', `/channels/${channel.id}/members/${stand.bot.id}`);
    await admin.hears('user_removed');
    expect(admin.of('user_removed').map(({ data }) => data)).toEqual([
      { user_id: stand.bot.id, remover_id: stand.admin.id },
    ]);
    expect(bot.of('user_removed')).toMatchObject([
      { data: { channel_id: channel.id, remover_id: stand.admin.id }, broadcast: { channel_id: '' } },
    ]);
    expect(systemPosts(channel).at(-1)?.type).toBe('system_remove_from_channel');
  });

  it('by oneself are other system posts', async () => {
    const channel = await stand.channel();
    const anna = await addUser(stand.admin, 'walker');
    await join(stand.admin, stand.stage.team, undefined, anna.id);
    await anna.rest.must('POST', `/channels/${channel.id}/members`, { user_id: anna.id });
    await anna.rest.must('DELETE', `/channels/${channel.id}/members/${anna.id}`);
    const types = systemPosts(channel).map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['system_join_channel', 'system_leave_channel']);
  });

  it('of a team lead into its two channels, and need the team first', async () => {
    const channel = await stand.channel();
    const anna = await addUser(stand.admin, 'newcomer');
    const add = { user_id: anna.id };
    const path = `/channels/${channel.id}/members`;
    expect(await stand.admin.rest.refused('POST', path, add)).toBe(
      '404 app.team.get_member.missing.app_error',
    );
    await join(stand.admin, stand.stage.team, undefined, anna.id);
    const mine = await anna.rest.must<Row[]>('GET', '/users/me/channels');
    expect(mine.map(({ name }) => name)).toEqual(['town-square', 'off-topic']);
    const leave = `/channels/${mine[0]?.id}/members/me`;
    expect(await anna.rest.refused('DELETE', leave)).toBe('400 api.channel.remove.default.app_error');
  });
});

describe('a channel', () => {
  it('tells a change of header or name once, and writes a system post for each', async () => {
    const channel = await stand.channel();
    const listener = await stand.listen();
    await stand.admin.rest.must('PUT', `/channels/${channel.id}/patch`, {
      header: 'tide table',
      display_name: 'Pier',
    });
    const updated = listener.of('channel_updated');
    expect(updated).toHaveLength(1);
    expect(JSON.parse(String(updated[0]?.data.channel))).toMatchObject({
      header: 'tide table',
      display_name: 'Pier',
    });
    expect(systemPosts(channel).slice(-2)).toMatchObject([
      { type: 'system_displayname_change', props: { new_displayname: 'Pier' } },
      { type: 'system_header_change', props: { old_header: '', new_header: 'tide table' } },
    ]);
    const long = { header: 'x'.repeat(1025) };
    const refused = await stand.admin.rest.refused('PUT', `/channels/${channel.id}/patch`, long);
    expect(refused).toBe('400 model.channel.is_valid.header.app_error');
  });

  it('that is archived takes no posts, edits, deletions or reactions, and loses its hooks', async () => {
    const channel = await stand.channel();
    const post = await stand.post(stand.bot, channel, 'a');
    const hook = await stand.admin.rest.must('POST', '/hooks/incoming', { channel_id: channel.id });
    await stand.admin.rest.must('DELETE', `/channels/${channel.id}`);
    const { rest, id: user_id } = stand.bot;
    const refused = [
      await rest.refused('PUT', `/posts/${post.id}/patch`, { message: 'b' }),
      await rest.refused('DELETE', `/posts/${post.id}`),
      await rest.refused('POST', '/reactions', { user_id, post_id: post.id, emoji_name: 'tada' }),
      await rest.refused('POST', `/hooks/${hook.id}`, { text: 'a' }),
    ];
    expect(refused).toEqual([
      '400 api.post.patch_post.can_not_update_post_in_deleted.error',
      '400 api.post.delete_post.can_not_delete_post_in_deleted.error',
      '403 api.reaction.save.archived_channel.app_error',
      '400 web.incoming_webhook.general.app_error',
    ]);
    await stand.admin.rest.must('POST', `/channels/${channel.id}/restore`);
    await stand.post(stand.bot, channel, 'open again');
    expect(await rest.refused('POST', `/hooks/${hook.id}`, { text: 'a' })).toContain('400');
  });

  it('that is private is not there for others', async () => {
    const channel = await stand.channel('P');
    const anna = await addUser(stand.admin, 'curious');
    await join(stand.admin, stand.stage.team, undefined, anna.id);
    const path = `/teams/${stand.stage.team.id}/channels/name/${String(channel.name)}`;
    expect(await anna.rest.refused('GET', path)).toBe('404 app.channel.get_by_name.missing.app_error');
    expect(await anna.rest.refused('GET', `/channels/${channel.id}/posts`)).toBe(
      '403 api.context.permissions.app_error',
    );
  });
});

describe('people', () => {
  it('status changes are told to the user alone; others ask', async () => {
    const anna = await addUser(stand.admin, 'sleeper');
    const [own, other] = [await stand.listen(anna), await stand.listen()];
    await anna.rest.must('PUT', `/users/${anna.id}/status`, { user_id: anna.id, status: 'away' });
    await own.hears('status_change', 2);
    expect(other.of('status_change').some(({ data }) => data.user_id === anna.id)).toBe(false);
    const ids = await stand.bot.rest.must<Row[]>('POST', '/users/status/ids', [anna.id]);
    expect(ids).toMatchObject([{ user_id: anna.id, status: 'away' }]);
    expect(await stand.bot.rest.refused('POST', '/users/status/ids', [anna.id, 'x'])).toContain('400');
  });

  it('posting shows one online, unless that is declined', async () => {
    const channel = await stand.channel();
    const status = async () => (await stand.admin.rest.must('GET', `/users/${stand.bot.id}/status`)).status;
    const body = { channel_id: channel.id, message: 'a' };
    await stand.bot.rest.must('PUT', '/users/me/status', { user_id: stand.bot.id, status: 'online' });
    const listener = await stand.listen();
    stand.server.dropSockets(stand.bot.id);
    await listener.closed();
    await waitFor(async () => (await status()) === 'offline');
    await stand.bot.rest.must('POST', '/posts?set_online=false', body);
    const declined = await status();
    await stand.bot.rest.must('POST', '/posts', body);
    expect([declined, await status()]).toEqual(['offline', 'online']);
  });

  it('need a password of some length', async () => {
    const user = { username: 'short', email: 'short@example.test', password: 'short' };
    const refused = await stand.admin.rest.refused('POST', '/users', user);
    expect(refused).toBe('400 model.user.is_valid.pwd_min_length.app_error');
  });

  it('sign-up is closed but for the first, who becomes administrator', async () => {
    const user = { username: 'late', email: 'late@example.test', password: 'Correct-horse-1' };
    const anybody = stand.admin.rest.as('');
    expect(await anybody.refused('POST', '/users', user)).toBe('403 api.user.create_user.no_open_server');
    const me = await stand.admin.rest.must('GET', '/users/me');
    expect(me.roles).toBe('system_admin system_user');
  });

  it("bots' tokens work although personal ones are switched off", async () => {
    const anna = await addUser(stand.admin, 'tokened');
    const made = await stand.admin.rest.must<{ token: string }>('POST', `/users/${anna.id}/tokens`, {
      description: 'x',
    });
    stand.server.settings.EnableUserAccessTokens = false;
    const answers = [
      (await stand.bot.rest.say('GET', '/users/me')).status,
      (await anna.rest.as(made.token).say('GET', '/users/me')).status,
    ];
    stand.server.settings.EnableUserAccessTokens = true;
    expect(answers).toEqual([200, 401]);
  });
});
