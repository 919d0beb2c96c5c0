import { type NativeId, nativeId } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { asModerator, FakeNetwork, manifest } from '../test/fake-network.ts';
import { HubHouse } from '../test/hub-house.ts';

let redis: RedisServer;
let house: HubHouse;
let a: FakeNetwork;
let b: FakeNetwork;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(async () => {
  const unicodeOnly = new FakeNetwork('c', manifest({}, { reactions: 'unicode' }));
  house = new HubHouse(redis.url, ['a', 'b', unicodeOnly]);
  await house.start(house.settings({ asideSeconds: 0 }));
  a = house.network('a');
  b = house.network('b');
});
afterEach(() => house.close());

/** A message of Ada's on A, as it stands on B and C. */
async function said(text = 'tea'): Promise<NativeId> {
  const native = await a.say(text);
  await waitFor(() => b.texts.includes(text) && house.network('c').texts.includes(text));
  return native;
}

const onB = (text = 'tea') => b.find(text);
/** All that was said or done before has arrived. */
async function settled(): Promise<void> {
  await a.say('the end');
  await waitFor(() => b.texts.includes('the end'));
  await house.quiet();
}

describe('an edit', () => {
  it('by the author goes to all links', async () => {
    await a.edit(await said(), 'coffee');
    await waitFor(() => b.texts[0] === 'coffee' && house.network('c').texts[0] === 'coffee');
    const edit = b.tries.at(-1);
    expect(edit?.target).toEqual([{ id: b.shown[0]?.id }]);
    expect(edit?.targetAuthor).toEqual({ network: 'a', person: 'ada@a', native: false });
  });

  it('of an edit means the message itself', async () => {
    const native = await said();
    const again = a.incoming({}, { kind: 'edit', target: { natives: [native] }, plain: '2', body: b2 });
    await a.accept(again);
    await a.edit(again.origin.nativeId, 'third');
    await waitFor(() => b.texts[0] === 'third');
    expect(b.tries.at(-1)?.target).toEqual([{ id: b.shown[0]?.id }]);
  });

  it('by a stranger, or by somebody of another network, is not admitted', async () => {
    const native = await said();
    await a.edit(native, 'forged', { person: 'eve' });
    await a.edit(native, 'forged', asModerator('mod', a));
    await b.edit(onB().id, 'forged', { person: 'ada' });
    await settled();
    expect(b.texts).toEqual(['tea', 'the end']);
    expect(house.network('c').texts).toEqual(['tea', 'the end']);
    expect(house.log.lines.filter(({ fields }) => fields.reason === 'notEntitled')).toHaveLength(3);
  });

  it('whose message nobody has seen is said as a new one', async () => {
    await a.edit(nativeId('before-the-link'), 'from long ago');
    await waitFor(() => b.texts.length === 1);
    expect(b.texts).toEqual(['from long ago']);
  });

  it('of a removed message is nothing', async () => {
    const native = await said();
    await a.remove(native);
    await a.edit(native, 'undead');
    await settled();
    expect(b.texts).toEqual(['the end']);
  });

  const b2 = { type: 'root', children: [] };
});

describe('a removal', () => {
  it('by the author', async () => {
    const native = await said();
    await a.remove(native);
    await a.remove(native);
    await settled();
    expect(onB().deleted).toBe(true);
    expect(b.tries.filter(({ event }) => event.kind === 'delete')).toHaveLength(1);
  });

  it('by a moderator, also of what came from elsewhere, but not by a stranger', async () => {
    await said('one');
    const two = await said('two');
    await a.remove(two, { person: 'eve' });
    await settled();
    expect(onB('two').deleted).toBe(false);
    await a.remove(two, asModerator('mod', a));
    await waitFor(() => onB('two').deleted);
    await b.remove(onB('one').id, asModerator('mod', b));
    await waitFor(() => house.network('c').find('one').deleted);
    const meant = a.tries.find(({ event }) => event.kind === 'delete');
    expect(meant?.target.map(({ id }) => id)).toEqual([expect.any(String)]);
    expect(meant?.targetAuthor?.native).toBe(true);
  });

  it('of an edit is nothing: the earlier text is not kept', async () => {
    const native = await said();
    const edit = a.incoming(
      {},
      { kind: 'edit', target: { natives: [native] }, plain: 'x', body: { type: 'root', children: [] } },
    );
    await a.accept(edit);
    await a.remove(edit.origin.nativeId);
    await settled();
    expect(b.texts).toEqual(['x', 'the end']);
  });

  it('of what nobody has seen is nothing', async () => {
    await a.remove(nativeId('before-the-link'));
    await settled();
    expect(b.tries.every(({ event }) => event.kind === 'message')).toBe(true);
  });
});

describe('reactions', () => {
  const of = (person: string): readonly string[] | undefined =>
    b.shown[0]?.reactions.get(`${person} (Agency A)`);

  it('added, removed and set in one go become sets, each person by themselves', async () => {
    const target = await said();
    const act = (mode: 'set' | 'add' | 'remove', emoji: string[], person = 'ada') =>
      a.incoming({ person }, { kind: 'reaction', target: { natives: [target] }, mode, emoji });
    await a.accept(
      act('add', ['👍']),
      act('add', ['❤️']),
      act('add', ['👍']),
      act('remove', ['👍']),
      act('set', ['🎉', '🎉'], 'ben'),
      act('remove', ['👍'], 'ben'),
      act('add', ['👀']),
    );
    await settled();
    expect(of('ada')).toEqual(['❤️', '👀']);
    expect(of('ben')).toEqual(['🎉']);
    const sets = b.tries.flatMap(({ event }) => (event.kind === 'reaction' ? [event] : []));
    expect(sets.map(({ mode, emoji }) => [mode, emoji])).toEqual([
      ['set', ['👍']],
      ['set', ['👍', '❤️']],
      ['set', ['❤️']],
      ['set', ['🎉']],
      ['set', ['❤️', '👀']],
    ]);
    expect(b.tries.findLast(({ event }) => event.kind === 'reaction')?.reactions).toEqual({ '❤️': '❤️' });
  });

  it('one removed like a message becomes a smaller set', async () => {
    const target = await said();
    const thumb = await a.react(target, 'add', ['👍']);
    await a.react(target, 'add', ['❤️']);
    await a.remove(thumb);
    await settled();
    expect(of('ada')).toEqual(['❤️']);
  });

  it('one removed in the batch it came in', async () => {
    const target = await said();
    const thumb = a.incoming(
      {},
      { kind: 'reaction', target: { natives: [target] }, mode: 'add', emoji: ['👍'] },
    );
    const removal = a.incoming({}, { kind: 'delete', target: { natives: [thumb.origin.nativeId] } });
    await a.accept(thumb, removal);
    await settled();
    expect(of('ada')).toEqual([]);
  });

  it('a stranger cannot remove one; a moderator can, and lends it neither name nor picture', async () => {
    const target = await said();
    const thumb = await a.react(target, 'add', ['👍'], { person: 'ben', name: 'Ben Berg' });
    await a.remove(thumb, { person: 'eve' });
    await settled();
    expect(of('Ben Berg')).toEqual(['👍']);
    const sender = { nativeId: 'mod@a', displayName: 'The Mod', avatar: 'mod.png', kind: 'moderator' };
    await a.remove(thumb, { more: { sender } });
    await waitFor(() => of('Ben Berg')?.length === 0);
    const { persona, event } = b.tries.at(-1) ?? {};
    expect(persona).toMatchObject({ person: 'ben@a', label: 'Ben Berg (Agency A)' });
    expect(event?.sender).toEqual({
      nativeId: 'ben@a',
      displayName: 'Ben Berg',
      kind: 'person',
      organisation: 'org-a',
    });
  });

  it('to what nobody has seen, or what was removed, are nothing', async () => {
    const target = await said();
    await a.react(nativeId('before-the-link'), 'add', ['👍']);
    await a.remove(target);
    await a.react(target, 'add', ['👍']);
    await settled();
    expect(b.tries.every(({ event }) => event.kind !== 'reaction')).toBe(true);
  });

  it('custom ones are told in words where only Unicode is taken, each once, and taken back in silence', async () => {
    const target = await said();
    const c = house.network('c');
    const party = await a.react(target, 'set', ['👍', ':party:']);
    await a.react(target, 'add', ['🎉']);
    await a.remove(party);
    await settled();
    await waitFor(() => c.texts.includes('the end'));
    expect(c.texts).toEqual(['tea', 'reacted with :party:', 'the end']);
    expect(c.find('reacted with :party:').replyTo).toBe(c.find('tea').id);
    expect(c.find('tea').reactions.get('ada (Agency A)')).toEqual(['🎉']);
    expect(of('ada')).toEqual(['🎉']);
  });

  it('an answer to one that was told in words means the message', async () => {
    const target = await said();
    const c = house.network('c');
    await a.react(target, 'add', [':party:']);
    await waitFor(() => c.texts.includes('reacted with :party:'));
    await c.say('why?', { more: { replyTo: { natives: [c.find('reacted with :party:').id] } } });
    await waitFor(() => a.texts.includes('why?') && b.texts.includes('why?'));
    expect(a.find('why?').replyTo).toBe(target);
    expect(onB('why?').replyTo).toBe(onB().id);
  });

  it('of people elsewhere to what came from here come back here', async () => {
    await said();
    await b.react(onB().id, 'add', ['👍'], { person: 'ben' });
    await waitFor(() => a.tries.length === 1);
    const [delivery] = a.tries;
    expect(delivery?.event).toMatchObject({ kind: 'reaction', mode: 'set', emoji: ['👍'] });
    expect(delivery?.targetAuthor).toMatchObject({ native: true });
  });
});

describe('replies and threads', () => {
  it('name the message on each link by its own id', async () => {
    const native = await said();
    await b.say('milk?', { more: { replyTo: { natives: [onB().id] } } });
    const c = house.network('c');
    await waitFor(() => c.texts.includes('milk?') && a.texts.includes('milk?'));
    expect(c.find('milk?').replyTo).toBe(c.find('tea').id);
    expect(a.find('milk?').replyTo).toBe(native);
    expect(c.tries.at(-1)?.targetAuthor).toEqual({ network: 'a', person: 'ada@a', native: false });
  });

  it('to what nobody has seen stand alone, at once', async () => {
    await a.say('as I said', { more: { replyTo: { natives: ['before-the-link'] } } });
    await waitFor(() => b.texts.includes('as I said'));
    expect(onB('as I said').replyTo).toBeNull();
  });

  it('a thread knows its root and its last message on each link', async () => {
    const root = await said();
    const thread = { more: { thread: { natives: [root] } } };
    const first = await a.say('one', thread);
    await a.say('two', thread);
    await a.say('three', { more: { thread: { natives: [first] } } });
    await waitFor(() => b.texts.length === 4);
    const places = b.tries.map(({ thread: place }) => place && [place.root.id, place.last.id]);
    const [tea, one, two] = b.shown.map(({ id }) => id);
    expect(places).toEqual([null, [tea, tea], [tea, one], [tea, two]]);
  });
});
