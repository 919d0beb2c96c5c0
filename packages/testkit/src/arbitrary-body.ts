import {
  type Block,
  type Body,
  type Inline,
  type ListItem,
  networkId,
  personId,
  type Table,
  type TableRow,
} from '@brygga/event';
import fc from 'fast-check';

/** Which nodes arbitrary bodies may hold; usual: all. */
export interface Kinds {
  readonly links?: boolean;
  readonly mentions?: boolean;
  readonly images?: boolean;
  readonly emoji?: boolean;
  readonly tables?: boolean;
}

const PIECES = [
  'tea',
  'Åsa',
  ' ',
  '  ',
  '\n',
  '*',
  '_',
  '~',
  '`',
  '<b>',
  '&amp;',
  '> ',
  '- ',
  '1. ',
  '# ',
  '@room',
  '\\',
  '|',
  '\u00a0',
  '\t',
  '👩‍👩‍👧',
  'e\u0301',
  'שלום',
  '\u202e',
  '\u0000',
  '\ud800',
  'https://example.org/',
] as const;

/** Text as people and attackers write it: words, markup of any dialect, spaces, controls, half letters. */
export const arbitraryText = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  );

/** Words of letters only, parted by single spaces: text that every dialect keeps as it is. */
export const arbitraryWords = (): fc.Arbitrary<string> =>
  fc
    .array(fc.stringMatching(/^[a-zåäö]{1,8}$/), { minLength: 1, maxLength: 6 })
    .map((words) => words.join(' '));

const person = fc.record({
  kind: fc.constant('person' as const),
  network: fc.constantFrom(networkId('near'), networkId('far')),
  person: fc.constantFrom(personId('ada'), personId('@ben:example.org')),
});
const target = fc.oneof(
  person,
  fc.constant({ kind: 'room' as const }),
  fc.constant({ kind: 'channel' as const }),
);

function leaf(kinds: Kinds, text: fc.Arbitrary<string>): fc.Arbitrary<Inline> {
  const node = <T extends Inline>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Inline> => arbitrary;
  return fc.oneof(
    { weight: 6, arbitrary: node(fc.record({ type: fc.constant('text' as const), value: text })) },
    { weight: 1, arbitrary: node(fc.record({ type: fc.constant('inlineCode' as const), value: text })) },
    { weight: 1, arbitrary: node(fc.constant({ type: 'break' as const })) },
    ...(kinds.mentions === false
      ? []
      : [node(fc.record({ type: fc.constant('mention' as const), target, label: text.map(short) }))]),
    ...(kinds.images === false
      ? []
      : [node(fc.record({ type: fc.constant('image' as const), attachment: fc.nat(3), alt: text }))]),
    ...(kinds.emoji === false
      ? []
      : [
          node(
            fc.record({ type: fc.constant('emoji' as const), name: fc.stringMatching(/^[a-z0-9_]{1,12}$/) }),
          ),
        ]),
  );
}

const short = (label: string): string => label.slice(0, 100);

function inline(kinds: Kinds, depth: number, text: fc.Arbitrary<string>): fc.Arbitrary<Inline> {
  if (depth === 0) return leaf(kinds, text);
  const children = fc.array(inline(kinds, depth - 1, text), { maxLength: 3 });
  const url = fc.constantFrom('https://example.org/a?b=c&d', 'http://x.se', 'mailto:ada@example.org');
  return fc.oneof(
    { weight: 5, arbitrary: leaf(kinds, text) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('strong' as const), children }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('emphasis' as const), children }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), children }) },
    ...(kinds.links === false ? [] : [fc.record({ type: fc.constant('link' as const), url, children })]),
  );
}

function table(inlines: fc.Arbitrary<Inline[]>): fc.Arbitrary<Table> {
  const row: fc.Arbitrary<TableRow> = fc.record({
    type: fc.constant('tableRow' as const),
    children: fc.array(fc.record({ type: fc.constant('tableCell' as const), children: inlines }), {
      maxLength: 3,
    }),
  });
  const align = fc.array(fc.constantFrom('left' as const, 'right' as const, 'center' as const, null), {
    maxLength: 3,
  });
  return fc.record({ type: fc.constant('table' as const), align, children: fc.array(row, { maxLength: 3 }) });
}

function block(kinds: Kinds, depth: number, text: fc.Arbitrary<string>): fc.Arbitrary<Block> {
  const children = fc.array(inline(kinds, 2, text), { maxLength: 4 });
  const lang = fc.constantFrom(null, 'js', 'c++');
  const flat: fc.Arbitrary<Block> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('paragraph' as const), children }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('heading' as const),
        depth: fc.constantFrom(1, 2, 3, 4, 5, 6),
        children,
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('code' as const), lang, value: text }) },
  );
  if (depth === 0) return flat;
  const blocks = fc.array(block(kinds, depth - 1, text), { maxLength: 3 });
  const item: fc.Arbitrary<ListItem> = fc.record({
    type: fc.constant('listItem' as const),
    checked: fc.constantFrom(null, null, true, false),
    children: blocks,
  });
  const list: fc.Arbitrary<Block> = fc.record({
    type: fc.constant('list' as const),
    ordered: fc.boolean(),
    start: fc.constantFrom(null, 1, 0, 7),
    children: fc.array(item, { maxLength: 3 }),
  });
  return fc.oneof(
    { weight: 4, arbitrary: flat },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('blockquote' as const), children: blocks }) },
    { weight: 1, arbitrary: list },
    ...(kinds.tables === false ? [] : [{ weight: 1, arbitrary: table(children) }]),
  );
}

/** Any body of the allowed kinds, small enough to read when it is shown, valid by the event's schema. */
export const arbitraryBody = (kinds: Kinds = {}, text = arbitraryText()): fc.Arbitrary<Body> =>
  fc.record({
    type: fc.constant('root' as const),
    children: fc.array(block(kinds, 2, text), { maxLength: 4 }),
  });
