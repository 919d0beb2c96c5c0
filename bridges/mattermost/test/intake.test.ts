import { channelId, IncomingEvent, networkId } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import fixtures from '../fixtures/posts.json' with { type: 'json' };
import { MARKER } from '../src/ids.ts';
import {
  deletionEvent,
  editEvent,
  type IntakeSpace,
  peopleIn,
  postEvent,
  reactionEvent,
} from '../src/intake.ts';
import { Post } from '../src/native.ts';

const ADA = '8kxxqzf3hjbj3k6m1sg5xb8ycw';
const BO = 'bohr6gh1xtg4in8hrp9swmgk1c';
const BOT = 'b'.repeat(26);
const names: Readonly<Record<string, string>> = { [ADA]: 'Ada Berg', [BO]: 'Bo Ek', [BOT]: 'bridge' };
const space: IntakeSpace = {
  network: networkId('mm'),
  channel: channelId(fixtures.said.channel_id),
  isOurs: (user) => user === BOT,
  isBot: () => false,
  nameOf: (user) => names[user] ?? user,
  isIgnored: () => false,
  person: (username) => (username === 'bo.ek' ? { id: BO, displayName: 'Bo Ek' } : null),
};
const { said, byHook, added, historyRow, burning } = fixtures;
const eventOf = (row: object, more: object = {}) => {
  const event = postEvent(Post.parse({ ...row, ...more }), space);
  return event === null ? null : IncomingEvent.parse(event);
};

describe('a post as an event', () => {
  it('has its author, time, words, and whom it calls', () => {
    expect(eventOf(said)).toMatchObject({
      kind: 'message',
      origin: { network: 'mm', nativeId: said.id, revision: '1' },
      sender: { nativeId: ADA, displayName: 'Ada Berg', kind: 'person' },
      sentAt: said.create_at,
      plain: 'Möte kl 10 @Bo Ek ☕',
      mentions: [{ kind: 'person', network: 'mm', person: BO }],
    });
  });

  it('of a webhook has the name it shows, what it attaches, and its thread', () => {
    expect(eventOf(byHook)).toMatchObject({
      sender: { nativeId: ADA, displayName: 'Byggvakten', kind: 'bot' },
      plain: 'Bygget\nklart\nTid: 3 min',
      thread: { natives: [said.id] },
    });
  });

  it('that says who came is a membership', () => {
    expect(peopleIn(Post.parse(added))).toEqual([ADA, BO]);
    expect(eventOf(added)).toMatchObject({
      kind: 'membership',
      change: 'join',
      subject: { nativeId: BO, displayName: 'Bo Ek' },
      sender: { nativeId: ADA, kind: 'moderator' },
    });
    expect(eventOf(added, { props: { addedUserId: BOT } })).toBeNull();
  });

  it('that sets the header is a topic in words', () => {
    const header = { type: 'system_header_change', props: { new_header: '**Läge** [här](https://e.org)' } };
    expect(eventOf(added, header)).toMatchObject({ kind: 'channel', topic: 'Läge här (https://e.org)' });
  });

  it.each([
    ['a row of the history of an edit', historyRow],
    ['what burns when it is read', burning],
    ['our own, whether marked or not', { ...said, user_id: BOT }],
    ['a reminder', { ...said, type: 'reminder' }],
    ['a system message of another kind', { ...said, type: 'system_purpose_change' }],
  ])('is none: %s', (_what, row) => {
    expect(eventOf(row)).toBeNull();
  });

  it('tells which hubs it has passed, when another hub wrote it', () => {
    const marker = { key: 'k', part: 0, hub: 'other', hops: ['third', 'other', 7] };
    expect(eventOf(said, { props: { [MARKER]: marker } })).toMatchObject({ hops: ['third', 'other'] });
    expect(eventOf(said, { props: { [MARKER]: 'nonsense' } })).toMatchObject({ hops: [] });
  });
});

describe('what becomes of a post', () => {
  it('is an edit under the revision of its time and text, and none when only something else changed', () => {
    const edited = Post.parse({ ...said, edit_at: 1_764_000_001_000, message: 'Möte kl 11' });
    expect(editEvent(edited, space)).toMatchObject({
      kind: 'edit',
      origin: { nativeId: said.id, revision: expect.stringMatching(/^1764000001000-[\w-]{8}$/) },
      target: { natives: [said.id] },
      plain: 'Möte kl 11',
    });
    const other = editEvent({ ...edited, message: 'Möte kl 12' }, space);
    expect(other?.origin.revision).not.toBe(editEvent(edited, space)?.origin.revision);
    expect(editEvent(Post.parse(said), space)).toBeNull();
  });

  it('is a removal by its author, or by a moderator where we wrote it', () => {
    expect(deletionEvent(Post.parse(said), space)).toMatchObject({
      kind: 'delete',
      sender: { kind: 'person' },
    });
    expect(deletionEvent(Post.parse({ ...said, user_id: BOT }), space)).toMatchObject({
      sender: { nativeId: BOT, kind: 'moderator' },
    });
    expect(deletionEvent(Post.parse(historyRow), space)).toBeNull();
  });

  it('is a reaction of one person, known again when it is told twice', () => {
    const reaction = { user_id: ADA, post_id: said.id, emoji_name: 'thumbsup', update_at: 5 };
    const [set, again] = [reactionEvent(reaction, true, 0, space), reactionEvent(reaction, true, 0, space)];
    expect(set).toMatchObject({ mode: 'add', emoji: ['👍'], target: { natives: [said.id] } });
    expect(again?.origin.nativeId).toBe(set?.origin.nativeId);
    const back = reactionEvent({ ...reaction, emoji_name: 'party_parrot' }, false, 0, space);
    expect(back).toMatchObject({ mode: 'remove', emoji: [':party_parrot:'] });
    expect(reactionEvent({ ...reaction, user_id: BOT }, true, 0, space)).toBeNull();
  });
});
