import { ANNA, BO, waitFor } from '@brygga/testkit';
import { describe, expect, it, vi } from 'vitest';
import { bridge, channel, ctx, far, hook, open, send, stand, texts, until } from './outgoing.ts';

describe('a post whose answer never came', () => {
  it.each([
    ['5 s', 5_000, false],
    ['40 s', 40_000, false],
    ['40 s, and a restart of the server', 40_000, true],
  ])('is there once when it is sent again after %s', async (_when, ms, restart) => {
    await open();
    const delivery = far.message(ANNA, 'once');
    stand.server.faults.next({ method: 'POST', path: /\/posts$/ }, { kind: 'loseAnswer' });
    expect(await send(delivery)).toMatchObject({ kind: 'unsure' });
    if (restart) await stand.server.restart();
    await stand.clock.advance(ms);
    expect(await send({ ...delivery, maybeSent: true })).toMatchObject({ kind: 'done' });
    expect(texts()).toEqual([`**${ANNA.label}**: once`]);
  });
});

it('posts whose answers never came are found among more changes than one list holds', async () => {
  await open();
  const deliveries = ['one', 'two', 'three', 'four', 'five'].map((text) => far.message(ANNA, text));
  for (const delivery of deliveries) {
    stand.server.faults.next({ method: 'POST', path: /\/posts$/ }, { kind: 'loseAnswer' });
    expect(await send(delivery)).toMatchObject({ kind: 'unsure' });
  }
  await stand.server.restart();
  // Of as many the list shows every second.
  for (let at = 0; at < 2000; at += 1) await stand.post(stand.admin, channel, `said ${at}`);
  await bridge.close();
  await open();
  for (const delivery of deliveries)
    expect(await send({ ...delivery, maybeSent: true })).toMatchObject({ kind: 'done' });
  expect(texts().filter((text) => text.startsWith('**'))).toHaveLength(5);
}, 20_000);

describe('posts', () => {
  it('longer than the server takes become several, all of them named', async () => {
    await open();
    const outcome = await send(far.message(ANNA, 'word '.repeat(3400)));
    expect(outcome).toMatchObject({ kind: 'done', messages: [{}, {}] });
    for (const text of texts()) expect([...text].length).toBeLessThanOrEqual(16_383);
  });

  it('keep their marker over an edit', async () => {
    await open();
    const outcome = await send(far.message(ANNA, 'first'));
    if (outcome.kind !== 'done') throw new Error(outcome.kind);
    await send(far.edit(ANNA, outcome.messages, 'second'));
    const [post] = stand.server.livePosts(channel.id);
    expect(post?.message).toBe(`**${ANNA.label}**: second`);
    expect(post?.props.brygga).toMatchObject({ part: 0, hub: ctx.hub });
  });

  it('that an edit makes longer get one more part, and no more when it is sent again', async () => {
    await open();
    const outcome = await send(far.message(ANNA, 'short'));
    if (outcome.kind !== 'done') throw new Error(outcome.kind);
    const edit = far.edit(ANNA, outcome.messages, 'word '.repeat(4000));
    stand.server.faults.next({ method: 'POST', path: /\/posts$/ }, { kind: 'loseAnswer' });
    expect(await send(edit)).toMatchObject({ kind: 'unsure' });
    await stand.server.restart();
    await bridge.close();
    await open();
    expect(await send({ ...edit, maybeSent: true })).toMatchObject({ kind: 'done', messages: [{}, {}] });
    expect(texts()).toHaveLength(2);
  });

  it('too old to be edited are said anew, in their thread', async () => {
    await open();
    stand.server.settings.PostEditTimeLimit = 60;
    const outcome = await send(far.message(ANNA, 'first'));
    if (outcome.kind !== 'done') throw new Error(outcome.kind);
    await stand.clock.advance(120_000);
    const edit = far.edit(ANNA, outcome.messages, 'second');
    expect(await send(edit)).toMatchObject({ lost: ['edit'] });
    await stand.clock.advance(40_000);
    expect(await send({ ...edit, maybeSent: true })).toMatchObject({ lost: ['edit'] });
    expect(texts()).toEqual([`**${ANNA.label}**: first`, `_Changed:_\n\n**${ANNA.label}**: second`]);
  });

  it.each([{ appear: 'nameLine' }, { appear: 'webhook' }])(
    'call nobody, whatever stands in them: %j',
    async ({ appear }) => {
      await open(appear === 'webhook' ? { appear, webhooks: { [channel.id]: await hook() } } : { appear });
      for (const text of [
        '<!channel> look',
        '@all @here @channel',
        '<https://e.org|@all>',
        '&#64;all',
        'see https://e.org/@admin',
      ])
        expect(await send(far.message(ANNA, text))).toMatchObject({ kind: 'done' });
      const posts = stand.server.livePosts(channel.id);
      expect(posts).toHaveLength(5);
      for (const { id } of posts)
        expect(stand.server.pinged(id)).toEqual({ userIds: [], channelWide: false });
    },
  );
});

describe('reactions of several people', () => {
  it('stand while anybody has them; what the server has no name for is dropped', async () => {
    await open();
    const outcome = await send(far.message(ANNA, 'hello'));
    if (outcome.kind !== 'done') throw new Error(outcome.kind);
    const [post] = outcome.messages;
    const author = { network: ANNA.network, person: ANNA.person, native: false };
    const names = (): string[] => stand.server.reactions(post?.id ?? '').map(({ emoji_name }) => emoji_name);
    await send(far.react(ANNA, outcome.messages, ['👍', '🫠'], {}, author));
    await send(far.react(BO, outcome.messages, ['👍'], {}, author));
    expect(names()).toEqual(['+1']);
    await send(far.react(ANNA, outcome.messages, [], {}, author));
    expect(names()).toEqual(['+1']);
    await send(far.react(BO, outcome.messages, [], {}, author));
    expect(names()).toEqual([]);
  });
});

it('what is written after a post that was found there waits for another date', async () => {
  await open();
  const first = far.message(ANNA, 'first');
  stand.server.faults.next({ method: 'POST', path: /\/posts$/ }, { kind: 'loseAnswer' });
  expect(await send(first)).toMatchObject({ kind: 'unsure' });
  await stand.clock.advance(40_000);
  const signal = new AbortController().signal;
  expect(await bridge.send({ ...first, maybeSent: true }, signal)).toMatchObject({ kind: 'done' });
  const sleep = vi.spyOn(stand.clock, 'sleep');
  const writing = bridge.send(far.message(ANNA, 'second'), signal);
  await waitFor(() => sleep.mock.calls.some(([ms]) => ms === 2), { what: 'a rest of 2 ms' });
  await until(() => texts().length === 2);
  expect(await writing).toMatchObject({ kind: 'done' });
});

describe('a topic', () => {
  const header = async (): Promise<string> =>
    String((await stand.admin.rest.must('GET', `/channels/${channel.id}`)).header);

  it('is the header, in which nothing means more than it says', async () => {
    await open();
    const delivery = far.channel(ANNA, { topic: '*Beredskap* för @all i ~town-square' });
    expect(await send(delivery)).toEqual({ kind: 'done', messages: [] });
    expect(await header()).toBe('\\*Beredskap\\* för @\u200ball i ~\u200btown-square');
    const before = stand.server.posts(channel.id).length;
    expect(await send({ ...delivery, maybeSent: true })).toMatchObject({ kind: 'done' });
    expect(stand.server.posts(channel.id)).toHaveLength(before);
    const last = await stand.post(stand.admin, channel, 'last');
    await until(() => ctx.accepted.some(({ origin }) => origin.nativeId === last.id));
    expect(ctx.accepted).toHaveLength(1);
  });

  it('that is too long, or that the bot may not set, is said', async () => {
    await open();
    const long = 'lång '.repeat(300).trim();
    expect(await send(far.channel(ANNA, { topic: long }))).toMatchObject({ lost: ['channelTopic'] });
    const role = await stand.admin.rest.must('GET', '/roles/name/channel_user');
    const permissions = (role.permissions as string[]).filter((one) => !one.endsWith('_channel_properties'));
    await stand.admin.rest.must('PUT', `/roles/${role.id}/patch`, { permissions });
    expect(await send(far.channel(ANNA, { topic: 'short' }))).toMatchObject({ lost: ['channelTopic'] });
    expect(await header()).toBe('');
    expect(texts().map((text) => text.replaceAll('\\', ''))).toEqual(
      [long, 'short'].map((topic) => `${ANNA.label} changed the topic to: ${topic}`),
    );
  });
});

describe('a token that is revoked', () => {
  /** The states the hub tells operators of: each change once. */
  const told = (): string[] =>
    ctx.states.map(({ state }) => state).filter((one, at, all) => one !== all[at - 1]);

  it('in mid-stream is told once, and nothing is lost', async () => {
    await open();
    const delivery = far.message(ANNA, 'sent meanwhile');
    await stand.admin.rest.must('PUT', `/users/${stand.bot.id}/active`, { active: false });
    expect(await send(delivery)).toMatchObject({ kind: 'later', code: 'CREDENTIALS_REFUSED' });
    await until(() => ctx.states.at(-1)?.state === 'refused');
    await stand.post(stand.admin, channel, 'said meanwhile');
    for (let second = 0; second < 120; second += 1) await stand.clock.advance(1000);
    expect(ctx.states.at(-1)).toEqual({ state: 'refused', code: 'CREDENTIALS_REFUSED' });
    expect(told().filter((state) => state === 'refused')).toHaveLength(1);
    await stand.admin.rest.must('PUT', `/users/${stand.bot.id}/active`, { active: true });
    await until(() => ctx.accepted.some((event) => 'plain' in event && event.plain === 'said meanwhile'));
    expect(await send(delivery)).toMatchObject({ kind: 'done' });
    expect(texts()).toEqual(['said meanwhile', `**${ANNA.label}**: sent meanwhile`]);
  });

  it('is not taken for one when the server was mistaken once', async () => {
    await open();
    stand.server.faults.next({ method: 'POST', path: /\/posts$/ }, { kind: 'unauthorized' });
    const delivery = far.message(ANNA, 'once more');
    expect(await send(delivery)).toMatchObject({ kind: 'later' });
    expect(await send(delivery)).toMatchObject({ kind: 'done' });
    expect(told()).not.toContain('refused');
  });
});

describe('a post whose event comes before its answer', () => {
  it('is no news, and its answer is not waited for in vain', async () => {
    await open();
    stand.server.faults.next({ method: 'POST', path: /\/posts$/ }, { kind: 'delayAnswer', ms: 5000 });
    const sending = send(far.message(ANNA, 'early'));
    await until(() => texts().length === 1);
    const last = await stand.post(stand.admin, channel, 'last');
    await until(() => ctx.accepted.some(({ origin }) => origin.nativeId === last.id));
    expect(ctx.accepted).toHaveLength(1);
    expect(await sending).toMatchObject({
      kind: 'done',
      messages: [{ id: stand.server.livePosts(channel.id)[0]?.id }],
    });
  });
});
