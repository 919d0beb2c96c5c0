import { readFileSync } from 'node:fs';
import { Body, networkId, overBounds, personId } from '@brygga/event';
import { arbitraryBody, arbitraryText, featuresIn } from '@brygga/testkit';
import { normalBody, plainText } from '@brygga/text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ghostId, ghostOf } from '../src/ids.ts';
import { escaped } from '../src/markup.ts';
import { parse } from '../src/parse.ts';
import { render } from '../src/render.ts';

const network = networkId('near');
const everything = { network, lacking: new Set<never>() };

interface Sample {
  readonly says: string;
  readonly markup: string;
  readonly plain: string;
  readonly features: readonly string[];
}
const samples = JSON.parse(
  readFileSync(new URL('../fixtures/messages.json', import.meta.url), 'utf8'),
) as Sample[];

describe('native messages', () => {
  it.each(samples)('$says', ({ markup, plain, features }) => {
    const body = parse(markup, network);
    expect(plainText(body)).toBe(plain);
    expect([...featuresIn(body)]).toEqual(features);
  });
});

describe('markup', () => {
  it('carries any body in normal form', () => {
    fc.assert(
      fc.property(arbitraryBody(), (body) => {
        const { text, lost } = render(body, everything);
        expect(parse(text, network)).toEqual(normalBody(body));
        expect(lost).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('carries any text as letters', () => {
    fc.assert(
      fc.property(arbitraryText(), (text) => {
        const paragraphs = text.split(/\n{2,}/).map((value) => ({
          type: 'paragraph' as const,
          children: [{ type: 'text' as const, value }],
        }));
        expect(parse(escaped(text), network)).toEqual(normalBody({ type: 'root', children: paragraphs }));
      }),
    );
  });

  it('gives a valid body for any source', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '|',
      '\\',
      '{b|',
      '{q|',
      '{ul|',
      '{li|',
      '{@ ada|',
      '{! 1|',
      'x',
      '\n\n',
      '{: |}',
      '{l javascript:x|',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
        (source) => {
          const body = parse(source, network);
          expect(Body.safeParse(body).success).toBe(true);
          expect(normalBody(body)).toEqual(body);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each(['{q|', '{', '\\{', '{b|{i|', '}', '{a '])('survives 100,000 times %s', (piece) => {
    const from = performance.now();
    const body = parse(piece.repeat(100_000), network);
    expect(overBounds(body)).toBe(null);
    expect(performance.now() - from).toBeLessThan(3000);
  });

  it('says what it could not show', () => {
    const lacking = new Set(['strong', 'table'] as const);
    const body = parse('{b|a} {i|b}\n\n{table l|{tr|{td|c}}}', network);
    const { text, lost } = render(body, { network, lacking });
    expect(lost).toEqual(['strong', 'table']);
    expect([...featuresIn(parse(text, network))]).toEqual(['emphasis', 'codeBlock']);
  });
});

describe('ids of ghosts', () => {
  it('come back as whom they stand for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (person) => {
        const far = networkId('far-1');
        expect(ghostOf(ghostId(far, personId(person)))).toEqual({ network: far, person });
      }),
    );
  });
  it.each(['ada', '~hub', '~far/', '~far/%zz', '~FAR/x'])('%s is none', (id) =>
    expect(ghostOf(id)).toBe(null),
  );
});
