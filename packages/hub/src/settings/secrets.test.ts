// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { effectiveYaml, maskSecrets } from './effective.ts';
import { type LoadedSettings, loadSettings, type SettingsSource } from './load.ts';
import { GOOD, options } from './semaphore.ts';

function load(text: string, env: Record<string, string>): { loaded: LoadedSettings; source: SettingsSource } {
  const result = loadSettings(text, options({ env }));
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result;
}

const secret = fc
  .string({ unit: 'binary', minLength: 8, maxLength: 40 })
  .filter((text) => text.trim().length >= 8 && text.isWellFormed());

describe('masking', () => {
  test('secrets are masked, origins told', () => {
    const { loaded, source } = load(`${GOOD}redis: { url: "rediss://u:hunter2@h:1/0?password=x" }\n`, {
      S_TOKEN: 'sssssssss',
    });
    const text = effectiveYaml(loaded, source);
    expect(text).toContain('token: "***" # from ${S_TOKEN}');
    expect(text).toContain('token: "***" # line 11');
    expect(text).toContain('port: 8080 # default');
    expect(text).toContain('url: rediss://***@h:1/0?*** # line 22');
    expect(text).not.toMatch(/hunter2|north-token|sssss/);
  });

  test('what is printed can be read again', () => {
    const { loaded, source } = load(GOOD, { S_TOKEN: 'sssssssss' });
    expect(parse(effectiveYaml(loaded, source))).toEqual(
      JSON.parse(JSON.stringify(maskSecrets(loaded, source))),
    );
  });

  test('texts made elsewhere lose the secrets', () => {
    const { loaded } = load(`${GOOD}redis: { url: "redis://:pass%2Fword@h" }\n`, { S_TOKEN: 'sss/sss=sss' });
    expect(loaded.redact('a sss/sss=sss b sss%2Fsss%3Dsss c pass/word d')).toBe('a *** b *** c *** d');
  });

  test('no secret, however strange, shows', () => {
    fc.assert(
      fc.property(secret, secret, (token, password) => {
        const url = `redis://u:${encodeURIComponent(password)}@h`;
        const text = `${GOOD.replace('north-token-1', '${N_TOKEN}')}redis: ${stringify({ url: '${URL}' }, { collectionStyle: 'flow' })}`;
        const { loaded, source } = load(text, { S_TOKEN: token, N_TOKEN: token, URL: url });
        const shown = JSON.stringify(maskSecrets(loaded, source));
        expect(shown).not.toContain(JSON.stringify(token).slice(1, -1));
        expect(shown).not.toContain(JSON.stringify(password).slice(1, -1));
        expect(shown).not.toContain(encodeURIComponent(password));
        expect(loaded.redact(`x${token}y`)).not.toContain(token);
      }),
      { numRuns: 300 },
    );
  });

  test('no secret shows in a problem, wherever it was put by mistake', () => {
    const fields = [
      'hub: { id: S }',
      'hub: { http: { port: S } }',
      'redis: { url: S }',
      'redis: { prefix: S }',
      'limits: S',
    ];
    fc.assert(
      fc.property(secret, fc.constantFrom(...fields), (value, field) => {
        const written = field.replace('S', () => '"${S_TOKEN}"');
        const result = loadSettings(`${GOOD}${written}\n`, options({ env: { S_TOKEN: value } }));
        const told = result.ok ? '' : JSON.stringify(result.problems);
        expect(told).not.toContain(JSON.stringify(value).slice(1, -1));
      }),
    );
  });
});
