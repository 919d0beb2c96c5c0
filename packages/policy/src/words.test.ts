import { describe, expect, it } from 'vitest';
import { sizeWords, WORDS } from './words.ts';

describe('sizeWords', () => {
  it.each([
    [null, null],
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1500, '1.5 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [999_999, '1.0 MB'],
    [1_000_000, '1.0 MB'],
    [2_340_000_000, '2.3 GB'],
    [999_999_999_999, '1.0 TB'],
    [5e15, '5000.0 TB'],
  ])('%s bytes are %s', (bytes, said) => {
    expect(sizeWords(bytes)).toBe(said);
  });
});

describe('words', () => {
  it.each(['join', 'leave', 'kick', 'ban', 'rename'] as const)('tell of a %s in both languages', (change) => {
    const en = WORDS.en.membership(change, 'Ada (North)', 'Adele (North)');
    const sv = WORDS.sv.membership(change, 'Ada (North)', 'Adele (North)');
    expect(en).toContain('Ada (North)');
    expect(sv).toContain('Ada (North)');
    expect(sv).not.toBe(en);
    expect(en.includes('Adele')).toBe(change === 'rename');
  });

  it('says who is renamed when the earlier name is not known', () => {
    expect(WORDS.en.membership('rename', 'Ada', null)).toBe('Ada is now called Ada');
  });

  it('leaves a size out that is not known', () => {
    expect(WORDS.en.file('a.txt', null)).toBe('[file: a.txt; not carried over]');
    expect(WORDS.sv.file('a.txt', '1.0 kB')).toBe('[fil: a.txt, 1.0 kB; överförs inte]');
  });

  it('has every saying in Swedish as well', () => {
    const both = [
      [WORDS.en.edited, WORDS.sv.edited],
      [WORDS.en.removed, WORDS.sv.removed],
      [WORDS.en.reacted(['👍']), WORDS.sv.reacted(['👍'])],
      [WORDS.en.topic('Ada', 'tea'), WORDS.sv.topic('Ada', 'tea')],
      [WORDS.en.name('Ada', 'tea'), WORDS.sv.name('Ada', 'tea')],
      [WORDS.en.opened(['A', 'B']), WORDS.sv.opened(['A', 'B'])],
      [WORDS.en.undelivered('North', 'Why.'), WORDS.sv.undelivered('North', 'Why.')],
      [WORDS.en.late('North', '14:03', 'Why.'), WORDS.sv.late('North', '14:03', 'Why.')],
      [WORDS.en.arrivedLate('North', 1), WORDS.sv.arrivedLate('North', 1)],
    ];
    for (const [en, sv] of both) expect(sv).not.toBe(en);
  });
});
