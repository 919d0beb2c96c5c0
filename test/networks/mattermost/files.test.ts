import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from './bootstrap.ts';
import type { Row } from './client.ts';
import { BLANK } from './images.ts';
import { Stand } from './stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand.stop());

interface Uploaded {
  readonly file_infos: readonly Row[];
  readonly client_ids: readonly string[] | null;
}

async function upload(channel: Row, by: Account = stand.bot, name = 'a.txt'): Promise<string> {
  const path = `/files?channel_id=${channel.id}&filename=${name}`;
  const { file_infos } = await by.rest.must<Uploaded>('POST', path, { raw: 'bytes' });
  return file_infos[0]?.id ?? '';
}

describe('a file', () => {
  it('comes as a form or as the bare body, and says what it is', async () => {
    const channel = await stand.channel();
    const form = new FormData();
    form.append('channel_id', channel.id);
    form.append('files', new Blob([new Uint8Array(BLANK)]), 'dot.png');
    form.append('client_ids', 'mine');
    const said = await stand.bot.rest.say('POST', '/files', { raw: form });
    expect(said.status).toBe(201);
    expect(said.body).toMatchObject({
      file_infos: [{ name: 'dot.png', mime_type: 'image/png', width: 1, height: 1, has_preview_image: true }],
      client_ids: ['mine'],
    });
    expect(await stand.bot.rest.must('GET', `/files/${await upload(channel)}/info`)).toMatchObject({
      size: 5,
      extension: 'txt',
    });
  });

  it('is attached, announced as such, and shown to the members', async () => {
    const channel = await stand.channel();
    const id = await upload(channel, stand.bot, 'a.png');
    const listener = await stand.listen();
    expect(await stand.admin.rest.refused('GET', `/files/${id}`)).toBe(
      '403 api.context.permissions.app_error',
    );
    const post = await stand.post(stand.bot, channel, '', { file_ids: [id] });
    expect([post.file_ids, listener.of('posted').at(-1)?.data]).toMatchObject([
      [id],
      { otherFile: 'true', image: 'true' },
    ]);
    const read = await stand.admin.rest.say('GET', `/files/${id}`);
    expect([read.body, read.headers.get('content-disposition')]).toEqual([
      'bytes',
      expect.stringContaining('inline'),
    ]);
    await stand.bot.rest.must('DELETE', `/posts/${post.id}`);
    expect(await stand.bot.rest.refused('GET', `/files/${id}`)).toBe('404 app.file_info.get.app_error');
  });

  it.each(["somebody else's", 'unknown', 'attached before', "another channel's"])(
    'that is %s is left out of the post without a word',
    async (which) => {
      const [channel, other] = [await stand.channel(), await stand.channel()];
      const good = await upload(channel);
      const ids: Record<string, () => Promise<string>> = {
        "somebody else's": () => upload(channel, stand.admin),
        unknown: async () => 'a'.repeat(26),
        'attached before': async () => {
          const id = await upload(channel);
          await stand.post(stand.bot, channel, '', { file_ids: [id] });
          return id;
        },
        "another channel's": () => upload(other),
      };
      const bad = (await ids[which]?.()) ?? '';
      const post = await stand.post(stand.bot, channel, 'two', { file_ids: [good, bad] });
      expect(post.file_ids).toEqual([good]);
    },
  );

  it('is one of at most ten', async () => {
    const channel = await stand.channel();
    const ids = await Promise.all(Array.from({ length: 11 }, () => upload(channel)));
    const body = { channel_id: channel.id, message: '', file_ids: ids };
    expect(await stand.bot.rest.refused('POST', '/posts', body)).toBe(
      '400 model.post.is_valid.file_ids.app_error',
    );
    expect((await stand.post(stand.bot, channel, '', { file_ids: ids.slice(1) })).file_ids).toHaveLength(10);
  });

  it('that is too large is 413, in either way', async () => {
    const channel = await stand.channel();
    stand.server.settings.MaxFileSize = 1000;
    const send = (bytes: number): Promise<string> =>
      stand.bot.rest.refused('POST', `/files?channel_id=${channel.id}&filename=a`, {
        raw: 'x'.repeat(bytes),
      });
    const answers = [await send(1001), await send(1600)];
    const session = { channel_id: channel.id, filename: 'a', file_size: 1001 };
    answers.push(await stand.bot.rest.refused('POST', '/uploads', session));
    stand.server.settings.MaxFileSize = 100 * 1024 * 1024;
    expect(answers).toEqual([
      '413 api.file.upload_file.too_large_detailed.app_error',
      '413 api.context.request_body_too_large.app_error',
      '413 api.upload.create.upload_too_large.app_error',
    ]);
  });

  it('can be sent in pieces: 204 while some are missing', async () => {
    const channel = await stand.channel();
    const session = { channel_id: channel.id, filename: 'a.txt', file_size: 4 };
    const { id } = await stand.bot.rest.must('POST', '/uploads', session);
    const type = 'application/octet-stream';
    const piece = (raw: string) => stand.bot.rest.say('POST', `/uploads/${id}`, { raw, type });
    expect((await piece('ab')).status).toBe(204);
    expect((await stand.bot.rest.must('GET', `/uploads/${id}`)).file_offset).toBe(2);
    expect((await piece('cdef')).body).toMatchObject({ id: 'api.upload.upload_data.invalid_content_length' });
    const whole = await piece('cd');
    expect(whole.body).toMatchObject({ name: 'a.txt', size: 4 });
    expect(stand.server.fileBytes((whole.body as Row).id)?.toString()).toBe('abcd');
  });

  it('has no public link unless that is switched on', async () => {
    const id = await upload(await stand.channel());
    expect(await stand.bot.rest.refused('GET', `/files/${id}/link`)).toBe(
      '403 api.file.get_public_link.disabled.app_error',
    );
  });
});
