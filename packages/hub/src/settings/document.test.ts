// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test
import { describe, expect, test } from 'vitest';
import { loadSettings } from './load.ts';
import type { Problem } from './problem.ts';
import { GOOD, options } from './semaphore.ts';

function problems(text: string): readonly Problem[] {
  const result = loadSettings(text, options());
  return result.ok ? [] : result.problems;
}

describe('what is not YAML', () => {
  test.each([
    ['a name twice', 'hub:\n  id: a\n  id: b\n', 3, 'twice'],
    ['a second document', `${GOOD}---\na: 1\n`, 22, 'second document'],
    ['a tab', 'hub:\n\tid: a\n', 2, 'tab'],
    ['a quotation mark left open', 'hub:\n  id: "a\n  b: c\n', 2, 'not closed'],
    ['a bracket left open', 'hub: [1,\na: b\n', 1, 'not closed'],
    ['two names on a line', 'hub:\n  id: a: b\n', 2, 'one line'],
    ['a tag', 'hub: !!js/function a\n', 1, 'tags'],
    ['a variable within braces', 'hub: { id: ${A} }\n', 1, '${NAME}'],
    ['another version', '%YAML 1.1\n---\nhub:\n', 1, '1.2'],
    ['a list', '- a\n', 1, 'mapping'],
    ['nothing', '', 1, 'mapping'],
    ['text', 'hello', 1, 'mapping'],
    ['a name that is a list', '? [a, b]\n: c\n', 1, 'single word'],
    ['an alias of nothing', 'hub: { id: *a }\n', 1, 'not defined'],
    ['a name that is no name', 'hub: { __proto__: 1 }\n', 1, 'cannot have this name'],
  ])('%s', (_, text, line, words) => {
    const found = problems(text).find(({ message }) => message.includes(words));
    expect(found).toMatchObject({ line });
    expect(found?.remedy).not.toBe('');
  });

  test('a name twice tells its field', () => {
    expect(problems('a:\n  - b: 1\n    b: 2\n')).toMatchObject([{ line: 3, column: 5, field: 'a[0].b' }]);
  });

  test('nothing of the file is repeated', () => {
    const broken = [
      'token: "hunter22',
      'token: hunter22: x',
      'token: hunter22\n hunter22',
      'token: *hunter22',
      '!hunter22 a',
    ];
    for (const text of broken) expect(JSON.stringify(problems(text))).not.toContain('hunter22');
  });

  test('depth and aliases that multiply end in a problem', () => {
    expect(problems(`a: ${'['.repeat(20_000)}`)).toHaveLength(1);
    expect(
      problems(`a: ${'['.repeat(200)}${']'.repeat(200)}`).some(({ message }) => message.includes('deep')),
    ).toBe(true);
    expect(problems('a: &a [*a]').some(({ message }) => message.includes('deep'))).toBe(true);
  });

  test('Windows line ends and a byte order mark are read', () => {
    expect(problems(`\uFEFF${GOOD.replaceAll('\n', '\r\n')}`)).toEqual([]);
  });
});
