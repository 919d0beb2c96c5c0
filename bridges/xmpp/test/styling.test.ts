import type { Block, Body, Inline } from '@brygga/event';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { render } from '../src/render.ts';
import { spansOf, styledBlocks } from '../src/styling.ts';

const name = () => 'Anna';
const text = (value: string): Inline => ({ type: 'text', value });
const body = (...children: Block[]): Body => ({ type: 'root', children });
const paragraph = (...children: Inline[]): Block => ({ type: 'paragraph', children });
const kinds = (line: string) =>
  spansOf(line).map((node) => (node.type === 'text' ? node.value : `<${node.type}>`));

describe('spans (XEP-0393 §6)', () => {
  it.each([
    ['*strong*', ['<strong>']],
    ['plain *strong*', ['plain ', '<strong>']],
    ['*strong* plain *strong*', ['<strong>', ' plain ', '<strong>']],
    ['*strong*plain*', ['<strong>', 'plain*']],
    ['* plain *strong*', ['* plain ', '<strong>']],
    ['not strong*', ['not strong*']],
    ['*not *strong', ['*not *strong']],
    ['**', ['**']],
    ['****', ['****']],
    ['Everyone ~dis~likes cake.', ['Everyone ', '<delete>', 'likes cake.']],
    ['write in `monospace`!', ['write in ', '<inlineCode>', '!']],
    ['snake_case_name', ['snake_case_name']],
    ['2 * 3 * 4', ['2 * 3 * 4']],
    ['_*both*_', ['<emphasis>']],
  ])('%s', (line, expected) => {
    expect(kinds(line)).toEqual(expected);
  });

  it('does not read signs within code', () => {
    expect(spansOf('`*a*`')).toEqual([{ type: 'inlineCode', value: '*a*' }]);
  });

  it('reads a hostile line in linear time', () => {
    const line = '*a _b ~c `d '.repeat(20_000);
    expect(spansOf(line)).toEqual([text(line)]);
  });
});

describe('blocks (XEP-0393 §5)', () => {
  it('reads fences, also one that is not closed, and one in a quote', () => {
    expect(styledBlocks('```ignored\n(println)\n```\nplain')).toEqual([
      { type: 'code', lang: 'ignored', value: '(println)' },
      paragraph(text('plain')),
    ]);
    expect(styledBlocks('```\na')).toEqual([{ type: 'code', lang: null, value: 'a' }]);
    expect(styledBlocks('> ```\n> (println)\nplain')).toEqual([
      { type: 'blockquote', children: [{ type: 'code', lang: null, value: '(println)' }] },
      paragraph(text('plain')),
    ]);
  });

  it('reads nested quotes', () => {
    expect(styledBlocks('>> That that is, is.\n> Said the hermit.\nWho?')).toEqual([
      {
        type: 'blockquote',
        children: [
          { type: 'blockquote', children: [paragraph(text('That that is, is.'))] },
          paragraph(text('Said the hermit.')),
        ],
      },
      paragraph(text('Who?')),
    ]);
  });

  it('survives ten thousand quote signs', () => {
    expect(styledBlocks('>'.repeat(10_000))).toHaveLength(1);
  });
});

describe('rendering', () => {
  it('writes marks, and leaves them out inside a word', () => {
    const strong: Inline = { type: 'strong', children: [text('b')] };
    expect(render(body(paragraph(text('a '), strong, text('c'))), name)).toMatchObject({
      text: 'a *b*c',
      lost: [],
    });
    expect(render(body(paragraph(text('a'), strong)), name)).toMatchObject({ text: 'ab', lost: ['strong'] });
  });

  it('moves spaces out of marks and splits them at line ends', () => {
    const strong: Inline = { type: 'strong', children: [text(' a '), { type: 'break' }, text('b ')] };
    expect(render(body(paragraph(strong)), name).text).toBe(' *a* \n*b* ');
  });

  it('says unstyled when signs mean themselves', () => {
    expect(render(body(paragraph(text('call *p and *q*'))), name)).toMatchObject({
      text: 'call *p and *q*',
      unstyled: true,
    });
    expect(render(body(paragraph(text('> not a quote'))), name).unstyled).toBe(true);
    expect(render(body(paragraph(text('plain'))), name).unstyled).toBe(false);
  });

  it('writes what XMPP lacks in another form, and says so', () => {
    const made = render(
      body(
        { type: 'heading', depth: 1, children: [text('Title')] },
        {
          type: 'list',
          ordered: true,
          start: 3,
          children: [
            { type: 'listItem', checked: null, children: [paragraph(text('three'))] },
            { type: 'listItem', checked: true, children: [paragraph(text('four'))] },
          ],
        },
        paragraph({ type: 'link', url: 'https://example.org/', children: [text('here')] }),
        {
          type: 'table',
          align: [null, 'right'],
          children: [
            { type: 'tableRow', children: [cell('a'), cell('b')] },
            { type: 'tableRow', children: [cell('long'), cell('1')] },
          ],
        },
      ),
      name,
    );
    expect(made.text).toBe(
      '*Title*\n\n3. three\n4. ☑ four\n\nhere (https://example.org/)\n```\na    | b\n-----|--\nlong | 1\n```',
    );
    expect(made.lost).toEqual(['heading', 'list', 'link', 'table']);
  });
});

const cell = (value: string) => ({ type: 'tableCell' as const, children: [text(value)] });

const word = fc.stringMatching(/^[a-z0-9*_~`>.]{1,8}$/);
const words = fc.array(word, { minLength: 1, maxLength: 4 }).map((all) => all.join(' '));
const safeWords = fc
  .array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { minLength: 1, maxLength: 4 })
  .map((a) => a.join(' '));
const leaf: fc.Arbitrary<Inline> = fc.oneof(
  words.map(text),
  safeWords.map((value): Inline => ({ type: 'inlineCode', value })),
  safeWords.map((value): Inline => ({ type: 'strong', children: [text(value)] })),
  safeWords.map(
    (value): Inline => ({ type: 'delete', children: [{ type: 'emphasis', children: [text(value)] }] }),
  ),
);
/** Inline nodes with a space between any two: marks can then be written. */
const line = fc
  .array(leaf, { minLength: 1, maxLength: 5 })
  .map((nodes) => nodes.flatMap((node, index): Inline[] => (index === 0 ? [node] : [text(' '), node])));
const joined = (nodes: Inline[]): Inline[] =>
  nodes.reduce<Inline[]>((out, node) => {
    const last = out.at(-1);
    if (last?.type === 'text' && node.type === 'text') out[out.length - 1] = text(last.value + node.value);
    else out.push(node);
    return out;
  }, []);
const paragraphs = line.map((nodes) => paragraph(...joined(nodes)));
const codes = fc
  .array(fc.stringMatching(/^[ -~]{0,12}$/), { minLength: 1, maxLength: 3 })
  .map((lines): Block => ({ type: 'code', lang: null, value: lines.join('\n') }));
const block: fc.Arbitrary<Block> = fc.oneof(
  paragraphs,
  codes,
  fc
    .array(fc.oneof(paragraphs, codes), { minLength: 1, maxLength: 3 })
    .map((children): Block => ({ type: 'blockquote', children })),
);
/** Something styled first: a body without any style is sent as it stands, with `unstyled`. */
const styledFirst: Block = paragraph({ type: 'strong', children: [text('x')] });

describe('round trip', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), (blocks) => {
        const made = render(body(styledFirst, ...blocks), name);
        expect(made.lost).toEqual([]);
        expect(styledBlocks(made.text)).toEqual([styledFirst, ...blocks]);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and never gives back less text, whatever it reads', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('*', '_', '`', '~', '>', ' ', '\n', 'a', 'å') }),
        (value) => {
          const letters = JSON.stringify(styledBlocks(value)).split(/[aå]/).length;
          expect(letters).toBeGreaterThanOrEqual(value.replace(/^```.*$/gm, '').split(/[aå]/).length);
        },
      ),
    );
  });
});
