import { type ChannelId, channelId, networkId } from '@brygga/event';
import { ANNA, FarPeople, fakeContext, ManualClock, waitFor } from '@brygga/testkit';
import { describe, expect, it } from 'vitest';
import { tincanKind } from '../src/index.ts';
import { TincanSettings } from '../src/settings.ts';
import { TincanUser } from '../src/world/person.ts';
import { TincanError, type TincanTrouble } from '../src/world/types.ts';
import { TincanWorld } from '../src/world/world.ts';

const CHANNEL = channelId('kitchen');

function stage(overrides: Partial<TincanSettings> = {}) {
  const world = new TincanWorld({ textBytesMax: 200, keptMax: 10 });
  const settings = { ...TincanSettings.parse({}), ...overrides };
  const network = world.network(settings.world);
  const ada = new TincanUser(network, CHANNEL, 'ada', 'Ada');
  const ctx = fakeContext({ network: 'near', settings });
  const bridge = tincanKind(world).create(networkId('near'), settings);
  const far = new FarPeople({ channel: CHANNEL, now: () => 0, newId: () => ctx.newId() });
  const never = new AbortController().signal;
  return { world, settings, network, channel: network.channel(CHANNEL), ada, ctx, bridge, far, never };
}

const trouble = (run: () => void): TincanTrouble | null => {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof TincanError ? error.trouble : null;
  }
};

describe('the network', () => {
  it('lets nobody edit or remove what is not theirs', () => {
    const { ada, network, channel } = stage();
    const ben = new TincanUser(network, CHANNEL, 'ben', 'Ben');
    const id = ada.post({ text: 'tea' });
    expect(trouble(() => ben.edit(id, 'coffee'))).toBe('forbidden');
    expect(trouble(() => ben.remove(id))).toBe('forbidden');
    ben.promote().remove(id);
    expect(channel.message(id)?.removed).toBe(true);
    expect(trouble(() => ada.edit(id, 'coffee'))).toBe('noMessage');
  });

  it('refuses what is empty, too large, or from somebody banned', () => {
    const { ada, network } = stage();
    const mod = new TincanUser(network, CHANNEL, 'mod', 'Mo').promote();
    expect(trouble(() => ada.post({ text: '' }))).toBe('empty');
    expect(trouble(() => ada.post({ text: 'å'.repeat(101) }))).toBe('tooLarge');
    mod.kick('ada', true);
    expect(trouble(() => ada.post({ text: 'tea' }))).toBe('banned');
  });

  it('knows a key again until it forgets it', () => {
    const { channel, ada } = stage();
    const draft = { text: 'tea', key: 'k' };
    const first = ada.post(draft);
    expect(ada.post(draft)).toBe(first);
    channel.forgetKeys();
    expect(ada.post(draft)).not.toBe(first);
  });

  it('keeps the newest changes only', () => {
    const { ada, channel } = stage();
    for (let count = 0; count < 50; count += 1) ada.post({ text: `tea ${count}` });
    expect([...channel.messages].length).toBeLessThanOrEqual(20);
    expect(channel.after(0, 1000).at(-1)?.seq).toBe(channel.latest);
  });
});

describe('the bridge', () => {
  it('goes on behind a gap the network cannot fill, and says so', async () => {
    const { bridge, ctx, ada } = stage();
    await bridge.open(ctx);
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    await bridge.close();
    for (let count = 0; count < 50; count += 1) ada.post({ text: `tea ${count}` });
    await bridge.open(ctx);
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.accepted.some((event) => event.kind === 'message' && event.plain === 'tea 49'));
    expect(ctx.logged.map(({ code }) => code)).toContain('intake.gap');
    await bridge.close();
  });

  it('finds out about a forgotten notification that none follows', async () => {
    const { bridge, ctx, ada, network } = stage({ pollMs: 10 });
    await bridge.open(ctx);
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    network.notices.next({ kind: 'forget' });
    ada.post({ text: 'tea' });
    await waitFor(() => ctx.accepted.length === 1);
    await bridge.close();
  });

  it('asks again when an answer never comes', async () => {
    const { bridge, ctx, ada, network } = stage({ sendTimeoutMs: 20 });
    const lost = new Set(['watch', 'changes']);
    network.calls.always(({ name }) => (lost.delete(name) ? { kind: 'loseAnswer' } : undefined));
    await bridge.open(ctx);
    await bridge.attach(CHANNEL);
    await waitFor(async () => (await ctx.cursor(CHANNEL)) !== null, { what: 'watching it' });
    network.notices.next({ kind: 'forget' });
    for (const text of ['tea', 'cake']) ada.post({ text });
    await waitFor(() => ctx.accepted.length === 2);
    expect(lost.size).toBe(0);
    await bridge.close();
  });

  it('begins to watch again when the hub could not say where it was', async () => {
    const { bridge, ctx, ada } = stage();
    let asked = 0;
    const cursor = (channel: ChannelId): Promise<string | null> => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error('Redis is away')) : ctx.cursor(channel);
    };
    await bridge.open({ ...ctx, cursor });
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    await waitFor(() => asked > 1);
    ada.post({ text: 'tea' });
    await waitFor(() => ctx.accepted.length === 1);
    await bridge.close();
  });

  it('is as good as dead once its password is locked out, and no other bridge is', async () => {
    const { bridge, ctx, network } = stage();
    await bridge.open(ctx);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    network.lockOut('another');
    expect(ctx.states.at(-1)?.state).toBe('up');
    network.lockOut('');
    await waitFor(() => ctx.states.at(-1)?.state === 'refused');
    await bridge.close();
  });

  it('hears the other channels when one is gone', async () => {
    const { bridge, ctx, ada } = stage();
    await bridge.open(ctx);
    await bridge.attach(channelId('nowhere'));
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    ada.post({ text: 'tea' });
    await waitFor(() => ctx.accepted.length === 1);
    expect(ctx.logged.map(({ code }) => code)).toContain('channel.gone');
    await bridge.close();
  });

  it('takes what another bridge wrote, with its hops', async () => {
    const { bridge, ctx, channel } = stage();
    await bridge.open(ctx);
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    channel.post({ id: '~far/ada', via: ['other-hub'] }, { text: 'tea' });
    channel.post({ id: '~far/ada', via: ['other-hub', ctx.hub] }, { text: 'our own' });
    channel.post({ id: 'ada' }, { text: 'last' });
    await waitFor(() => ctx.accepted.length === 2);
    expect(ctx.accepted.map(({ hops }) => hops)).toEqual([['other-hub'], []]);
    await bridge.close();
  });

  it('keeps what passed through it marked for the others', async () => {
    const { bridge, ctx, channel, far, never } = stage();
    await bridge.open(ctx);
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    const delivery = far.message(ANNA, 'tea');
    await bridge.send({ ...delivery, event: { ...delivery.event, hops: ['other-hub'] } }, never);
    expect([...channel.messages].at(-1)?.via).toEqual(['other-hub', ctx.hub]);
    await bridge.close();
  });

  const outcomes: [string, TincanTrouble | 'lose', object][] = [
    ['throttled', 'throttled', { kind: 'later', code: 'NETWORK_BUSY', afterMs: 70, scope: 'network' }],
    ['an internal error', 'internal', { kind: 'later', code: 'NETWORK_ERROR' }],
    ['a refusal', 'forbidden', { kind: 'refused', code: 'FORBIDDEN' }],
    ['a lost line', 'lost', { kind: 'unsure', code: 'CONNECTION_LOST' }],
    ['no answer in time', 'lose', { kind: 'unsure', code: 'NO_ANSWER' }],
  ];
  it.each(outcomes)('says what became of a delivery: %s', async (_, fault, expected) => {
    const { bridge, ctx, far, network } = stage();
    await bridge.open(ctx);
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    if (fault === 'throttled') network.calls.next({ kind: 'throttle', afterMs: 70 });
    if (fault === 'internal') network.calls.next({ kind: 'internal' });
    if (fault === 'forbidden') network.calls.next({ kind: 'refuse' });
    if (fault === 'lost') network.calls.next({ kind: 'hangUp', commit: true });
    if (fault === 'lose') network.calls.next({ kind: 'loseAnswer' });
    const limit = new AbortController();
    const sending = bridge.send(far.message(ANNA, 'tea'), limit.signal);
    if (fault === 'lose') limit.abort();
    expect(await sending).toEqual(expected);
    await bridge.close();
  });

  it('sends nothing of a window that stands behind what was refused: another time it may not be', async () => {
    const { bridge, ctx, network, channel, far, never } = stage();
    await bridge.open(ctx);
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    network.calls.next({ kind: 'refuse' });
    const window = ['one', 'two', 'three'].map((text) => bridge.send(far.message(ANNA, text), never));
    expect((await Promise.all(window)).map(({ kind }) => kind)).toEqual(['refused', 'later', 'later']);
    expect([...channel.messages]).toEqual([]);
    await bridge.close();
  });

  it('waits out a throttle behind the first part', async () => {
    const { bridge, ctx, far, network, never, channel } = stage();
    await bridge.open(ctx);
    await bridge.attach(CHANNEL);
    await waitFor(() => ctx.states.some(({ state }) => state === 'up'));
    network.calls.nth(2, { kind: 'throttle', afterMs: 5 }, ({ name }) => name === 'post');
    const outcome = await bridge.send(far.message(ANNA, 'tea '.repeat(100)), never);
    expect(outcome.kind).toBe('done');
    expect([...channel.messages]).toHaveLength(outcome.kind === 'done' ? outcome.messages.length : 0);
    await bridge.close();
  });

  it('keeps trying with growing pauses, and leaves no timer behind', async () => {
    const clock = new ManualClock();
    const world = new TincanWorld({ clock });
    const settings = TincanSettings.parse({ pollMs: 3_600_000 });
    const network = world.network(settings.world);
    network.down();
    let tries = 0;
    network.calls.always(
      () => {
        tries += 1;
        return undefined;
      },
      ({ name }) => name === 'connect',
    );
    const ctx = fakeContext({ network: 'near', settings, clock });
    const bridge = tincanKind(world).create(networkId('near'), settings);
    await bridge.open(ctx);
    await clock.advance(600_000);
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(200);
    network.up();
    await clock.advance(60_000);
    expect(ctx.states.at(-1)?.state).toBe('up');
    await bridge.close();
    expect(clock.waiting).toBe(0);
  });

  it('tells a wrong password apart', async () => {
    const { bridge, ctx, network, settings, never } = stage();
    network.password = 'secret';
    await bridge.open(ctx);
    await waitFor(() => ctx.states.some(({ state }) => state === 'refused'));
    await bridge.close();
    const asked = { network: ctx.network, settings, channels: [], clock: ctx.clock, signal: never };
    expect(await bridge.check(asked)).toMatchObject([
      { level: 'fail', remedy: expect.stringContaining('password') },
    ]);
  });
});
