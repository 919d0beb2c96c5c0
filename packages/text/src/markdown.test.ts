import { Body, type Inline, overBounds } from '@brygga/event';
import { arbitraryBody, arbitraryText, arbitraryWords } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyFromMarkdown, markdownOf, normalBody, plainText, safeText } from './index.ts';
import { parsed } from './markdown-in.ts';

const text = (value: string) => ({ type: 'text', value }) as const;
const p = (...children: unknown[]) => ({ type: 'paragraph', children });
const strong = (...children: Inline[]): Inline => ({ type: 'strong', children });
const emphasis = (...children: Inline[]): Inline => ({ type: 'emphasis', children });
const link = (url: string, ...children: Inline[]): Inline => ({ type: 'link', url, children });

describe('Markdown to body', () => {
  it.each([
    ['one\ntwo', [p(text('one'), { type: 'break' }, text('two'))]],
    [
      '**b** _e_ ~~d~~ ~n~',
      [
        p(
          strong(text('b')),
          text(' '),
          emphasis(text('e')),
          text(' '),
          { type: 'delete', children: [text('d')] },
          text(' ~n~'),
        ),
      ],
    ],
    ['<b>no</b> &lt;', [p(text('<b>no</b> <'))]],
    ['<div>\n**b**', [p(text('<div>'), { type: 'break' }, strong(text('b')))]],
    [
      '[a]: https://e.org\n\n[a]',
      [p(text('[a]: '), link('https://e.org', text('https://e.org'))), p(text('[a]'))],
    ],
    ['[x](javascript:alert(1))', [p(text('x'))]],
    ['![cat](https://e.org/cat.png)', [p(link('https://e.org/cat.png', text('cat')))]],
    ['word[^1]', [p(text('word[^1]'))]],
    ['---', [p(text('———'))]],
    ['', []],
  ])('%j', (markdown, children) => {
    expect(bodyFromMarkdown(markdown)).toEqual({ type: 'root', children });
  });

  it('takes what is nested without end as plain text, in no time', () => {
    for (const deep of ['>'.repeat(16_000), '- '.repeat(8_000), `${' '.repeat(500)}- x`, '1. '.repeat(5_000)])
      expect(bodyFromMarkdown(deep).children[0]?.type).toBe('paragraph');
  });

  it.each([
    ['*a **b '.repeat(2000)],
    ['['.repeat(16_000)],
    ['![]('.repeat(4000)],
    ['`'.repeat(8000) + 'a'.repeat(8000)],
    ['**a '.repeat(2000) + 'a** '.repeat(2000)],
    ['| a '.repeat(4000)],
  ])('is read in bounded time and size, whatever it is (%#)', (markdown) => {
    const body = bodyFromMarkdown(markdown);
    expect(overBounds(body)).toBeNull();
    expect(Body.safeParse(body).success).toBe(true);
  });

  it('is the same whether it is seen that there is no markup, or not', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(arbitraryText(), arbitraryWords())), (pieces) => {
        const text = safeText(pieces.join(' '));
        expect(bodyFromMarkdown(text)).toEqual(parsed(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('whatever is written gives a valid body', () => {
    fc.assert(
      fc.property(fc.array(arbitraryText()), (pieces) => {
        const body = bodyFromMarkdown(pieces.join(''));
        expect(Body.safeParse(body).success).toBe(true);
        expect(normalBody(body)).toEqual(body);
      }),
    );
  });
});

const written = (...children: Inline[]): string =>
  markdownOf({ type: 'root', children: [{ type: 'paragraph', children }] });

describe('body to Markdown', () => {
  it.each([
    ['snake_case and 2*3', 'snake_case and 2\\*3'],
    ['_x_ __init__', '\\_x\\_ \\_\\_init\\_\\_'],
    ['# no heading', '\\# no heading'],
    ['1. no list', '1\\. no list'],
    ['- no list', '\\- no list'],
    ['> no quote', '\\> no quote'],
    ['---', '\\---'],
    ['-1 is fine, 3.5 too', '-1 is fine, 3.5 too'],
    ['C:\\path \\* end\\', 'C:\\path \\\\\\* end\\\\'],
    ['[a](b)', '\\[a\\](b)'],
    ['[sic] and a[0]', '[sic] and a[0]'],
    ['`x` ~~y~~', '\\`x\\` \\~\\~y\\~\\~'],
    ['&amp; & b', '&\u200bamp; & b'],
    ['(https://e.org/a_b_c), www.e.org.', '(https://e.org/a_b_c), www.e.org.'],
    ['https://e.org/*c*', 'https:\u200b//e.org/\\*c\\*'],
    ['    four', '\u00a0\u00a0\u00a0\u00a0four'],
  ])('escapes %j where it must', (words, markdown) => {
    expect(written(text(words))).toBe(markdown);
  });

  it.each([
    [[strong(text('b '))], '**b**'],
    [[text('a'), emphasis(text('b'))], 'a*b*'],
    [[emphasis(text('a')), strong(text('b'))], '_a_**b**'],
    [[strong(text('a')), link('https://e.org/', strong(text('b')))], '**a**[**b**](https://e.org/)'],
    [[strong(text('"q"')), text('word')], '**"q**"word'],
    [[text('x'), strong(text('!')), text('y')], 'x!y'],
    [[strong(emphasis(text('both')))], '**_both_**'],
    [[text('x'), emphasis(text('a')), strong(text('b')), text('y')], 'x*a*\u200b**b**y'],
    [[{ type: 'inlineCode', value: 'a`b' }], '``a`b``'],
    [[link('https://e.org/a_b', text('https://e.org/a_b'))], 'https://e.org/a_b'],
    [[link('https://e.org/a(b)', text('see [this]'))], '[see \\[this\\]](https://e.org/a%28b%29)'],
  ] satisfies [Inline[], string][])('marks stand where they are seen (%#)', (nodes, markdown) => {
    expect(written(...nodes)).toBe(markdown);
  });

  it('what a network has to have disarmed is disarmed everywhere, in addresses too', () => {
    const guard = (words: string): string => words.replaceAll('@', '@\u200b');
    const url = 'https://e.org/@all';
    const told = (...children: Inline[]): string =>
      markdownOf({ type: 'root', children: [{ type: 'paragraph', children }] }, { guard });
    expect(told(text(`see ${url} or www.e.org/@x`))).toBe(
      'see [https:\u200b//e.org/@\u200ball](https://e.org/%40all) or www\u200b.e.org/@\u200bx',
    );
    expect(told(link(url, text(url)))).toBe('[https:\u200b//e.org/@\u200ball](https://e.org/%40all)');
    expect(told(link(url, text('there')))).toBe('[there](https://e.org/%40all)');
  });

  it('code in a quote keeps the spaces at the ends of its lines', () => {
    const code = { type: 'code', lang: null, value: 'a  \n\nb' } as const;
    expect(markdownOf({ type: 'root', children: [{ type: 'blockquote', children: [code] }] })).toBe(
      '> ```\n> a  \n>\n> b\n> ```',
    );
  });

  it('two lists in a row stay two', () => {
    const list = {
      type: 'list',
      ordered: false,
      start: null,
      children: [
        { type: 'listItem', checked: null, children: [{ type: 'paragraph', children: [text('a')] }] },
      ],
    } as const;
    const body = Body.parse({ type: 'root', children: [list, list, list] });
    expect(markdownOf(body)).toBe('- a\n\n* a\n\n- a');
    expect(bodyFromMarkdown(markdownOf(body))).toEqual(body);
  });

  const seen = (body: Body): string =>
    plainText(body).replace(/\[[x ]\]|[☐☑>\s\u200b\u00a0\u202a-\u202e\u2066-\u2069|:-]+/g, '');

  it('comes back with the same words', () => {
    const kinds = { links: false, mentions: false, images: false, emoji: false };
    fc.assert(
      fc.property(arbitraryBody(kinds), (body) => {
        const normal = normalBody(body);
        expect(seen(bodyFromMarkdown(markdownOf(normal)))).toBe(seen(normal));
      }),
      { numRuns: 2000 },
    );
  });
});
