import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { channelId, IncomingEvent, networkId, personId } from '@brygga/event';
import { describe, expect, test } from 'vitest';
import { type IntakeSpace, intake } from '../src/intake.ts';
import { eventsOf, MatrixEvent } from '../src/native.ts';
import { RoomState } from '../src/room-state.ts';
import { Contract, contractMissing } from './contract.ts';

const folder = join(import.meta.dirname, '../fixtures');
const fixture = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

const room = '!kitchen:agency.test';
function space(more: Partial<IntakeSpace> = {}): IntakeSpace {
  const state = new RoomState();
  state.setMember('@ada:agency.test', { membership: 'join', displayName: 'Ada Ask' });
  state.setMember('@ben:agency.test', { membership: 'join', displayName: 'Ben' });
  state.apply('m.room.power_levels', '', { users: { '@ada:agency.test': 100 } }, '');
  return {
    network: networkId('agency-matrix'),
    channel: channelId(room),
    ghostPrefix: '_brygga_',
    serverName: 'agency.test',
    ignored: [/^@otherbridge_/u],
    state,
    ghostOf: () => null,
    ...more,
  };
}
const event = (more: object): MatrixEvent =>
  MatrixEvent.parse({
    type: 'm.room.message',
    event_id: '$1',
    room_id: room,
    sender: '@ada:agency.test',
    origin_server_ts: 1_760_000_000_000,
    content: { msgtype: 'm.text', body: 'hi' },
    ...more,
  });
const read = (more: object, about: Partial<IntakeSpace> = {}) => intake(event(more), space(about));
const member = (user: string, content: object, more: object = {}) =>
  read({ type: 'm.room.member', state_key: user, sender: user, content, ...more });

describe('transactions as recorded', () => {
  test.each(readdirSync(folder))('%s gives valid events', (name) => {
    const transaction = fixture(name) as { events: unknown[]; expect: unknown };
    const events = eventsOf(transaction.events);
    expect(events).toHaveLength(transaction.events.length);
    const carried = events.flatMap((one) => intake(one, space()) ?? []);
    for (const one of carried) expect(IncomingEvent.safeParse(one).error).toBeUndefined();
    expect(carried.map(({ kind }) => kind)).toEqual(transaction.expect);
  });

  // Reason for skipping: the contracts are not beside every checkout.
  test.skipIf(contractMissing !== null)('and keep to the contract', () => {
    const contract = new Contract();
    for (const name of readdirSync(folder)) {
      expect(contract.pushProblems('/_matrix/app/v1/transactions/1', fixture(name))).toEqual([]);
    }
  });
});

describe('whose events are carried', () => {
  test.each([
    ['a ghost', { sender: '@_brygga_tax-xmpp_anna:agency.test' }],
    ['the bot', { sender: '@_brygga_bot:agency.test' }],
    ['an ignored bridge', { sender: '@otherbridge_1:agency.test' }],
    ['nobody: redacted', { content: {}, unsigned: { redacted_because: {} } }],
    ['nobody: without a text', { content: {} }],
    ['nobody: encrypted', { type: 'm.room.encrypted', content: { ciphertext: 'x' } }],
    ['nobody: a call', { type: 'm.call.invite', content: { body: 'x' } }],
  ])('not those of %s', (_, more) => {
    expect(read(more)).toBeNull();
  });

  test('a stranger with a name like a ghost’s is a person', () => {
    expect(read({ sender: '@_brygga_tax-xmpp_anna:evil.test' })).toMatchObject({
      sender: { displayName: '_brygga_tax-xmpp_anna', kind: 'person' },
    });
  });

  test('what another hub wrote says which hubs it has passed', () => {
    const marked = {
      msgtype: 'm.text',
      body: 'hi',
      'org.brygga.origin': { key: 'k', hub: 'b', hops: ['a', 'b', 7, ''] },
    };
    expect(read({ content: marked })?.hops).toEqual(['a', 'b']);
  });
});

describe('messages', () => {
  test('name, time and id', () => {
    expect(read({})).toMatchObject({
      origin: { network: 'agency-matrix', channel: room, nativeId: '$1' },
      sender: { nativeId: '@ada:agency.test', displayName: 'Ada Ask' },
      sentAt: 1_760_000_000_000,
      plain: 'hi',
    });
  });

  test('a thread’s fallback is no reply, a reply within it is', () => {
    const relates = (is_falling_back: boolean) => ({
      body: 'x',
      'm.relates_to': {
        rel_type: 'm.thread',
        event_id: '$root',
        is_falling_back,
        'm.in_reply_to': { event_id: '$2' },
      },
    });
    expect(read({ content: relates(true) })).not.toHaveProperty('replyTo');
    expect(read({ content: relates(false) })).toMatchObject({
      thread: { natives: ['$root'] },
      replyTo: { natives: ['$2', 'version:$2'] },
    });
  });

  test('an edit is its new content; without it nothing', () => {
    const replace = { 'm.relates_to': { rel_type: 'm.replace', event_id: '$1' } };
    const fresh = { 'm.new_content': { msgtype: 'm.text', body: 'new' } };
    expect(read({ content: { body: '* new', ...fresh, ...replace } })).toMatchObject({
      kind: 'edit',
      plain: 'new',
      target: { natives: ['$1'] },
    });
    expect(read({ content: { body: '* new', ...replace } })).toBeNull();
  });

  test.each([[''], ['x'.repeat(300)], [undefined]])('a relation to %s is none', (event_id) => {
    expect(
      read({ content: { body: 'x', 'm.relates_to': { 'm.in_reply_to': { event_id } } } }),
    ).not.toHaveProperty('replyTo');
  });

  test('numbers that are none', () => {
    expect(read({ origin_server_ts: -5 })?.sentAt).toBe(0);
    expect(read({ origin_server_ts: 'x' })?.sentAt).toBe(0);
  });
});

describe('reactions', () => {
  const react = (content: object) => read({ type: 'm.reaction', content });
  const to = (key: unknown) => ({ 'm.relates_to': { rel_type: 'm.annotation', event_id: '$1', key } });

  test('one more of that person', () => {
    expect(react(to('👍'))).toMatchObject({ kind: 'reaction', mode: 'add', emoji: ['👍'] });
  });

  test.each([
    [':party:', ':party:'],
    ['party', ':party:'],
    ['party  parrot', ':party_parrot:'],
    [' a:b\nc ', ':a_b_c:'],
    ['pa\u0000rt\u202ey\u200b\ufffe\ud83d', ':pa_rt_y:'],
    ['é🎉', ':é🎉:'],
    ['🎉'.repeat(61), `:${'🎉'.repeat(59)}…:`],
    ['x'.repeat(100_000), `:${'x'.repeat(59)}…:`],
    ['::', ':picture:'],
    [' \u0007\u2066 ', ':picture:'],
    ['\u3164\u2800', ':picture:'],
    ['❤️', ':❤️:'],
    [7, ':picture:'],
    [undefined, ':picture:'],
  ])('a picture that calls itself %j is %s', (shortcode, shown) => {
    const stable = { ...to('mxc://a/b'), shortcode };
    const early = { ...to('mxc://a/b'), 'com.beeper.reaction.shortcode': shortcode };
    for (const content of [stable, early]) {
      const read = react(content);
      expect(read).toMatchObject({ kind: 'reaction', emoji: [shown] });
      expect(IncomingEvent.safeParse(read).error).toBeUndefined();
    }
  });

  test('what is no text falls out of it', () => {
    expect(react(to('👍\u0001\ufffe\ud83d'))).toMatchObject({ emoji: ['👍'] });
    expect(react(to('so\n\u202etrue'))).toMatchObject({ emoji: ['so \u202etrue\u202c'] });
    expect(react(to('\u0001 \u0008'))).toBeNull();
  });

  test('it is about a message, by the id of any of its versions', () => {
    expect(react(to('👍'))).toMatchObject({ target: { natives: ['$1', 'version:$1'] } });
  });

  test.each([[''], [undefined], ['x'.repeat(200)]])('%s is none', (key) => {
    expect(react(to(key))).toBeNull();
  });
});

describe('removals', () => {
  test('in both forms, by a moderator or another', () => {
    const old = { type: 'm.room.redaction', content: {}, redacts: '$9' };
    expect(read(old)).toMatchObject({
      kind: 'delete',
      target: { natives: ['$9'] },
      sender: { kind: 'moderator' },
    });
    const now = { type: 'm.room.redaction', content: { redacts: '$9' }, sender: '@ben:agency.test' };
    expect(read(now)).toMatchObject({ sender: { kind: 'person' } });
    expect(read({ type: 'm.room.redaction', content: {} })).toBeNull();
  });

  test('since room version 12 the creator is a moderator without being listed', () => {
    const state = new RoomState();
    state.apply(
      'm.room.create',
      '',
      { room_version: '12', additional_creators: ['@cy:agency.test'] },
      '@ben:agency.test',
    );
    const by = (sender: string) =>
      read({ type: 'm.room.redaction', content: { redacts: '$9' }, sender }, { state });
    expect(by('@ben:agency.test')?.sender.kind).toBe('moderator');
    expect(by('@cy:agency.test')?.sender.kind).toBe('moderator');
    expect(by('@ada:agency.test')?.sender.kind).toBe('person');
  });
});

describe('coming and going', () => {
  const dan = '@dan:agency.test';
  const ben = '@ben:agency.test';

  test('join, rename, leave', () => {
    expect(member(dan, { membership: 'join', displayname: 'Dan' })).toMatchObject({
      change: 'join',
      subject: { displayName: 'Dan' },
    });
    const unsigned = { replaces_state: '$0' };
    expect(member(ben, { membership: 'join', displayname: 'Benny' }, { unsigned })).toMatchObject({
      change: 'rename',
      before: 'Ben',
      subject: { displayName: 'Benny' },
    });
    expect(member(ben, { membership: 'leave' })).toMatchObject({
      change: 'leave',
      subject: { displayName: 'Ben' },
    });
  });

  test('removed and banned by a moderator', () => {
    const by = { sender: '@ada:agency.test' };
    expect(member(ben, { membership: 'leave' }, by)).toMatchObject({
      change: 'kick',
      sender: { kind: 'moderator' },
    });
    expect(member(ben, { membership: 'ban' }, by)).toMatchObject({
      change: 'ban',
      subject: { nativeId: personId(ben) },
    });
  });

  test('a first coming counts, though the room is known to hold the person already', () => {
    expect(member(ben, { membership: 'join', displayname: 'Ben' })).toMatchObject({ change: 'join' });
  });

  test.each([
    ['a changed picture', ben, { membership: 'join', displayname: 'Ben', avatar_url: 'mxc://a/b' }],
    ['an invitation', dan, { membership: 'invite' }],
    ['an invitation refused', dan, { membership: 'leave' }],
    ['a ban of one who was not there', dan, { membership: 'ban' }],
    ['a ghost', '@_brygga_tax-xmpp_anna:agency.test', { membership: 'join' }],
  ])('not carried: %s', (_, user, content) => {
    const unsigned = { replaces_state: '$0' };
    expect(member(user, content, { sender: '@ada:agency.test', unsigned })).toBeNull();
  });

  test('what was before, as the homeserver says it, counts', () => {
    const unsigned = { prev_content: { membership: 'join', displayname: 'Daniel' } };
    expect(member(dan, { membership: 'leave' }, { unsigned })).toMatchObject({
      change: 'leave',
      subject: { displayName: 'Daniel' },
    });
  });
});

test('name and topic, as state of the room only', () => {
  const state = (type: string, content: object, state_key: string | undefined = '') =>
    read({ type, content, state_key });
  expect(state('m.room.name', { name: 'Kitchen' })).toMatchObject({ kind: 'channel', name: 'Kitchen' });
  expect(state('m.room.topic', { topic: 'Tea' })).toMatchObject({ kind: 'channel', topic: 'Tea' });
  expect(state('m.room.topic', {})).toMatchObject({ topic: '' });
  expect(state('m.room.topic', { topic: 'x' }, 'key')).toBeNull();
  expect(state('m.room.avatar', { url: 'x' })).toBeNull();
});
