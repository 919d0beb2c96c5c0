import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BRIDGES } from './bridges.ts';
import { held, ran } from './testing/run.ts';

const SAMPLE = 'deploy/config/brygga.sample.yaml';
const path = fileURLToPath(new URL(`../../../${SAMPLE}`, import.meta.url));
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const of = { bridges: BRIDGES };

/** A long value for every variable the sample names. */
function secretsOf(sample: string): Record<string, string> {
  const names = [...sample.matchAll(/"\$\{([A-Z_]+)\}"$/gm)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, `${name.toLowerCase()}-${'0'.repeat(40)}`]));
}

describe('the bridges of this house', () => {
  test('the sample in deploy/ is up to date', async () => {
    const { out } = await held(['sample'], of);
    const hint = `${SAMPLE} is out of date: npm run --silent brygga -- sample > ${SAMPLE}`;
    expect(readFileSync(path, 'utf8') === out, hint).toBe(true);
  });

  test('the sample is right as it stands, once its secrets are set', async () => {
    const env = secretsOf((await held(['sample'], of)).out);
    const { exit, out } = await held(['check', '-c', path], { ...of, env });
    expect(out).not.toMatch(/^ +fail/m);
    expect(exit).toBe(0);
    const config = await held(['config', '-c', path], { ...of, env });
    for (const secret of Object.values(env)) expect(config.out).not.toContain(secret);
  });

  test('every secret has its mark, every setting a description', async () => {
    const { out } = await held(['sample'], of);
    const settings = [...out.matchAll(/^ *#?(?:- )?(\w*(?:token|secret|password)\w*): (.*)$/gim)];
    expect(settings.length).toBeGreaterThan(0);
    for (const [, , value] of settings) expect(value).toMatch(/^"\$\{/);
  });

  test.each(BRIDGES.map(({ kind }) => kind.manifest.protocol))('the capabilities of %s', async (protocol) => {
    const { exit, out } = await held(['capabilities', protocol], of);
    expect(exit).toBe(0);
    expect(out).toContain('| message | full | full |');
  });

  test('brygga itself runs', { timeout: 60_000 }, async () => {
    const { exit, out } = await ran(['sample'], {}, MAIN);
    expect(exit).toBe(0);
    expect(out).toContain('# Sample settings of Brygga');
  });
});
