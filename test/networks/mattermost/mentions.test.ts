import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from './client.ts';
import { runningText } from './mention-text.ts';
import { Stand } from './stand.ts';
import type { Role } from './types.ts';

let stand: Stand;
let channel: Row;
beforeAll(async () => {
  stand = await Stand.start();
  channel = await stand.channel();
});
afterAll(() => stand.stop());

const pings = async (message: string, more: object = {}): Promise<string> => {
  const post = await stand.post(stand.bot, channel, message, more);
  const { userIds, channelWide } = stand.server.pinged(post.id);
  return [...(channelWide ? ['all'] : []), ...(userIds.includes(stand.admin.id) ? ['admin'] : [])].join(' ');
};

describe('who is pinged', () => {
  it.each([
    ['hello @admin', 'admin'],
    ['hello @Admin!', 'admin'],
    ['(@admin)', 'admin'],
    ['end of it, @admin.', 'admin'],
    ['@admin-', 'admin'],
    ['mail@admin', ''],
    ['@all', 'all admin'],
    ['@channel: look', 'all admin'],
    ['\\@all', 'all admin'],
    ['\\`@all\\`', 'all admin'],
    ['&#64;all', 'all admin'],
    ['&commat;admin', 'admin'],
    ['**@all**', 'all admin'],
    ['[@all](https://x.test)', 'all admin'],
    ['> @all', 'all admin'],
    ['- @all', 'all admin'],
    ['@\u200ball', ''],
    ['@\u200badmin', ''],
    ['`@all`', ''],
    ['``@all ` @admin``', ''],
    ['`@all', 'all admin'],
    ['```\n@all\n```', ''],
    ['~~~ text\n@all @admin\n~~~\nquiet', ''],
    ['```\n@all', ''],
    ['    @all', ''],
    ['text\n    @all', 'all admin'],
    ['@administrator', ''],
    ['@everyone', ''],
  ])('%j pings %j', async (message, whom) => {
    expect(await pings(message)).toBe(whom);
  });

  it('includes those named in attachments', async () => {
    const attachments = [{ text: 'quiet', fields: [{ title: 'x', value: '@admin' }] }];
    expect(await pings('', { props: { attachments } })).toBe('admin');
  });

  it('is not the author himself, unless a webhook speaks for him', async () => {
    const own = await stand.post(stand.bot, channel, '@bridge');
    expect(stand.server.pinged(own.id).userIds).toEqual([]);
    const hook = await stand.admin.rest.must('POST', '/hooks/incoming', {
      channel_id: channel.id,
      user_id: stand.bot.id,
    });
    await stand.bot.rest.must('POST', `/hooks/${hook.id}`, { text: '@bridge' });
    const spoken = stand.server.livePosts(channel.id).at(-1);
    expect(stand.server.pinged(spoken?.id ?? '').userIds).toEqual([stand.bot.id]);
  });

  it('is nobody when a bot asks for silence, from 11.10 on', async () => {
    const newer = await Stand.start({ version: '11.10' });
    const at = await newer.channel();
    const body = { channel_id: at.id, message: '@admin' };
    const post = await newer.bot.rest.must('POST', '/posts?silent=true', body);
    expect([newer.server.pinged(post.id).userIds, post.props]).toMatchObject([
      [],
      { silent_notification: true },
    ]);
    const edited = await newer.bot.rest.must('PUT', `/posts/${post.id}/patch`, { props: {} });
    expect(edited.props).toMatchObject({ silent_notification: true });
    const refused = await newer.admin.rest.refused('POST', '/posts?silent=true', body);
    expect(refused).toBe('403 api.post.create_post.silent_notification.app_error');
    await newer.stop();
    const older = await stand.bot.rest.must('POST', '/posts?silent=true', {
      ...body,
      channel_id: channel.id,
    });
    expect(stand.server.pinged(older.id).userIds).toEqual([stand.admin.id]);
  });

  it('@here is those who are online', async () => {
    await stand.admin.rest.must('PUT', '/users/me/status', { user_id: stand.admin.id, status: 'away' });
    expect(await pings('@here')).toBe('all');
    await stand.admin.rest.must('PUT', '/users/me/status', { user_id: stand.admin.id, status: 'online' });
    expect(await pings('@here')).toBe('all admin');
  });

  it('is nobody where the permission is taken away: the post is marked, and its author told', async () => {
    const listener = await stand.listen();
    const role = await stand.admin.rest.must<Role & Row>('GET', '/roles/name/channel_user');
    const permissions = role.permissions.filter((one) => one !== 'use_channel_mentions');
    await stand.admin.rest.must('PUT', `/roles/${role.id}/patch`, { permissions });
    const post = await stand.post(stand.bot, channel, '@all aboard');
    await stand.admin.rest.must('PUT', `/roles/${role.id}/patch`, { permissions: role.permissions });
    expect(post.props).toMatchObject({ mentionHighlightDisabled: true });
    expect(stand.server.pinged(post.id)).toEqual({ userIds: [], channelWide: false });
    expect(listener.of('ephemeral_message')).toHaveLength(1);
    expect(stand.server.livePosts(channel.id).at(-1)?.id).toBe(post.id);
  });
});

describe('running text', () => {
  it('ends at code, so that nothing is joined across it', () => {
    expect(runningText('@a`x`ll')).toEqual(['@a', 'll']);
  });
});
