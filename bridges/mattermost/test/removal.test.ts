import type { NativeMessage } from '@brygga/contract';
import { nativeId, personId } from '@brygga/event';
import { ANNA, BO } from '@brygga/testkit';
import { describe, expect, it } from 'vitest';
import { channel, ctx, far, network, open, send, stand, texts, until } from './outgoing.ts';

describe('a root that is removed', () => {
  it('takes its answers along, and each is told of', async () => {
    await open();
    const root = await stand.post(stand.admin, channel, 'root');
    await stand.clock.advance(5);
    for (const text of ['one', 'two']) await stand.post(stand.admin, channel, text, { root_id: root.id });
    await until(() => ctx.accepted.filter(({ kind }) => kind === 'message').length === 3);
    await stand.admin.rest.must('DELETE', `/posts/${root.id}`);
    await until(() => ctx.accepted.filter(({ kind }) => kind === 'delete').length === 3);
  });
});

describe('a removal of what has been answered', () => {
  const answered = async () => {
    await open();
    const outcome = await send(far.message(ANNA, 'root'));
    if (outcome.kind !== 'done') throw new Error(outcome.kind);
    const [root] = outcome.messages;
    await stand.post(stand.admin, channel, 'a person answers', { root_id: root?.id });
    await send(far.message(BO, 'somebody far away answers', { replyTo: root as NativeMessage }));
    await until(() => ctx.accepted.some(({ kind }) => kind === 'message'));
    return outcome.messages;
  };

  it('takes its words out, and the answers stand', async () => {
    const root = await answered();
    expect(await send(far.remove(ANNA, root))).toMatchObject({ kind: 'done', lost: ['deleteOwn'] });
    expect(texts()).toEqual([
      '_(removed)_',
      'a person answers',
      `**${BO.label}**: somebody far away answers`,
    ]);
  });

  it('removes it with the answers where it may not be edited any more, and those only here', async () => {
    const root = await answered();
    stand.server.settings.PostEditTimeLimit = 60;
    await stand.clock.advance(120_000);
    expect(await send(far.remove(ANNA, root))).toMatchObject({ kind: 'done', messages: [] });
    expect(texts()).toEqual([]);
    const later = await stand.post(stand.admin, channel, 'later');
    await until(() => ctx.accepted.some(({ origin }) => origin.nativeId === later.id));
    await stand.clock.advance(60_000);
    expect(ctx.accepted.filter(({ kind }) => kind === 'delete')).toEqual([]);
  });

  it('that the server does not allow makes no secret of a removal by its people', async () => {
    await open();
    const post = await stand.post(stand.admin, channel, 'rude');
    await until(() => ctx.accepted.length === 1);
    const author = { network, person: personId(stand.admin.id), native: true };
    const removal = far.remove(ANNA, [{ id: nativeId(post.id) }], author);
    expect(await send(removal)).toMatchObject({ kind: 'refused', code: 'FORBIDDEN' });
    await stand.admin.rest.must('DELETE', `/posts/${post.id}`);
    await until(() => ctx.accepted.some(({ kind }) => kind === 'delete'));
  });

  it('removes it whole when the answers are gone', async () => {
    const root = await answered();
    for (const post of stand.server.livePosts(channel.id).slice(1))
      await stand.admin.rest.must('DELETE', `/posts/${post.id}`);
    expect(await send(far.remove(ANNA, root))).toEqual({ kind: 'done', messages: [] });
    expect(texts()).toEqual([]);
  });
});
