import { nativeId } from '@brygga/event';
import { ANNA } from '@brygga/testkit';
import { describe, expect, it } from 'vitest';
import { channel, far, hook, open, send, serve, stand, texts } from './outgoing.ts';

describe('a webhook', () => {
  it('writes under the name of the person, and the event tells which post that was', async () => {
    await open({ appear: 'webhook', webhooks: { [channel.id]: await hook() } });
    const outcome = await send(far.message(ANNA, 'hello'));
    const [post] = stand.server.livePosts(channel.id);
    expect(post).toMatchObject({ message: 'hello', props: { override_username: ANNA.label } });
    expect(outcome).toMatchObject({ kind: 'done', messages: [{ id: post?.id }] });
  });

  it('that fails after it wrote is not written again, also where lists come from a copy that lags', async () => {
    await open({ appear: 'webhook', webhooks: { [channel.id]: await hook() } });
    stand.server.faults.replicaLagMs = 60_000;
    stand.server.faults.next({ method: 'POST', path: /\/hooks\// }, { kind: 'errorAfter', status: 500 });
    expect(await send(far.message(ANNA, 'once'))).toMatchObject({ kind: 'done' });
    expect(texts()).toEqual(['once']);
  });

  it('that fails for good leaves the words to the bot, with the name above them', async () => {
    await open({ appear: 'webhook', webhooks: { [channel.id]: await hook() } });
    stand.server.faults.next({ method: 'POST', path: /\/hooks\// }, { kind: 'proxyError', status: 500 });
    expect(await send(far.message(ANNA, 'by the bot'))).toMatchObject({ kind: 'done' });
    expect(texts()).toEqual([`**${ANNA.label}**:\n\nby the bot`]);
  });

  it.each([16_300, 16_383, 32_000])('writes no post without words: %i characters', async (length) => {
    await open({ appear: 'webhook', webhooks: { [channel.id]: await hook() } });
    const text = 'word '.repeat(length / 5).trim();
    expect(await send(far.message(ANNA, text))).toMatchObject({ kind: 'done' });
    expect(texts().join(' ').split(/\s+/)).toEqual(text.split(' '));
  });

  it('leaves answers to the bot where a webhook cannot answer, before 11.8', async () => {
    const root = await stand.post(stand.admin, channel, 'root');
    await open({ appear: 'webhook', webhooks: { [channel.id]: await hook() } });
    await send(far.message(ANNA, 'an answer', { replyTo: { id: nativeId(root.id) } }));
    expect(stand.server.livePosts(channel.id).at(-1)).toMatchObject({
      message: `**${ANNA.label}**: an answer`,
      root_id: root.id,
    });
  });

  it('answers from 11.8 on', async () => {
    await stand.stop();
    await serve({ version: '11.8' });
    const root = await stand.post(stand.admin, channel, 'root');
    await open({ appear: 'webhook', webhooks: { [channel.id]: await hook() } });
    await send(far.message(ANNA, 'an answer', { replyTo: { id: nativeId(root.id) } }));
    expect(stand.server.livePosts(channel.id).at(-1)).toMatchObject({
      message: 'an answer',
      root_id: root.id,
      props: { override_username: ANNA.label },
    });
  });

  it('does not write what it would rewrite: the bot does', async () => {
    await open({ appear: 'webhook', webhooks: { [channel.id]: await hook() } });
    await send(far.message(ANNA, 'Array<string|number>'));
    expect(texts()).toEqual([`**${ANNA.label}**: Array<string|number>`]);
  });
});
