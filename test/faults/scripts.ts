import type { Act } from './acts.ts';

/** A short conversation between three channels of one room about one kind of operation. */
export type ScriptName = 'message' | 'edit' | 'delete' | 'reaction' | 'membership';

const [a, b, c] = [0, 1, 2].map((link) => ({ room: 0, link })) as [Act['at'], Act['at'], Act['at']];
const say = (at: Act['at'], word: string, replyTo?: string): Act =>
  replyTo === undefined ? { do: 'say', at, word } : { do: 'say', at, word, replyTo };

export const SCRIPTS: Readonly<Record<ScriptName, readonly Act[]>> = {
  message: [say(a, 'w1'), say(a, 'w2'), say(b, 'w3'), say(c, 'w4', 'w1'), say(a, 'w5')],
  edit: [
    say(a, 'w1'),
    { do: 'edit', at: a, word: 'w1', text: 'changed once' },
    say(a, 'w2'),
    { do: 'edit', at: a, word: 'w1', text: 'changed twice' },
    say(b, 'w3'),
    { do: 'edit', at: b, word: 'w3', text: 'changed' },
  ],
  delete: [
    say(a, 'w1'),
    say(a, 'w2'),
    { do: 'remove', at: a, word: 'w1' },
    say(b, 'w3'),
    { do: 'edit', at: b, word: 'w3', text: 'changed' },
    { do: 'remove', at: b, word: 'w3' },
  ],
  reaction: [
    say(a, 'w1'),
    { do: 'react', at: a, word: 'w1', emoji: '👍', on: true },
    { do: 'react', at: c, word: 'w1', emoji: '👍', on: true },
    { do: 'react', at: c, word: 'w1', emoji: '🎉', on: true },
    { do: 'react', at: b, word: 'w1', emoji: '👀', on: true },
    { do: 'react', at: a, word: 'w1', emoji: '👍', on: false },
    say(b, 'w2'),
  ],
  membership: [
    { do: 'join', at: a, who: 'bob' },
    say(a, 'w1'),
    { do: 'leave', at: a, who: 'bob' },
    { do: 'join', at: b, who: 'bob' },
    say(b, 'w2'),
    { do: 'join', at: a, who: 'bob' },
  ],
};
