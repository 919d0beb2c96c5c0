import { Body, type Mention, networkId, overBounds, personId } from '@brygga/event';
import { arbitraryBody } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadHooks, WriteHooks } from './index.ts';
import { bodyFromHast, element, hastFromBody, htmlOf, normalBody, parseHtml, plainText } from './index.ts';

const read = (html: string, hooks: ReadHooks = {}) => bodyFromHast(parseHtml(html), hooks);
const text = (value: string) => ({ type: 'text', value }) as const;
const p = (...children: unknown[]) => ({ type: 'paragraph', children });

describe('HTML to body', () => {
  it.each([
    ['plain', [p(text('plain'))]],
    ['<p>a</p><p>b</p>', [p(text('a')), p(text('b'))]],
    ['  a \n\t b  <b> c</b> ', [p(text('a b '), { type: 'strong', children: [text('c')] })]],
    ['a<br>b<br>', [p(text('a'), { type: 'break' }, text('b'))]],
    ['<div>a</div><div>b</div>', [p(text('a'), { type: 'break' }, text('b'))]],
    [
      '<div>a</div><div><br></div><div>b</div>',
      [p(text('a'), { type: 'break' }, { type: 'break' }, text('b'))],
    ],
    ['a&nbsp; b', [p(text('a  b'))]],
    ['10&nbsp;000', [p(text('10\u00a0000'))]],
    ['<p>&nbsp;</p>', []],
    [
      '<b><p>a</p><p>b</p></b>',
      [p({ type: 'strong', children: [text('a')] }), p({ type: 'strong', children: [text('b')] })],
    ],
    [
      '<b>a<i>b</b>c</i>',
      [
        p(
          { type: 'strong', children: [text('a'), { type: 'emphasis', children: [text('b')] }] },
          { type: 'emphasis', children: [text('c')] },
        ),
      ],
    ],
    ['<a href="javascript:alert(1)">x</a>', [p(text('x'))]],
    [
      '<a href="https://e.org"></a>',
      [p({ type: 'link', url: 'https://e.org', children: [text('https://e.org')] })],
    ],
    ['<a href=" HTTPS://e.org ">x</a>', [p({ type: 'link', url: 'HTTPS://e.org', children: [text('x')] })]],
    ['<script>alert(1)</script><style>p{}</style>a', [p(text('a'))]],
    ['<img src="x" alt="a cat">', [p(text('a cat'))]],
    ['<pre><code class="language-js">a\n  b\n</code></pre>', [{ type: 'code', lang: 'js', value: 'a\n  b' }]],
    ['<pre>a<br>b</pre>', [{ type: 'code', lang: null, value: 'a\nb' }]],
    ['x <code> a  b </code>', [p(text('x '), { type: 'inlineCode', value: ' a  b ' })]],
    ['<h3>T</h3>', [{ type: 'heading', depth: 3, children: [text('T')] }]],
    ['<hr>', [p(text('———'))]],
    ['<q>a</q>', [p(text('“a”'))]],
    [
      '<ul><li>a<li><p>b</p></ul>',
      [
        {
          type: 'list',
          ordered: false,
          start: null,
          children: [
            { type: 'listItem', checked: null, children: [p(text('a'))] },
            { type: 'listItem', checked: null, children: [p(text('b'))] },
          ],
        },
      ],
    ],
    [
      '<ol start="3"><li><input type="checkbox" checked> a</li></ol>',
      [
        {
          type: 'list',
          ordered: true,
          start: 3,
          children: [{ type: 'listItem', checked: true, children: [p(text('a'))] }],
        },
      ],
    ],
    [
      '<table><tr><th align="right">a</th></tr><tr><td><p>b</p><p>c</p></td></tr></table>',
      [
        {
          type: 'table',
          align: ['right'],
          children: [
            { type: 'tableRow', children: [{ type: 'tableCell', children: [text('a')] }] },
            {
              type: 'tableRow',
              children: [{ type: 'tableCell', children: [text('b'), { type: 'break' }, text('c')] }],
            },
          ],
        },
      ],
    ],
  ])('%s', (html, children) => {
    expect(read(html)).toEqual({ type: 'root', children });
  });

  it('lets a dialect handle elements and addresses', () => {
    const hooks: ReadHooks = {
      element: (node, inner) => {
        if (node.tagName === 'x-reply') return 'drop';
        if (node.tagName === 'x-spoiler') return [text('['), ...inner.inlines(), text(']')];
        return node.tagName === 'u' ? 'children' : undefined;
      },
      link: (href, label) =>
        href === 'https://people/ada'
          ? {
              type: 'mention',
              target: { kind: 'person', network: networkId('n'), person: personId('ada') },
              label,
            }
          : undefined,
    };
    const body = read(
      '<x-reply>old</x-reply><b><x-spoiler>a <i>b</i></x-spoiler></b> <a href="https://people/ada">Ada</a>',
      hooks,
    );
    expect(plainText(body)).toBe('[a b] @Ada');
    expect(body.children[0]).toMatchObject({
      children: [{ type: 'strong' }, text(' '), { type: 'mention', label: 'Ada' }],
    });
  });
});

/** Carries everything HTML has no element for in attributes, so that the round trip can be exact. */
const write: WriteHooks = {
  mention: (node) => [element('x-mention', { dataNode: JSON.stringify(node) }, [])],
  emoji: (node) => [element('x-emoji', { dataNode: JSON.stringify(node) }, [])],
  image: (node) => [element('x-image', { dataNode: JSON.stringify(node) }, [])],
};
const readBack: ReadHooks = {
  element: (node) => {
    const carried = node.properties.dataNode;
    return typeof carried === 'string' ? [JSON.parse(carried) as Mention] : undefined;
  },
};

describe('body to HTML and back', () => {
  it('gives the normal form of any body', () => {
    fc.assert(
      fc.property(arbitraryBody(), (body) => {
        const html = htmlOf(hastFromBody(body, write).root);
        expect(read(html, readBack)).toEqual(normalBody(body));
      }),
      { numRuns: 1000 },
    );
  });

  it('knows a normal form that is its own normal form', () => {
    fc.assert(
      fc.property(arbitraryBody(), (body) => {
        const normal = normalBody(body);
        expect(normalBody(normal)).toEqual(normal);
        expect(Body.safeParse(normal).success).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives a valid body for any text taken as HTML', () => {
    fc.assert(
      fc.property(
        fc
          .array(
            fc.constantFrom(
              '<b>',
              '</b>',
              '<p>',
              '<table>',
              '<td>',
              '<ul>',
              '<li>',
              '</ul>',
              '<a href="http://x">',
              '<a>',
              'x',
              ' ',
              '<pre>',
              '<h1>',
              '<blockquote>',
              '&lt;',
              '<!--',
              '<svg>',
              '<input>',
            ),
          )
          .map((all) => all.join('')),
        (html) => {
          expect(Body.safeParse(read(html)).success).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('tells what a hook could not show', () => {
    const { lost } = hastFromBody(
      { type: 'root', children: [{ type: 'heading', depth: 1, children: [text('T')] }] },
      {
        element: (node, lose) => {
          if (node.tagName !== 'h1') return undefined;
          lose('heading');
          return [element('b', {}, node.children)];
        },
      },
    );
    expect(lost).toEqual(['heading']);
  });
});

describe('hostile HTML', () => {
  const hostile: [string, string][] = [
    ['1 MB of <b>', '<b>'.repeat(350_000)],
    ['100,000 <', '<'.repeat(100_000)],
    ['deep div', '<div>'.repeat(40_000)],
    ['quotes as deep as allowed', `${'<blockquote>'.repeat(99)}x`],
    ['lists as deep as allowed', `${'<ul><li>'.repeat(49)}x`],
    ['many open paragraphs', '<p>x'.repeat(60_000)],
    ['a tag of 100,000 attributes', `<a ${'b '.repeat(100_000)}`],
    ['open comments', '<!--'.repeat(60_000)],
    ['formatting opened again and again', '<font a>'.repeat(90) + '<p>x'.repeat(50_000)],
    ['formatting left open in blocks', '<div><b></div>x'.repeat(15_000)],
    ['scopes that hide end tags', '<div><marquee></div>'.repeat(12_000)],
    ['raw text that hides end tags', '<div><textarea></div></textarea>'.repeat(8_000)],
    ['inline left open by a block', `${'<span>'.repeat(50)}<p>${'</span>'.repeat(50)}<div>`.repeat(100)],
    ['misnested formatting', '<b><i>'.repeat(40) + '</b></i>'.repeat(20_000)],
    ['end tags only', '</div>'.repeat(40_000)],
    ['spaces', `a${' '.repeat(250_000)}b`],
    ['no-break spaces', `a${'\u00a0'.repeat(100_000)}b`],
    ['line ends', '<br>'.repeat(60_000)],
    ['cells', `<table>${'<td>'.repeat(60_000)}`],
    ['foreign content', '<svg><desc>'.repeat(20_000)],
    ['open references', '&'.repeat(200_000)],
  ];
  it.each(hostile)('%s', (_, html) => {
    const from = performance.now();
    const body = read(html);
    expect(overBounds(body)).toBe(null);
    expect(Body.safeParse(body).success).toBe(true);
    expect(performance.now() - from).toBeLessThan(5000);
  });

  it('keeps the words of HTML that is over the bounds', () => {
    expect(plainText(read(`${'<div>'.repeat(200)}tea &amp; <b>milk</b>`))).toBe('tea & milk');
  });
});
