import { channelId, type IncomingEvent, nativeId, networkId, personId, plainBody } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { ANNA, dice, FarPeople, fakeContext, ledger, ManualClock, waitFor } from './index.ts';

const channel = channelId('kitchen');

const common = (id: string, revision = '1') => ({
  v: 1 as const,
  origin: { network: networkId('near'), channel, nativeId: nativeId(id), revision, aliases: [] },
  sender: { nativeId: personId('ada'), displayName: 'Ada', kind: 'person' as const },
  sentAt: 1,
  hops: [],
});
const content = (plain: string) => ({ body: plainBody(plain), plain, style: 'text' as const, mentions: [] });
const message = (id: string, plain: string): IncomingEvent => ({
  ...common(id),
  kind: 'message',
  ...content(plain),
  attachments: [],
});
const target = (id: string) => ({ natives: [nativeId(id)] });

describe('the hub in memory', () => {
  it('keeps an event once, and the cursor with it', async () => {
    const ctx = fakeContext();
    const events = [message('m1', 'tea')];
    expect(await ctx.accept({ channel, events, cursor: '7' })).toEqual({ fresh: 1, unlinked: false });
    expect(await ctx.accept({ channel, events })).toEqual({ fresh: 0, unlinked: false });
    expect(ctx.accepted).toHaveLength(1);
    expect(ctx.repeated).toHaveLength(1);
    expect(await ctx.cursor(channel)).toBe('7');
    expect(ctx.problems).toEqual([]);
  });

  it('keeps nothing while it cannot store, or of a channel without a room', async () => {
    const ctx = fakeContext();
    ctx.refuseAccepts = true;
    await expect(ctx.accept({ channel, events: [message('m1', 'tea')], cursor: '7' })).rejects.toThrow();
    ctx.refuseAccepts = false;
    ctx.unlinked.add(channel);
    expect((await ctx.accept({ channel, events: [message('m1', 'tea')], cursor: '7' })).unlinked).toBe(true);
    expect(ctx.accepted).toEqual([]);
    expect(await ctx.cursor(channel)).toBe(null);
  });

  it('notes two accepts of one channel at once', async () => {
    const ctx = fakeContext();
    await Promise.all([ctx.accept({ channel, events: [] }), ctx.accept({ channel, events: [] })]);
    expect(ctx.problems).toHaveLength(1);
  });

  it('notes events of another network or channel', async () => {
    const ctx = fakeContext({ network: 'elsewhere' });
    await ctx.accept({ channel: channelId('hall'), events: [message('m1', 'tea')] });
    expect(ctx.problems).toHaveLength(2);
  });

  it('notes log lines that could leak', () => {
    const ctx = fakeContext();
    ctx.log.info('message.accepted', { event: 'm1', count: 1, fault: 'TypeError at a.ts:1' });
    expect(ctx.problems).toEqual([]);
    ctx.log.info('Ada said tea');
    ctx.log.info('a', { reason: 'Ada said tea' });
    ctx.log.info('a', Object.assign({ count: 1 }, { text: 'tea' }));
    expect(ctx.problems).toHaveLength(3);
  });

  it('lends a lease to one at a time', async () => {
    const ctx = fakeContext();
    const stop = new AbortController();
    const first = await ctx.lease('stream', stop.signal);
    const second = ctx.lease('stream', stop.signal);
    await first?.release();
    expect((await second)?.token).toBe(2);
    ctx.loseLeases();
    expect((await second)?.lost.aborted).toBe(true);
    const third = await ctx.lease('stream', stop.signal);
    const waiting = ctx.lease('stream', stop.signal);
    stop.abort();
    expect(await waiting).toBe(null);
    await third?.release();
  });
});

describe('the ledger', () => {
  it('folds what happened to a message', () => {
    const reaction = (mode: 'set' | 'add' | 'remove', emoji: string[], id: string): IncomingEvent => ({
      ...common(id),
      kind: 'reaction',
      target: target('m1'),
      mode,
      emoji,
    });
    const events: IncomingEvent[] = [
      message('m1', 'tea'),
      { ...common('m1', '2'), kind: 'edit', target: target('m1'), ...content('coffee') },
      reaction('set', ['👍', '🎉'], 'r1'),
      reaction('remove', ['👍'], 'r2'),
      reaction('add', ['🍵'], 'r3'),
    ];
    const { messages, saying } = ledger(events);
    expect(saying('coffee')).toBe(messages[0]);
    expect([...(messages[0]?.reactions.get(personId('ada')) ?? [])]).toEqual(['🎉', '🍵']);
    const back = ledger([...events, { ...common('d1'), kind: 'delete', target: target('r3') }]);
    expect([...(back.messages[0]?.reactions.get(personId('ada')) ?? [])]).toEqual(['🎉']);
    expect(back.messages[0]?.deleted).toBe(null);
    const gone = ledger([...events, { ...common('d2'), kind: 'delete', target: target('m1') }]);
    expect(gone.messages[0]?.deleted).not.toBe(null);
  });
});

describe('people far away', () => {
  it('hand over deliveries with the marks the contract asks for', () => {
    const far = new FarPeople({ channel, now: () => 5, newId: () => '01890a5d-ac96-4b7c-8f8a-1f5f5f5f5f5f' });
    const delivery = far.message(ANNA, 'tea');
    expect(delivery.key).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(delivery.event.id).toBe('01890a5d-ac96-7b7c-8f8a-1f5f5f5f5f5f');
    expect(delivery.persona?.label).toBe('Anna Svensson (Skatteverket)');
  });
});

describe('time and chance', () => {
  it('stand still until they are moved', async () => {
    const clock = new ManualClock(100);
    const told: string[] = [];
    clock.after(20, () => told.push('late'));
    clock.after(10, () => told.push('early'));
    clock.after(5, () => told.push('never'))();
    const sleeping = clock.sleep(15).then(() => told.push('awake'));
    await clock.advance(9);
    expect(told).toEqual([]);
    await clock.advance(11);
    await sleeping;
    expect(told).toEqual(['early', 'awake', 'late']);
    expect([clock.now(), clock.elapsed(), clock.waiting]).toEqual([120, 20, 0]);
  });

  it('wakes a sleeper whose sleep is called off', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1000, stop.signal);
    stop.abort();
    await sleeping;
    expect(clock.waiting).toBe(0);
  });

  it('play the same game from the same seed', () => {
    const play = (seed: number): number[] => {
      const { below } = dice(seed);
      return Array.from({ length: 20 }, () => below(6));
    };
    expect(play(1)).toEqual(play(1));
    expect(play(1)).not.toEqual(play(2));
    expect(new Set(play(3)).size).toBeGreaterThan(3);
  });

  it('waits for a condition, and tells what it waited for in vain', async () => {
    let asked = 0;
    const third = (): number | undefined => {
      asked += 1;
      if (asked === 1) throw new Error('not yet');
      return asked < 3 ? undefined : asked;
    };
    expect(await waitFor(third, { everyMs: 1 })).toBe(3);
    await expect(waitFor(() => false, { withinMs: 5, everyMs: 1, what: () => 'the moon' })).rejects.toThrow(
      'the moon',
    );
  });
});
