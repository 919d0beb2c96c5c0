import { casesOf, MARK, type Planted, pack } from './planted.ts';

const focus = casesOf('marks/focus');
const types = casesOf('marks/types');
const paths = casesOf('marks/paths');
const lua = casesOf('lua/header');
const scripts = casesOf('documents/scripts');
const links = casesOf('documents/links');
const map = casesOf('documents/map');
const codes = casesOf('documents/codes');

const test = 'packages/hub/src/a.test.ts';
const source = 'packages/hub/src/a.ts';
const script = 'packages/bus/src/scripts/take.lua';
const table = "export const CODES = {\n  NETWORK_DOWN: row('x'),\n  TOO_OLD: row(\n    'y',\n  ),\n};\n";
const packages = {
  'packages/event/package.json': pack('event'),
  'packages/contract/package.json': pack('contract'),
};
const eventRow = '| [`packages/event`](packages/event) | the event | nothing |\n';

export const PAPER_CASES: readonly Planted[] = [
  focus.breaks('the others are off', { [test]: `it.${MARK.only}('x', f);` }, test),
  focus.breaks('this one is off', { [test]: `describe.${MARK.skip}('x', f);` }, test),
  focus.breaks('off by turns', { [test]: `it.concurrent.${MARK.skip}('x', f);` }, test),
  focus.breaks('without a reason', { [test]: `ctx.${MARK.skip}();` }, test),
  focus.breaks('by a condition, without a reason', { [test]: "it.skipIf(x)('y', f);" }, test),
  focus.holds('with a reason', {
    [test]: `ctx.${MARK.skip}('no server here');\n// only Linux has it\nit.skipIf(x)('y', f);\nconst s = 'it.${MARK.only}(';`,
  }),
  types.breaks('as any', { [source]: 'f(x as any);' }, source),
  types.breaks('by two steps', { [source]: `f(x as ${MARK.unknown} as Y);` }, source),
  types.breaks('by a directive', { [source]: `// @ts-${'ignore'}\nf();` }, source),
  types.breaks('expected without a reason', { [source]: '// @ts-expect-error\nf();' }, source),
  types.holds('expected, with a reason', {
    [source]: `// @ts-expect-error the library types this as text\nf(x as ${MARK.unknown});`,
  }),
  paths.breaks('in a page', { 'README.md': `see ${'/wo'}rk/notes.md` }, 'README.md'),
  paths.breaks('in code', { [source]: `read('${'/ro'}ot/key')` }, source),
  paths.holds('relative, or a part of an address', {
    'README.md': 'https://a.example/work/x and ./work/x, ~/work/x',
  }),
  lua.breaks('no header', { [script]: "return redis.call('GET', KEYS[1])\n" }, script, script, script),
  lua.breaks('no returns', { [script]: '-- KEYS[1] a\n-- ARGV none\nlocal x = 1 -- returns\n' }, script),
  lua.breaks(
    'a part that does not say its name',
    { 'packages/bus/src/x.part.lua': '-- Returns 1\nlocal function claim(a)\nend\n' },
    'packages/bus/src/x.part.lua',
  ),
  lua.holds('named', {
    [script]: '-- KEYS[1] a\n-- ARGV none\n-- Returns 1\nreturn 1\n',
    'packages/bus/src/x.part.lua': '-- claim(a): takes a. Returns 1\nlocal function claim(a)\nend\n',
  }),
  scripts.breaks(
    'a script that is not there',
    { 'package.json': '{"scripts":{"test":"x"}}', 'README.md': 'run `npm run dance`' },
    'README.md',
  ),
  scripts.holds('a script that is there', {
    'package.json': '{"scripts":{"bench":"x"}}',
    'README.md': 'run `npm run bench -- --help`',
  }),
  links.breaks('to nowhere', { 'README.md': 'see [x](docs/x.md)' }, 'README.md'),
  links.breaks('from a folder', { 'decisions/0001-x.md': '[y](0002-y.md#why)' }, 'decisions/0001-x.md'),
  links.holds('to a file, a folder, an anchor, the web, in code', {
    'README.md':
      '[a](LICENSE) [b](packages/event/) [c](#d) [e](https://x.example/y)\n```\n[f](g)\n```\n`[h](i)`',
    LICENSE: '',
    'packages/event/src/a.ts': '',
  }),
  map.breaks('a package without a row', { ...packages, 'ARCHITECTURE.md': eventRow }, 'ARCHITECTURE.md'),
  map.breaks(
    'a row that says another law',
    {
      ...packages,
      'ARCHITECTURE.md': `${eventRow}| [packages/contract](packages/contract) | x | nothing |\n`,
    },
    'ARCHITECTURE.md',
  ),
  map.holds('rows as the law', {
    ...packages,
    'ARCHITECTURE.md': `${eventRow}| [packages/contract](packages/contract) | x | event |\n`,
  }),
  codes.breaks(
    'a list with a gap',
    { 'packages/contract/src/codes.ts': table, 'ARCHITECTURE.md': '`TOO_OLD`' },
    'ARCHITECTURE.md',
  ),
  codes.holds('a whole list, or none', {
    'packages/contract/src/codes.ts': table,
    'ARCHITECTURE.md': 'NETWORK_DOWN, TOO_OLD',
    'packages/contract/README.md': 'see the table',
  }),
];
