import { arbitraryBody } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, BODY_BOUNDS, Body, overBounds, plainBody } from './index.ts';

const text = (value: string) => ({ type: 'text' as const, value });
const paragraph = (value: string): Block => ({ type: 'paragraph', children: [text(value)] });
const body = (...children: Block[]): Body => ({ type: 'root', children });

function nested(depth: number): Body {
  let block: Block = paragraph('x');
  for (let at = 0; at < depth; at += 1) block = { type: 'blockquote', children: [block] };
  return body(block);
}

describe('the body schema', () => {
  it('takes any body that is made of its nodes', () => {
    fc.assert(
      fc.property(arbitraryBody(), (any) => {
        expect(Body.parse(any)).toEqual(any);
      }),
      { numRuns: 500 },
    );
  });

  const link = (url: string) => ({ type: 'link', url, children: [] });
  const refused: [string, unknown][] = [
    ['an unknown node', { type: 'html', value: '<b>' }],
    ['an unknown field', { type: 'paragraph', children: [], style: 'x' }],
    ['text outside of a block', text('x')],
    ['a block within a paragraph', { type: 'paragraph', children: [paragraph('x')] }],
    ['a heading of depth 7', { type: 'heading', depth: 7, children: [] }],
    ['an item outside of a list', { type: 'listItem', checked: null, children: [] }],
    ['a script as a link', { type: 'paragraph', children: [link('javascript:alert(1)')] }],
    ['data as a link', { type: 'paragraph', children: [link('data:text/html,x')] }],
    ['a relative link', { type: 'paragraph', children: [link('/etc')] }],
    ['a nameless emoji', { type: 'paragraph', children: [{ type: 'emoji', name: '' }] }],
    [
      'an image without a number',
      { type: 'paragraph', children: [{ type: 'image', attachment: -1, alt: '' }] },
    ],
    ['a mention of nobody', { type: 'paragraph', children: [{ type: 'mention', target: {}, label: 'x' }] }],
  ];
  it.each(refused)('refuses %s', (_, node) => {
    expect(Body.safeParse({ type: 'root', children: [node] }).success).toBe(false);
  });

  it.each(['https://e.org', 'HTTP://e.org', 'mailto:a@e.org'])('takes the link %s', (url) => {
    expect(
      Body.safeParse({ type: 'root', children: [{ type: 'paragraph', children: [link(url)] }] }).success,
    ).toBe(true);
  });
});

describe('bounds', () => {
  it('are kept by what is within them', () => {
    // Root, quotes, paragraph and text: three levels beside the quotes.
    expect(overBounds(nested(BODY_BOUNDS.depthMax - 2))).toBe(null);
    expect(overBounds(body(paragraph('x'.repeat(BODY_BOUNDS.textCharsMax))))).toBe(null);
  });
  it('name what is exceeded', () => {
    expect(overBounds(nested(BODY_BOUNDS.depthMax - 1))).toBe('depthMax');
    expect(overBounds(body(paragraph('x'.repeat(BODY_BOUNDS.textCharsMax + 1))))).toBe('textCharsMax');
    const many = Array.from({ length: BODY_BOUNDS.nodesMax / 2 }, () => paragraph('x'));
    expect(overBounds(body(...many))).toBe('nodesMax');
  });
  it('are looked at without recursion', () => {
    expect(overBounds(nested(100_000))).toBe('depthMax');
  });
});

describe('a plain body', () => {
  it.each([
    ['', body()],
    [' \n\n ', body()],
    ['a', body(paragraph('a'))],
    ['a\n\n\nb', body(paragraph('a'), paragraph('b'))],
    ['a\nb', body({ type: 'paragraph', children: [text('a'), { type: 'break' }, text('b')] })],
  ])('of %j', (value, expected) => expect(plainBody(value)).toEqual(expected));

  it('is valid for any text', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(Body.safeParse(plainBody(value)).success).toBe(true);
      }),
    );
  });
});
