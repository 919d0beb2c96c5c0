import { describe, expect, it } from 'vitest';
import { functionsOf } from './functions.ts';
import { importsOf } from './imports.ts';
import { commentsOf, scan } from './scan.ts';

const lines = (...text: string[]): string => text.join('\n');

describe('scan', () => {
  it.each([
    ['a line comment', 'a; // b', 'a;     '],
    ['a block comment keeps its lines', 'a /* b\nc */ d', 'a     \n     d'],
    ['strings keep their quotes', `f('a\\'b', "c{")`, `f('    ', "  ")`],
    ['a template keeps the code in its holes', `\`a\${b({ c: \`}\` })}d\``, '`  {b({ c: ` ` })} `'],
    ['a regular expression', 'x = /[/"]\\/{/g;', 'x = /       /g;'],
    ['a division', 'x = a / b / c; y', 'x = a / b / c; y'],
    ['a regular expression after a word', "return /'/.test(a)", 'return / /.test(a)'],
    ['a division after a call', "f(a) / 2; '/'", "f(a) / 2; ' '"],
    ['an unfinished string ends with its line', "a = 'b\nc", "a = ' \nc"],
    ['the first line of a script', '#!/usr/bin/env node\na', '                   \na'],
  ])('%s', (_name, text, code) => {
    expect(scan(text).code).toBe(code);
    expect(scan(text).code).toHaveLength(text.length);
  });

  it('keeps comments at their place', () => {
    expect(commentsOf('a; // b\n"//c" /* d */')).toBe('   // b\n      /* d */');
  });
});

describe('importsOf', () => {
  it('finds every kind', () => {
    const text = lines(
      "import a from 'a';",
      "import type { B } from 'b';",
      "import { type C, d } from 'c';",
      "import 'd';",
      "export * from 'e';",
      'export {',
      '  f,',
      "} from 'f';",
      "export type { G } from 'g';",
      "const h = await import('h');",
      "import type from 'i';",
    );
    const found = importsOf(text).sort((a, b) => a.line - b.line);
    expect(found.map(({ specifier }) => specifier).join('')).toBe('abcdefghi');
    expect(found.filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier)).toEqual(['b', 'g']);
    expect(found[5]?.line).toBe(8);
  });

  it('is not taken in', () => {
    const text = lines(
      "// import 'a';",
      'const s = "import x from \'b\'";',
      "export const from = 'c';",
      "export interface X { from: 'd' }",
      "y.import('e');",
    );
    expect(importsOf(text)).toEqual([]);
  });
});

describe('functionsOf', () => {
  const names = (text: string): string[] => functionsOf(text).map(({ name, lines: n }) => `${name} ${n}`);

  it.each([
    ['a declaration', 'export async function f<T>(a: T): Promise<{ b: T }> {\n  g();\n}', ['f 3']],
    ['a generator', 'function* f() {\n}', ['f 2']],
    ['an arrow with a body', 'const f = (a: string): void => {\n  g();\n};', ['f 3']],
    ['an arrow with an expression', 'const f = (a) => ({\n  b: 1,\n  c: 2,\n});', ['f 4']],
    ['a comparison', 'const f = (a) =>\n  a > b;', ['f 2']],
    ['a last argument', 'f(\n  (a) =>\n    b,\n);', ['f(...) 2']],
    ['a type that is a function', 'const f = (): (() => void) => {\n  return g;\n};', ['f 3']],
    [
      'methods',
      'class A {\n  get b(): string {\n    return 1;\n  }\n  async #c(): Promise<X[]> {\n  }\n}',
      ['b 3', '#c 2'],
    ],
    [
      'a constructor',
      'class A extends mixin(B) {\n  constructor(a: X) {\n    super();\n  }\n}',
      ['constructor 3'],
    ],
    ['a guard', 'function f(a: unknown): a is { b: 1 } {\n  return true;\n}', ['f 3']],
    ['a conditional type', 'function f(): X extends Y ? { a: 1 } : [2] {\n}', ['f 2']],
    ['a function type given back', 'function f(ms: number): (run: () => void) => () => void {\n}', ['f 2']],
    [
      'properties',
      'const o = {\n  a(x) {\n    y();\n  },\n  b: async (x) => {\n    y();\n  },\n};',
      ['a 3', 'b 3'],
    ],
    ['a test', "it('x', async ({ skip }) => {\n  y();\n});", ['it(...) 3']],
    ['nested ones count twice', 'function f() {\n  const g = () => {\n    h();\n  };\n}', ['f 5', 'g 3']],
    ['braces in what is no code', `function f() {\n  a(\`}\${"}"}\`, /[}]/, "}"); // }\n}`, ['f 3']],
  ])('%s', (_name, text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it.each([
    [
      'statements',
      'if (a) {\n}\nfor (const b of c) {\n}\nfor await (const d of e) {\n}\nswitch (f) {\n}\ntry {} catch (g) {\n}',
    ],
    ['calls', 'f(a);\nconst b = c ? f(a) : { d: 1 };\n({ e: f(a) });'],
    ['types', 'interface A {\n  b(c: string): { d: 1 };\n}'],
    ['tables of functions', 'const a: Record<string, (b: C) => D> = {\n  e: f(1),\n};'],
    ['overloads', 'export function f(a: string): void;'],
    ['chapters of tests', "describe('x', () => {\n});\ndescribe.each([f(1)])('x', (y) => {\n});"],
  ])('finds none in %s', (_name, text) => {
    expect(names(text)).toEqual([]);
  });
});
