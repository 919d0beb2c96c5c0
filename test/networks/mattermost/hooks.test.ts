import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from './client.ts';
import { Stand } from './stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start({ settings: { EnablePostUsernameOverride: true, EnablePostIconOverride: true } });
});
afterAll(() => stand.stop());

const makeHook = (channel: Row, more: object = {}, at = stand): Promise<Row> =>
  at.admin.rest.must('POST', '/hooks/incoming', { channel_id: channel.id, user_id: at.bot.id, ...more });
const shown = (channel: Row, at = stand) => at.server.livePosts(channel.id);

describe('an incoming webhook', () => {
  it('answers a plain ok, and the event is all there is to learn of the post', async () => {
    const channel = await stand.channel();
    const hook = await makeHook(channel, { display_name: 'Bridge' });
    const listener = await stand.listen();
    const said = await stand.bot.rest.as('').say('POST', `/hooks/${hook.id}`, {
      text: 'hello',
      username: 'Anna',
      icon_url: 'https://x.test/a.png',
      props: { bh: '1:0', override_username: 'Eve', from_webhook: 'no' },
    });
    expect([said.status, said.body, said.headers.get('content-type')]).toEqual([200, 'ok', 'text/plain']);
    const post = JSON.parse(String(listener.of('posted').at(-1)?.data.post)) as Row;
    expect(post).toMatchObject({ message: 'hello', user_id: stand.bot.id });
    expect(post.props).toEqual({
      bh: '1:0',
      from_bot: 'true',
      from_webhook: 'true',
      webhook_display_name: 'Bridge',
      override_username: 'Anna',
      override_icon_url: 'https://x.test/a.png',
    });
    expect(listener.of('posted').at(-1)?.data.sender_name).toBe('Anna');
  });

  it('names nobody where overriding is switched off', async () => {
    const channel = await stand.channel();
    const hook = await makeHook(channel);
    stand.server.settings.EnablePostUsernameOverride = false;
    await stand.bot.rest.must('POST', `/hooks/${hook.id}`, { text: 'a', username: 'Anna' });
    stand.server.settings.EnablePostUsernameOverride = true;
    expect(shown(channel)[0]?.props).not.toHaveProperty('override_username');
  });

  it('splits what is too long, each part with the props, attachments with the last', async () => {
    const channel = await stand.channel();
    const hook = await makeHook(channel);
    const text = 'x'.repeat(16_383 * 2 + 5);
    const attachments = [{ text: 'end' }];
    await stand.bot.rest.must('POST', `/hooks/${hook.id}`, { text, attachments, props: { bh: '2' } });
    const posts = shown(channel);
    expect(posts.map(({ message }) => message.length)).toEqual([16_383, 16_383, 5]);
    expect(posts.map(({ props }) => [props.bh, props.attachments !== undefined])).toEqual([
      ['2', false],
      ['2', false],
      ['2', true],
    ]);
  });

  it('expands the syntax of Slack in text and attachments', async () => {
    const channel = await stand.channel();
    const hook = await makeHook(channel);
    const text = `<!channel> <!here> <!all> <@${stand.admin.id}> <https://x.test|label>`;
    const attachments = [{ pretext: '<!all>', fields: [{ title: 't', value: 7 }] }];
    await stand.bot.rest.must('POST', `/hooks/${hook.id}`, { text, attachments });
    const [post] = shown(channel);
    expect(post?.message).toBe('@channel @here @all @admin [label](https://x.test)');
    expect(post?.props.attachments).toEqual([{ pretext: '@all', fields: [{ title: 't', value: '7' }] }]);
    expect(post?.type).toBe('slack_attachment');
    expect(stand.server.pinged(post?.id ?? '').channelWide).toBe(true);
  });

  it('answers every error with the same id, and only the status tells', async () => {
    const [channel, other] = [await stand.channel(), await stand.channel()];
    const secret = await stand.channel('P');
    await stand.admin.rest.must('DELETE', `/channels/${secret.id}/members/${stand.bot.id}`);
    const hook = await makeHook(channel, { channel_locked: true });
    const free = await makeHook(channel);
    const statusOf = async (id: string, body: object): Promise<number> => {
      const said = await stand.bot.rest.say('POST', `/hooks/${id}`, body);
      expect((said.body as Row).id).toBe('web.incoming_webhook.general.app_error');
      return said.status;
    };
    expect(await statusOf('f'.repeat(26), { text: 'a' })).toBe(400);
    expect(await statusOf(hook.id, { text: '' })).toBe(400);
    expect(await statusOf(hook.id, { text: 'a', channel: other.name })).toBe(403);
    expect(await statusOf(free.id, { text: 'a', channel: secret.name })).toBe(403);
    expect(await statusOf(free.id, { text: 'a', channel: 'nowhere' })).toBe(404);
    expect(await statusOf(free.id, { text: 'a', type: 'nonsense' })).toBe(500);
    stand.server.settings.EnforceIncomingWebhookChannelLocking = true;
    expect(await statusOf(free.id, { text: 'a', channel: other.name })).toBe(403);
    stand.server.settings.EnforceIncomingWebhookChannelLocking = false;
    stand.server.settings.EnableIncomingWebhooks = false;
    expect(await statusOf(free.id, { text: 'a' })).toBe(501);
    stand.server.settings.EnableIncomingWebhooks = true;
  });

  it('knows no key: a repeat is a second post', async () => {
    const channel = await stand.channel();
    const hook = await makeHook(channel);
    stand.server.faults.next({ path: /^\/hooks\// }, { kind: 'loseAnswer' });
    await expect(stand.bot.rest.say('POST', `/hooks/${hook.id}`, { text: 'a' })).rejects.toThrow();
    await stand.bot.rest.must('POST', `/hooks/${hook.id}`, { text: 'a' });
    expect(shown(channel)).toHaveLength(2);
  });

  it('takes JSON in a form, and raw line breaks inside texts', async () => {
    const channel = await stand.channel();
    const hook = await makeHook(channel);
    const form = new URLSearchParams({ payload: '{"text":"form"}' }).toString();
    const type = 'application/x-www-form-urlencoded';
    await stand.bot.rest.must('POST', `/hooks/${hook.id}`, { raw: form, type });
    await stand.bot.rest.must('POST', `/hooks/${hook.id}`, {
      raw: '{"text":"two\nlines"}',
      type: 'application/json',
    });
    expect(shown(channel).map(({ message }) => message)).toEqual(['form', 'two\nlines']);
  });

  it('needs a permission to be made, and one more to be made for somebody else', async () => {
    const channel = await stand.channel();
    const body = { channel_id: channel.id };
    expect(await stand.bot.rest.refused('POST', '/hooks/incoming', body)).toBe(
      '403 api.context.permissions.app_error',
    );
    expect(await makeHook(channel)).toMatchObject({ user_id: stand.bot.id, channel_locked: false });
  });
});

describe('root_id in a webhook', () => {
  it('is ignored before 11.8', async () => {
    const channel = await stand.channel();
    const hook = await makeHook(channel);
    const root = await stand.post(stand.bot, channel, 'root');
    await stand.bot.rest.must('POST', `/hooks/${hook.id}`, { text: 'a', root_id: root.id });
    expect(shown(channel).at(-1)?.root_id).toBe('');
  });

  it('counts from 11.8 on, and a bad one is a 500', async () => {
    const newer = await Stand.start({ version: '11.8' });
    const channel = await newer.channel();
    const hook = await makeHook(channel, {}, newer);
    const root = await newer.post(newer.bot, channel, 'root');
    await newer.bot.rest.must('POST', `/hooks/${hook.id}`, { text: 'a', root_id: root.id });
    expect(shown(channel, newer).at(-1)?.root_id).toBe(root.id);
    const bad = { text: 'a', root_id: 'a'.repeat(26) };
    const refused = await newer.bot.rest.refused('POST', `/hooks/${hook.id}`, bad);
    expect(refused).toBe('500 web.incoming_webhook.general.app_error');
    await newer.stop();
  });

  it('half of a split text may be there when the answer is 500', async () => {
    const channel = await stand.channel();
    const hook = await makeHook(channel);
    const text = `${'x'.repeat(16_383)}${' #tag'.repeat(300)}`;
    const refused = await stand.bot.rest.refused('POST', `/hooks/${hook.id}`, { text });
    expect([refused, shown(channel).length]).toEqual(['500 web.incoming_webhook.general.app_error', 1]);
  });
});
