import { channelId } from '@brygga/event';
import { describe, expect, test } from 'vitest';
import { wordsIn } from '../src/words.ts';

const CHANGES = ['join', 'leave', 'kick', 'ban', 'rename'] as const;
const said = (language: 'en' | 'sv') => wordsIn({ language: () => language }, channelId('!r:x'));

describe('the bot’s own sentences', () => {
  test('are in the language of the room', () => {
    const language = (room: string) => (room === '!r:x' ? 'sv' : 'en');
    expect(wordsIn({ language }, channelId('!r:x')).topic('T')).toBe('Ämne: T');
    expect(wordsIn({ language }, channelId('!s:x')).topic('T')).toBe('Topic: T');
  });

  test('differ in all languages, and name what they are about', () => {
    const [en, sv] = [said('en'), said('sv')];
    expect(sv.encrypted).not.toBe(en.encrypted);
    for (const say of [en, sv]) {
      expect([say.name('N'), say.topic('T')]).toEqual([
        expect.stringContaining('N'),
        expect.stringContaining('T'),
      ]);
      for (const change of CHANGES) expect(say.membership(change, 'B', 'A')).toContain('B');
      expect(say.membership('rename', 'B', 'A')).toMatch(/^A .* B$/);
    }
    for (const change of CHANGES)
      expect(sv.membership(change, 'B', 'A')).not.toBe(en.membership(change, 'B', 'A'));
  });
});
