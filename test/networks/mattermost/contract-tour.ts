import { addBot, addChannel, addUser, join, type Stage, setUp } from './bootstrap.ts';
import { EventListener } from './client.ts';
import { BLANK } from './images.ts';
import type { MattermostServer } from './index.ts';

/** Does a bit of everything, so that the contract sees it. */
export async function tour(server: MattermostServer): Promise<void> {
  const stage = await setUp(server.url);
  const listeners = [stage.bot, stage.admin].map(({ rest }) => new EventListener(server.url, rest.token));
  for (const listener of listeners) await listener.opened();
  await people(stage);
  await places(stage);
  await posts(stage);
  await reactions(stage);
  await files(stage);
  await hooks(stage);
  await sockets(server, stage);
  for (const listener of listeners) listener.close();
}

async function people({ admin, bot, team, channel }: Stage): Promise<void> {
  const { rest } = admin;
  const anna = await addUser(admin, 'anna');
  await join(admin, team, channel, anna.id);
  for (const path of [
    '/users/me',
    `/users/${anna.id}`,
    '/users/username/anna',
    '/users',
    '/users/me/teams',
  ]) {
    await bot.rest.must('GET', path);
  }
  await rest.must('POST', '/users/ids', [anna.id, bot.id]);
  await rest.must('POST', '/users/usernames', ['anna']);
  await rest.must('POST', '/users/search', { term: 'ann' });
  await anna.rest.must('PUT', `/users/${anna.id}/patch`, { nickname: 'Anna' });
  await anna.rest.must('PUT', `/users/${anna.id}/status`, { user_id: anna.id, status: 'dnd' });
  await rest.must('GET', `/users/${anna.id}/status`);
  await rest.must('POST', '/users/status/ids', [anna.id]);
  await anna.rest.must('POST', `/users/${anna.id}/typing`, { channel_id: channel.id });
  await rest.must('GET', `/users/${anna.id}/sessions`);
  await rest.must('GET', `/users/${bot.id}/tokens`);
  const other = await addBot(admin, 'other');
  await rest.must('GET', '/bots');
  await rest.must('GET', `/bots/${other.id}`);
  await rest.must('PUT', `/bots/${other.id}`, { username: 'other', display_name: 'Other' });
  await rest.must('POST', `/bots/${other.id}/disable`);
  await rest.must('POST', `/bots/${other.id}/enable`);
  const form = new FormData();
  form.append('image', new Blob([new Uint8Array(BLANK)]), 'face.png');
  await anna.rest.must('POST', `/users/${anna.id}/image`, { raw: form });
  await rest.must('GET', `/users/${anna.id}/image`);
  await rest.must('PUT', `/users/${anna.id}/active`, { active: false });
  await anna.rest.refused('GET', '/users/me');
}

async function places({ admin, bot, team, channel }: Stage): Promise<void> {
  const { rest } = admin;
  const paths = [
    `/teams/${team.id}`,
    '/teams',
    '/teams/name/harbour',
    `/teams/${team.id}/members`,
    `/teams/${team.id}/members/${bot.id}`,
    `/teams/${team.id}/channels`,
    `/teams/${team.id}/channels/name/quay`,
    '/teams/name/harbour/channels/name/quay',
    `/channels/${channel.id}`,
    `/channels/${channel.id}/stats`,
    `/channels/${channel.id}/members`,
    `/channels/${channel.id}/members/${bot.id}`,
    '/users/me/channels',
    `/users/me/teams/${team.id}/channels`,
    `/users/me/teams/${team.id}/channels/members`,
    '/roles/name/channel_user',
    '/system/ping',
    '/config/client?format=old',
    '/license/client?format=old',
  ];
  for (const path of paths) await rest.must('GET', path);
  await rest.must('POST', '/roles/names', ['channel_user']);
  const hut = await addChannel(admin, team, 'hut', 'P');
  await rest.must('POST', `/channels/${hut.id}/members`, { user_id: bot.id });
  await rest.must('PUT', `/channels/${hut.id}/patch`, { header: 'a', purpose: 'b', display_name: 'Hut' });
  await rest.must('POST', '/channels/direct', [admin.id, bot.id]);
  await rest.must('POST', `/channels/members/${admin.id}/view`, { channel_id: hut.id });
  await rest.must('DELETE', `/channels/${hut.id}/members/${bot.id}`);
  await rest.must('DELETE', `/channels/${hut.id}`);
  await rest.must('POST', `/channels/${hut.id}/restore`);
}

async function posts({ admin, bot, channel }: Stage): Promise<void> {
  const { rest } = bot;
  const channel_id = channel.id;
  const root = await rest.must('POST', '/posts?set_online=false', {
    channel_id,
    message: 'hello @admin',
    pending_post_id: 'bh:1:0',
    props: { bh: '1:0' },
  });
  const reply = await admin.rest.must('POST', '/posts', { channel_id, message: 'hi', root_id: root.id });
  await rest.must('PUT', `/posts/${root.id}/patch`, { message: 'hello', props: { bh: '1:0' } });
  await rest.must('PUT', `/posts/${root.id}`, { id: root.id, message: 'hello!' });
  const paths = [
    `/posts/${root.id}`,
    `/posts/${root.id}/thread`,
    `/posts/${root.id}/edit_history`,
    `/posts/${root.id}/reactions`,
    `/channels/${channel_id}/posts`,
    `/channels/${channel_id}/posts?since=1`,
    `/channels/${channel_id}/posts?after=${root.id}&per_page=5`,
    `/channels/${channel_id}/posts?before=${reply.id}&page=0`,
    `/channels/${channel_id}/pinned`,
  ];
  for (const path of paths) await rest.must('GET', path);
  await rest.must('POST', `/posts/${root.id}/pin`);
  await rest.must('POST', `/posts/${root.id}/unpin`);
  await rest.must('POST', '/posts/ids', [root.id, reply.id]);
  await rest.refused('POST', '/posts', { channel_id, message: 'x'.repeat(16_384) });
  await rest.refused('GET', '/plugins/none');
  await rest.must('DELETE', `/posts/${root.id}`);
}

async function reactions({ bot, channel }: Stage): Promise<void> {
  const { rest, id: user_id } = bot;
  const post = await rest.must('POST', '/posts', { channel_id: channel.id, message: 'react' });
  await rest.must('POST', '/reactions', { user_id, post_id: post.id, emoji_name: 'thumbsup' });
  await rest.must('GET', `/posts/${post.id}/reactions`);
  await rest.must('POST', '/posts/ids/reactions', [post.id]);
  await rest.must('DELETE', `/users/me/posts/${post.id}/reactions/thumbsup`);
  const form = new FormData();
  form.append('emoji', JSON.stringify({ name: 'herring', creator_id: user_id }));
  form.append('image', new Blob([new Uint8Array(BLANK)]), 'herring.png');
  const emoji = await rest.must('POST', '/emoji', { raw: form });
  for (const path of ['/emoji', '/emoji/name/herring', `/emoji/${emoji.id}`, `/emoji/${emoji.id}/image`]) {
    await rest.must('GET', path);
  }
  await rest.refused('POST', '/reactions', { user_id, post_id: post.id, emoji_name: 'nosuch' });
}

async function files({ bot, channel }: Stage): Promise<void> {
  const { rest } = bot;
  const form = new FormData();
  form.append('channel_id', channel.id);
  form.append('files', new Blob([new Uint8Array(BLANK)]), 'dot.png');
  type Uploaded = { file_infos: { id: string }[] };
  const { file_infos } = await rest.must<Uploaded>('POST', '/files', { raw: form });
  const upload = await rest.must('POST', '/uploads', {
    channel_id: channel.id,
    filename: 'a.txt',
    file_size: 4,
  });
  const type = 'application/octet-stream';
  await rest.must('POST', `/uploads/${upload.id}`, { raw: 'ab', type });
  await rest.must('GET', `/uploads/${upload.id}`);
  await rest.must('POST', `/uploads/${upload.id}`, { raw: 'cd', type });
  const file_ids = file_infos.map(({ id }) => id);
  await rest.must('POST', '/posts', { channel_id: channel.id, message: '', file_ids });
  for (const id of file_ids) {
    await rest.must('GET', `/files/${id}`);
    await rest.must('GET', `/files/${id}/info`);
  }
}

async function hooks({ admin, bot, channel }: Stage): Promise<void> {
  const { rest } = admin;
  const hook = await rest.must('POST', '/hooks/incoming', { channel_id: channel.id, user_id: bot.id });
  await rest.must('GET', '/hooks/incoming');
  await rest.must('GET', `/hooks/incoming/${hook.id}`);
  await rest.must('POST', `/hooks/${hook.id}`, { text: 'from outside', username: 'Anna' });
  await rest.refused('POST', `/hooks/${hook.id}`, { text: '' });
  await rest.must('DELETE', `/hooks/incoming/${hook.id}`);
}

async function sockets(server: MattermostServer, { admin, channel }: Stage): Promise<void> {
  const listener = await new EventListener(server.url, admin.rest.token).opened();
  await listener.act('ping');
  await listener.act('user_typing', { channel_id: channel.id, parent_id: '' });
  await listener.act('get_statuses');
  await listener.act('get_statuses_by_ids', { user_ids: [admin.id] });
  listener.close();
}
