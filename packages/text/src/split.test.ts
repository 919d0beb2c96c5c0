import type { Block, Body } from '@brygga/event';
import { arbitraryBody, arbitraryWords } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, graphemes, plainText, splitBody, utf8Bytes } from './index.ts';

const p = (value: string): Block => ({ type: 'paragraph', children: [{ type: 'text', value }] });
const body = (...children: Block[]): Body => ({ type: 'root', children });
const texts = (of: Body, bytesMax: number, partsMax = 100) =>
  splitBody(of, { bytesMax, partsMax }).map(plainText);
const letters = (text: string): string => text.replace(/[^a-zåäö]+/g, '');

describe('splitting', () => {
  it('gives back what fits', () => {
    const one = body(p('tea'));
    expect(splitBody(one, { bytesMax: 3, partsMax: 1 })).toEqual([one]);
    expect(splitBody(body(), { bytesMax: 3, partsMax: 1 })).toEqual([body()]);
  });

  const cases: [string, Body, number, string[]][] = [
    ['between blocks', body(p('one two'), p('three')), 12, ['one two', 'three']],
    ['behind a sentence', body(p('One two. Three four')), 16, ['One two.', 'Three four']],
    ['at a space', body(p('one two three')), 9, ['one two', 'three']],
    ['between graphemes', body(p('👩‍👩‍👧👩‍👩‍👧')), 30, ['👩‍👩‍👧', '👩‍👩‍👧']],
    ['never in a code point', body(p('👩‍👩‍👧')), 10, ['👩‍', '👩‍', '👧']],
    [
      'code behind a line',
      body({ type: 'code', lang: null, value: 'aaaa\nbbbb\ncc' }),
      9,
      ['aaaa\nbbbb', 'cc'],
    ],
    ['quotes', body({ type: 'blockquote', children: [p('one two')] }), 7, ['> one', '> two']],
  ];
  it.each(cases)('cuts %s', (_, of, bytesMax, expected) => expect(texts(of, bytesMax)).toEqual(expected));

  it('goes on counting in a list', () => {
    const item = (value: string) => ({ type: 'listItem' as const, checked: null, children: [p(value)] });
    const list = body({
      type: 'list',
      ordered: true,
      start: 9,
      children: [item('aa'), item('bb'), item('cc')],
    });
    expect(texts(list, 13)).toEqual(['9. aa\n10. bb', '11. cc']);
  });

  it('tells what it left out', () => {
    expect(texts(body(p('one two three four five')), 12, 2)).toEqual(['one two', 'three\n\n[…]']);
  });

  it('takes a measure of the network', () => {
    const measure = (part: Body): number => plainText(part).length * 2;
    const parts = splitBody(body(p('one two')), { bytesMax: 8, partsMax: 9, measure });
    expect(parts.map(plainText)).toEqual(['one', 'two']);
  });

  it('keeps every part within its bytes, whatever the body', () => {
    fc.assert(
      fc.property(arbitraryBody(), fc.integer({ min: 4, max: 60 }), (any, bytesMax) => {
        for (const part of texts(any, bytesMax, 1000)) expect(utf8Bytes(part)).toBeLessThanOrEqual(bytesMax);
      }),
      { numRuns: 500 },
    );
  });

  it('loses no letter and doubles none', () => {
    const kinds = { links: false, mentions: false, images: false, emoji: false, tables: false };
    fc.assert(
      fc.property(
        arbitraryBody(kinds, arbitraryWords()),
        fc.integer({ min: 24, max: 80 }),
        (any, bytesMax) => {
          expect(letters(texts(any, bytesMax, 1000).join(' '))).toBe(letters(plainText(any)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is quick with long text', () => {
    const long = body(p('word '.repeat(80_000)), { type: 'code', lang: null, value: 'x'.repeat(100_000) });
    const from = performance.now();
    expect(texts(long, 4000, 1000).length).toBeGreaterThan(100);
    expect(performance.now() - from).toBeLessThan(5000);
  });
});

describe('clip', () => {
  it.each([
    ['tea', 3, 'tea'],
    ['teapot', 3, 'tea'],
    ['👩‍👩‍👧👩‍👩‍👧', 1, '👩‍👩‍👧'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301e\u0301'],
  ])('%s to %i', (text, chars, expected) => expect(clip(text, chars)).toBe(expected));
  it('leaves room for its end', () => expect(clip('teapot', 4, '…')).toBe('tea…'));
  it('never gives more, never half a grapheme', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(10), (text, chars) => {
        const cut = [...graphemes(clip(text, chars))];
        expect(cut).toEqual([...graphemes(text)].slice(0, chars));
      }),
    );
  });
});
