import { describe, expect, test } from 'vitest';
import { applyState, RoomState } from '../src/room-state.ts';

describe('what is known of a room', () => {
  test('hubs that say that they are there, each under a key of its own', () => {
    const state = new RoomState();
    const notice = { hub: 'brygga', instance: 'instance-1', room: 'room-0001', link: 'link-0001', since: 7 };
    const key = 'instance-1.link-0001';
    state.apply('org.brygga.hub', key, notice, '@bot:b');
    state.apply('org.brygga.hub', 'instance-1.another', notice, '@anybody:b');
    state.apply('org.brygga.hub', 'x.y', { hub: 1 }, '@anybody:b');
    expect(state.hubs()).toEqual([notice]);
    state.apply('org.brygga.hub', key, {}, '@bot:b');
    expect(state.hubs()).toEqual([]);
  });

  test('levels, by the person, the room, and the specification', () => {
    const state = new RoomState();
    expect([state.levelOf('@a:b'), state.levelFor('redact'), state.levelFor('invite')]).toEqual([0, 50, 0]);
    state.apply(
      'm.room.power_levels',
      '',
      { users: { '@a:b': 70 }, users_default: 10, redact: 60, events: { 'm.room.topic': 5 } },
      '',
    );
    expect([state.levelOf('@a:b'), state.levelOf('@c:d'), state.levelFor('redact')]).toEqual([70, 10, 60]);
    expect([state.levelForState('m.room.topic'), state.levelForState('m.room.name')]).toEqual([5, 50]);
  });

  test('levels written as anything but numbers count for nothing', () => {
    const state = new RoomState();
    state.apply('m.room.power_levels', '', { users: { '@a:b': '100' }, redact: null }, '');
    expect([state.levelOf('@a:b'), state.levelFor('redact')]).toEqual([0, 50]);
  });

  test('creators stand above all since version 12, not before', () => {
    for (const [room_version, above] of [
      ['11', false],
      ['12', true],
      ['org.example.new', true],
      [undefined, false],
    ] as const) {
      const state = new RoomState();
      state.apply('m.room.create', '', { room_version }, '@a:b');
      expect(state.levelOf('@a:b') === Number.POSITIVE_INFINITY).toBe(above);
    }
  });

  test('encryption is for ever', () => {
    const state = new RoomState();
    state.apply('m.room.encryption', 'key', {}, '');
    expect(state.encrypted).toBe(false);
    state.apply('m.room.encryption', '', { algorithm: 'x' }, '');
    state.apply('m.room.encryption', '', {}, '');
    expect(state.encrypted).toBe(true);
  });

  test('who is in it, the one heard of longest ago forgotten', () => {
    const state = new RoomState();
    for (let n = 0; n <= 20_000; n += 1)
      state.setMember(`@${n}:b`, { membership: 'join', displayName: null });
    expect(state.isJoined('@0:b')).toBe(false);
    expect(state.isJoined('@20000:b')).toBe(true);
    state.setMember('@20000:b', { membership: 'leave', displayName: null });
    expect([...state.joined()]).toHaveLength(19_999);
  });

  test('is read from a list of anything', () => {
    const state = new RoomState();
    const name = { type: 'm.room.name', state_key: '', content: { name: 'Kitchen' }, sender: '@a:b' };
    applyState(state, [null, 7, { type: 'm.room.topic' }, { ...name, content: 'x' }, name]);
    applyState(state, { not: 'a list' });
    expect(state.name).toBe('Kitchen');
  });
});
