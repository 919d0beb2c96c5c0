import { arbitraryText } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphemes, personLabel, safeName, safeText } from './index.ts';

describe('safe names', () => {
  it.each([
    ['Anna Svensson', 'Anna Svensson'],
    ['Anna (Polisen)', 'Anna Polisen'],
    ['Anna （Polisen）', 'Anna Polisen'],
    ['Anna ❨Polisen❩', 'Anna Polisen'],
    ['Anna ⟨Polisen⟩', 'Anna Polisen'],
    ['Anna ⎛Polisen⎞', 'Anna Polisen'],
    ['Anna [Polisen] {x} <y>', 'Anna Polisen x y'],
    ['Ａｎｎａ', 'Anna'],
    ['𝐀𝐧𝐧𝐚', 'Anna'],
    ['Аnnа Ѕvеnsson', 'Anna Svensson'],
    ['Anna Svenssοn', 'Anna Svensson'],
    ['Анна Иванова', 'Анна Иванова'],
    ['Νίκος', 'Νίκος'],
    ['An\u200bna\u202e\u2066\ufeff', 'Anna'],
    ['Anna\u3164\u115f\u2800', 'Anna'],
    ['  Anna \n\t Svensson ', 'Anna Svensson'],
    ['O’Brien', 'O’Brien'],
    ['Åsa Öberg-Nguyễn', 'Åsa Öberg-Nguyễn'],
    ['שרה', 'שרה'],
    ['', 'Unknown'],
    ['()\u0000', 'Unknown'],
  ])('%j becomes %j', (name, expected) => expect(safeName(name)).toBe(expected));

  it('keeps three accents of many', () => {
    expect(safeName(`A${'\u0300\u0316'.repeat(50)}`).length).toBeLessThanOrEqual(4);
  });

  it('is cut at 80 graphemes', () => {
    expect([...graphemes(safeName('å'.repeat(200)))]).toHaveLength(80);
  });

  it('doing it twice changes nothing, and no bracket is left', () => {
    const any = fc.oneof(
      arbitraryText(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
    );
    fc.assert(
      fc.property(any, (name) => {
        const safe = safeName(name);
        expect(safeName(safe)).toBe(safe);
        expect(safe).not.toMatch(/[\p{Ps}\p{Pe}<>\p{Cc}\p{Cs}]|^$/u);
      }),
      { numRuns: 2000 },
    );
  });

  it('cannot imitate the part in brackets', () => {
    const label = personLabel('Anna (Polisen)\u202e', 'Skatteverket');
    expect(label).toBe('Anna Polisen (Skatteverket)');
  });
});

describe('safe text', () => {
  it.each([
    ['tea\tmilk\nsugar', 'tea\tmilk\nsugar'],
    ['a\u0000\u0007b\u001b', 'ab'],
    ['a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['a\ud800b', 'ab'],
    ['a\ufffdb', 'a\ufffdb'],
    ['a\uffffb', 'ab'],
    ['👩‍👩‍👧 שלום', '👩‍👩‍👧 שלום'],
    ['\u202eabc\nd', '\u202eabc\u202c\nd'],
    ['\u2067a\u202bb\u2069c', '\u2067a\u202bb\u202c\u2069c'],
    ['a\u202c\u2069b', 'ab'],
  ])('%j becomes %j', (text, expected) => expect(safeText(text)).toBe(expected));

  it('is well formed and the same when done twice', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryText(), fc.string({ unit: 'binary' })), (text) => {
        const safe = safeText(text);
        expect(safeText(safe)).toBe(safe);
        expect(safe.isWellFormed()).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
