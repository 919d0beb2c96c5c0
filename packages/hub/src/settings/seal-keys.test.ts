// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { effectiveYaml } from './effective.ts';
import { type LoadOptions, loadSettings, type Result } from './load.ts';
import { GOOD, options } from './semaphore.ts';

const [one, two] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];

const load = (keys: string, more: Partial<LoadOptions> = {}): Result =>
  loadSettings(`${GOOD}redis:\n  sealKeys:\n${keys}`, options(more));
const entry = (id: string, key: string): string => `    - { id: ${id}, key: ${JSON.stringify(key)} }\n`;
const problemsOf = (result: Result) =>
  (result.ok ? [] : result.problems).map(({ line, field, message, remedy }) => ({
    at: `${line} ${field}`,
    message,
    remedy,
  }));

test('two keys, one from the environment and one from a file, neither shown', () => {
  const readFile: LoadOptions['readFile'] = () => ({ ok: true, text: `${two}\n`, mode: 0o600 });
  const env = { S_TOKEN: 'south-token-1', KEY: one };
  const result = load(`${entry('new', '${KEY}')}    - { id: old, key: { file: key } }\n`, { readFile, env });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  expect(result.loaded.settings.redis).toMatchObject({
    seal: true,
    sealKeys: [
      { id: 'new', key: one },
      { id: 'old', key: two },
    ],
  });
  const shown = effectiveYaml(result.loaded, result.source);
  expect(shown).toContain('key: "***" # from ${KEY}');
  expect(shown).toContain('id: old');
  expect(shown).not.toContain(one);
  expect(shown).not.toContain(two);
  expect(result.loaded.redact(`a ${one} b`)).toBe('a *** b');
});

test.each([
  ['too short', randomBytes(16).toString('base64')],
  ['too long', randomBytes(33).toString('base64')],
  ['in hexadecimal', randomBytes(32).toString('hex')],
  ['not quite base64', `${one.slice(0, -2)}B=`],
])('a key %s is told with the command that makes one, and not repeated', (_what, key) => {
  const found = problemsOf(load(entry('k', key)));
  expect(found).toMatchObject([
    { at: '24 redis.sealKeys[0].key', message: 'this is not 32 bytes in base64' },
  ]);
  expect(found[0]?.remedy).toContain('openssl rand -base64 32');
  expect(JSON.stringify(found)).not.toContain(key);
});

test('the same id twice', () => {
  expect(problemsOf(load(entry('k', one) + entry('k', two)))).toMatchObject([
    { at: '25 redis.sealKeys[1].id', message: 'the id "k" is taken: see line 24' },
  ]);
});

test('more than two keys', () => {
  const [found, ...others] = problemsOf(load(entry('a', one) + entry('b', two) + entry('c', one)));
  expect(others).toEqual([]);
  expect(found?.at).toBe('23 redis.sealKeys');
  expect(found?.message).toContain('two at most');
});

test('a key without an id, and an id that could not be logged', () => {
  expect(problemsOf(load(`    - { key: "${one}" }\n`))).toMatchObject([{ at: '24 redis.sealKeys[0].id' }]);
  expect(problemsOf(load(entry('Anna B', one)))).toMatchObject([{ at: '24 redis.sealKeys[0].id' }]);
});
