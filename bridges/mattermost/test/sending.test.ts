import { randomUUID } from 'node:crypto';
import type { Bridge, Delivery, NativeMessage, Outcome } from '@brygga/contract';
import { type ChannelId, channelId, nativeId, networkId, personId } from '@brygga/event';
import { ANNA, BO, type FakeContext, FarPeople, fakeContext, newId, waitFor } from '@brygga/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Row } from '../../../test/networks/mattermost/client.ts';
import { Stand } from '../../../test/networks/mattermost/stand.ts';
import { mattermost } from '../src/index.ts';
import { MattermostSettings } from '../src/settings.ts';

const network = networkId('mm');
let stand: Stand;
let channel: Row;
let ctx: FakeContext<MattermostSettings>;
let bridge: Bridge;
let far: FarPeople;

/** Time goes on for the server and the bridge until that is so. */
const until = (check: () => boolean) =>
  waitFor(
    async () => {
      await stand.clock.advance(200);
      return check();
    },
    { withinMs: 10_000, everyMs: 2, what: () => JSON.stringify(ctx.states) },
  );

async function open(people: object = { appear: 'nameLine' }): Promise<void> {
  const settings = MattermostSettings.parse({ url: stand.server.url, token: stand.bot.rest.token, people });
  ctx = fakeContext<MattermostSettings>({ network, settings, clock: stand.clock });
  bridge = mattermost.create(network, settings) as Bridge;
  await bridge.open(ctx);
  await bridge.attach(place());
  await until(() => ctx.states.at(-1)?.state === 'up');
}

const place = (): ChannelId => channelId(channel.id);

beforeEach(async () => {
  stand = await Stand.start();
  channel = await stand.channel();
  far = new FarPeople({ channel: place(), now: () => stand.clock.now(), newId: () => newId() });
});
afterEach(async () => {
  await bridge.close();
  await stand.stop();
  expect(ctx.problems).toEqual([]);
});

async function send(delivery: Delivery): Promise<Outcome> {
  const sending = bridge.send(delivery, new AbortController().signal);
  let outcome: Outcome | null = null;
  void sending.then((one) => {
    outcome = one;
  });
  await until(() => outcome !== null);
  return sending;
}

const texts = (): string[] => stand.server.livePosts(channel.id).map(({ message }) => message);

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

async function hook(): Promise<string> {
  await stand.admin.rest.must('PUT', '/config/patch', {
    ServiceSettings: { EnableIncomingWebhooks: true, EnablePostUsernameOverride: true },
  });
  const made = await stand.admin.rest.must('POST', '/hooks/incoming', {
    channel_id: channel.id,
    user_id: stand.bot.id,
    display_name: randomUUID(),
  });
  return made.id;
}

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
    stand = await Stand.start({ version: '11.8' });
    channel = await stand.channel();
    far = new FarPeople({ channel: place(), now: () => stand.clock.now(), newId: () => newId() });
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
