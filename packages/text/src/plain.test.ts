import type { Block, Body, Inline } from '@brygga/event';
import { arbitraryBody } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { features, mapLeaves, plainText, withoutMassMentions } from './index.ts';

const text = (value: string): Inline => ({ type: 'text', value });
const p = (...children: Inline[]): Block => ({ type: 'paragraph', children });
const body = (...children: Block[]): Body => ({ type: 'root', children });
const link = (url: string, label: string): Inline => ({ type: 'link', url, children: [text(label)] });
const everybody: Inline = { type: 'mention', target: { kind: 'room' }, label: 'room' };

describe('plain text', () => {
  const item = (checked: boolean | null, ...children: Block[]) => ({
    type: 'listItem' as const,
    checked,
    children,
  });
  const list = (ordered: boolean, start: number | null, ...children: ReturnType<typeof item>[]): Block => ({
    type: 'list',
    ordered,
    start,
    children,
  });
  const row = (...cells: string[]) => ({
    type: 'tableRow' as const,
    children: cells.map((cell) => ({ type: 'tableCell' as const, children: [text(cell)] })),
  });
  const cases: [string, Block[], string][] = [
    ['one paragraph', [p(text('a'))], 'a'],
    ['two paragraphs', [p(text('a')), p(text('b'))], 'a\n\nb'],
    [
      'marks',
      [p({ type: 'strong', children: [text('a')] }, { type: 'break' }, { type: 'inlineCode', value: '*b*' })],
      'a\n*b*',
    ],
    ['a link with a label', [p(link('https://e.org/x', 'tea'))], 'tea (https://e.org/x)'],
    ['a link that is its label', [p(link('https://e.org/', 'e.org'))], 'e.org'],
    ['a link without a label', [p(link('https://e.org/', ' '))], 'https://e.org/'],
    ['a mail address', [p(link('mailto:a@e.org', 'a@e.org'))], 'a@e.org'],
    ['a mention and an emoji', [p(everybody, text(' '), { type: 'emoji', name: 'cat' })], '@room :cat:'],
    ['a quote', [{ type: 'blockquote', children: [p(text('a')), p(text('b'))] }], '> a\n>\n> b'],
    ['code', [{ type: 'code', lang: 'js', value: 'a\n  b' }], 'a\n  b'],
    ['a list', [list(false, null, item(null, p(text('a'))), item(true, p(text('b'))))], '- a\n- [x] b'],
    [
      'a list in a list',
      [list(true, 9, item(null, p(text('a')), list(false, null, item(null, p(text('x')))))), p(text('z'))],
      '9. a\n   - x\n\nz',
    ],
    [
      'a table',
      [{ type: 'table', align: [null, 'right'], children: [row('name', 'n'), row('tea', '10')] }],
      'name |  n\n-----|---\ntea  | 10',
    ],
  ];
  it.each(cases)('%s', (_, blocks, expected) => expect(plainText(body(...blocks))).toBe(expected));
});

describe('mentions of everybody', () => {
  it('become their label', () => {
    expect(plainText(withoutMassMentions(body(p(text('hey '), everybody))))).toBe('hey room');
  });
  it('are gone from any body, and nothing else is', () => {
    fc.assert(
      fc.property(arbitraryBody(), (any) => {
        const without = withoutMassMentions(any);
        expect(features(without)).not.toContain('mentionRoom');
        const rest = features(any).filter((feature) => feature !== 'mentionRoom');
        expect(new Set(features(without))).toEqual(new Set(rest));
      }),
    );
  });
});

it('a body mapped to itself is equal', () => {
  fc.assert(
    fc.property(arbitraryBody(), (any) => {
      expect(mapLeaves(any, (leaf) => [leaf])).toEqual(any);
    }),
  );
});
