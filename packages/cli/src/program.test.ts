// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { FIXTURES, held, ran } from './testing/run.ts';

const ENV = { TOWER_TOKEN: 'tower-token', DRUM_TOKEN: 'drum-token-1' };
const GOOD = ['-c', 'good.yaml'];
const folder = mkdtempSync(join(tmpdir(), 'brygga-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const COMMANDS = ['start', 'check', 'registration', 'sample', 'config', 'capabilities', 'lanes', 'dead'];
const UNDER_DEAD = ['list', 'show', 'replay', 'drop'];

describe('help', () => {
  test('lists the commands, examples and exit codes', async () => {
    const { exit, out } = await held(['--help']);
    expect(exit).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(out).toContain('Examples:');
    expect(out).toContain('Exit codes:');
  });

  test.each(COMMANDS)('of %s has an example that the command line takes', async (command) => {
    const { exit, out } = await held([command, '--help']);
    expect(exit).toBe(0);
    expect(out).toMatch(new RegExp(`\\$ brygga ${command}`));
  });

  test.each(UNDER_DEAD)('of dead %s has an example, and says what its JSON holds', async (command) => {
    const { exit, out } = await held(['dead', command, '--help']);
    expect(exit).toBe(0);
    expect(out).toMatch(new RegExp(`\\$ brygga dead ${command}`));
    expect(out).toContain('JSON');
  });
});

describe('as a process', { timeout: 60_000 }, () => {
  test.each([
    ['--version', ['--version'], 0],
    ['no command', [], 2],
    ['an unknown command', ['strat'], 2],
    ['an unknown option', ['check', '--onlin'], 2],
    ['a missing argument', ['registration'], 2],
    ['an unknown network', ['registration', 'twr', ...GOOD], 2],
    ['an unknown bridge', ['capabilities', 'telegraph'], 2],
    ['good settings', ['check', ...GOOD], 0],
    ['broken settings', ['check', '-c', 'broken-yaml.yaml'], 1],
    ['no settings', ['check', '-c', 'nowhere.yaml'], 1],
    ['settings that are a folder', ['check', '-c', '.'], 1],
    ['dead letters, and nothing to do with them', ['dead'], 2],
    ['a limit that is none', ['dead', 'list', '--limit', '0', ...GOOD], 2],
    ['an id that is none', ['dead', 'show', 'drum', ...GOOD], 2],
    ['a replay of nothing named', ['dead', 'replay', ...GOOD], 2],
    ['a replay that nobody can be asked about', ['dead', 'replay', '--all', ...GOOD], 2],
    ['a drop that nobody can be asked about', ['dead', 'drop', '--all', ...GOOD], 2],
    ['broken settings to start from', ['start', '-c', 'broken-fields.yaml'], 1],
  ] as const)('%s', async (_, args, exit) => {
    const result = await ran(args, ENV);
    expect(result).toMatchObject({ exit });
    expect(result.out + result.err).not.toMatch(/^ +at |tower-token|drum-token/m);
  });

  test('a mistyped command gets a suggestion', async () => {
    expect((await ran(['strat'])).err).toContain('Did you mean start?');
  });

  test('says its version', async () => {
    expect((await ran(['--version'])).out).toBe(`${packageJson.version}\n`);
  });

  test('takes the settings file from the environment', async () => {
    expect(await ran(['check'], { ...ENV, BRYGGA_CONFIG: 'good.yaml' })).toMatchObject({ exit: 0 });
    expect((await ran(['check'])).out).toContain('brygga.yaml:1:1 there is no such file');
  });

  test('writes a registration only its owner can read, also over an open one', async () => {
    const file = join(folder, 'registration.yaml');
    writeFileSync(file, 'old', { mode: 0o644 });
    const { exit, out, err } = await ran(['registration', 'tower', ...GOOD, '--out', file], ENV);
    expect({ exit, out }).toEqual({ exit: 0, out: '' });
    expect(err).toContain('It holds secrets');
    expect(readFileSync(file, 'utf8')).toBe('tower: tower\nkey: tower-token\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('a registration that cannot be written is a problem', async () => {
    const { exit, err } = await ran(['registration', 'tower', ...GOOD, '--out', join(folder, 'a/b')], ENV);
    expect(exit).toBe(1);
    expect(err).toContain('no registration written');
  });

  test('a Node that is too old gets one line', async () => {
    const old = join(folder, 'old.mjs');
    const guard = new URL('../bin/guard.js', import.meta.url);
    writeFileSync(
      old,
      `Object.defineProperty(process.versions, 'node', { value: '20.1.0' });\nawait import(${JSON.stringify(guard.href)});\n`,
    );
    const { exit, out, err } = await ran([], {}, old);
    expect({ exit, out }).toEqual({ exit: 1, out: '' });
    expect(err).toMatch(/^brygga: this is Node 20\.1\.0, but Brygga needs 24 or newer: start it with .*\n$/);
  });

  test('the plain JavaScript in front of it loads it', async () => {
    const { exit } = await ran(
      ['--version'],
      {},
      fileURLToPath(new URL('../bin/brygga.js', import.meta.url)),
    );
    expect(exit).toBe(0);
  });
});

describe('what the commands print', () => {
  const good = (command: string, ...args: string[]) =>
    held([command, ...args, '-c', `${FIXTURES}/good.yaml`], { env: ENV });

  test('registration', async () => {
    expect(await good('registration', 'tower')).toMatchObject({
      exit: 0,
      out: 'tower: tower\nkey: tower-token\n',
    });
    const none = await good('registration', 'drum');
    expect(none).toMatchObject({ exit: 0, out: '', err: 'drum: a network of Drum needs no registration\n' });
  });

  test('config', async () => {
    const { exit, out } = await good('config');
    expect(exit).toBe(0);
    expect(out).toContain('token: "***" # from ${TOWER_TOKEN}');
    expect(out).toContain('arms: 2 # default');
  });

  test('sample', async () => {
    const { exit, out } = await held(['sample']);
    expect(exit).toBe(0);
    const file = join(folder, 'sample.yaml');
    writeFileSync(file, out, { mode: 0o600 });
    const env = { SKV_SEMAPHORE_TOKEN: '12345678', MSB_DRUM_TOKEN: '12345678' };
    expect(await held(['check', '-c', file], { env })).toMatchObject({ exit: 0 });
  });

  test('capabilities', async () => {
    const { exit, out } = await held(['capabilities', 'drum']);
    expect(exit).toBe(0);
    expect(out).toContain('# Drum (drum)');
    expect(out).toContain('| table | fallback | fallback | flags have no columns |');
    expect(out).toContain('- text of one message: 1 KiB, at most 4 parts');
    expect((await held(['capabilities'])).out).toMatch(/# Semaphore.*# Drum/s);
  });
});

describe('secrets', () => {
  const secret = fc
    .string({ unit: 'grapheme', minLength: 8, maxLength: 30 })
    .filter((text) => text.trim().length >= 8);
  const commands = [
    ['check'],
    ['check', '--online'],
    ['check', '--online', '--json'],
    ['config'],
    ['start'],
    ['registration', 'drum'],
  ];
  const moods = ['ok', 'warn', 'chatty', 'broken', 'unborn'];
  const text = (mood: string, broken: boolean): string => `
organisations: [{ id: north, name: Northern Watch }]
networks:
  - { id: tower, bridge: semaphore, organisation: north, settings: { server: "https://h", token: "\${T}", mood: ${mood} } }
  - { id: drum, bridge: drum, organisation: ${broken ? 'south' : 'north'}, settings: { server: "https://h", token: { file: t } } }
redis: { url: "redis://u:\${R}@h" }
`;

  test('never show, whatever is asked and whatever is wrong', async () => {
    await fc.assert(
      fc.asyncProperty(
        secret,
        fc.constantFrom(...commands),
        fc.constantFrom(...moods),
        fc.boolean(),
        async (value, command, mood, broken) => {
          const password = encodeURIComponent(value.toWellFormed());
          const { out, err } = await held([...command, '-c', '/a.yaml'], {
            env: { T: value, R: password },
            readFile: (path) => ({
              ok: true,
              text: path === '/a.yaml' ? text(mood, broken) : value,
              mode: 0o644,
            }),
          });
          for (const shown of [value, JSON.stringify(value).slice(1, -1), password])
            expect(out + err).not.toContain(shown);
        },
      ),
      { numRuns: 200 },
    );
  });
});
