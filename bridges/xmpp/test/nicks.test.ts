import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldNick, NICK_BYTES_MAX, nickPlan } from '../src/nicks.ts';

const first = (label: string, suffix = ''): string | undefined => nickPlan(label, suffix, 'who').wanted[0];

describe('nicks', () => {
  it.each([
    ['Anna Svensson (Skatteverket)', 'Anna Svensson (Skatteverket)'],
    ['Ａnna   Svensson (MSB)', 'Anna Svensson (MSB)'],
    ['An\u200bna (MSB)', 'Anna (MSB)'],
    ['Anna 🦄👩‍👩‍👧 (MSB)', 'Anna (MSB)'],
    ['7️⃣ dwarfs (MSB)', '7 dwarfs (MSB)'],
    ['Brygga', 'Brygga'],
    ['Anna (Myndigheten för samhällsskydd och beredskap)', 'Anna (Myndigheten för samhällsskydd)'],
  ])('%s', (label, expected) => {
    expect(first(label)).toBe(expected);
  });

  it('keep the organisation whole when the name is long, and the suffix last', () => {
    expect(first(`${'Långt namn '.repeat(10)}(Agency)`, ' [b]')).toMatch(/^Långt.* \(Agency\) \[b\]$/);
  });

  it('are spelled in plain letters for servers that refuse others', () => {
    expect(nickPlan('Øyvind Łukasz Åß (Ärenden)', '', 'who').plain[0]).toBe('Oyvind Lukasz Ass (Arenden)');
  });

  it('are within bounds, never empty, all different, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 16 }), (name, organisation) => {
        const plan = nickPlan(`${name} (${organisation})`, '', 'who');
        for (const nick of [...plan.wanted, ...plan.plain]) {
          expect(nick.trim()).not.toBe('');
          expect(Buffer.byteLength(nick)).toBeLessThanOrEqual(NICK_BYTES_MAX);
          expect(nick).not.toMatch(/\p{Cc}|\p{Cf}/u);
        }
        expect(new Set(plan.wanted.map(foldNick)).size).toBe(plan.wanted.length);
        expect(plan.plain.at(-1)).toMatch(/^user-[0-9a-f]{6}$/);
        for (const nick of plan.plain) expect(nick).toMatch(/^[\x20-\x7e]+$/);
      }),
    );
  });
});
