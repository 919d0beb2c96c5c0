// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test
import { describe, expect, test } from 'vitest';
import { type LoadedSettings, type LoadOptions, loadSettings } from './load.ts';
import type { Problem } from './problem.ts';
import { GOOD, options } from './semaphore.ts';

function loaded(text: string, more: Partial<LoadOptions> = {}): LoadedSettings {
  const result = loadSettings(text, options(more));
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result.loaded;
}

function problems(text: string, more: Partial<LoadOptions> = {}): readonly Problem[] {
  const result = loadSettings(text, options(more));
  return result.ok ? [] : result.problems;
}

const short = (all: readonly Problem[]): string[] => all.map(({ line, field }) => `${line} ${field}`);
const settingsOf = (settings: LoadedSettings, id: string): unknown =>
  [...settings.networks.values()].find((network) => network.id === id)?.settings;

describe('what is right', () => {
  test('loads, with defaults and the networks by their own schema', () => {
    const result = loaded(GOOD);
    expect(result.settings.hub.http.port).toBe(8080);
    expect(result.settings.limits.idMapDays).toBe(365);
    expect([...result.networks.keys()]).toEqual(['n', 's']);
    expect(settingsOf(result, 's')).toMatchObject({ token: 'south-token-1', arms: 2, pauseSeconds: null });
    expect([...result.networks.values()].map(({ channels }) => channels)).toEqual([
      ['hill:one'],
      ['hill:two'],
    ]);
    expect(result.warnings).toEqual([]);
  });

  test('sections and fields with nothing below them count as left out', () => {
    const result = loaded(`${GOOD}limits:\nhub:\n  http:\n    port:\n`);
    expect(result.settings.hub.http.port).toBe(8080);
  });

  test('null stays where the schema takes it', () => {
    expect(
      settingsOf(loaded(GOOD.replace('token: north', 'pauseSeconds: null\n      token: north')), 'n'),
    ).toMatchObject({ pauseSeconds: null });
  });

  test('anchors and aliases repeat settings', () => {
    const text = GOOD.replace('    settings:\n', '    settings: &tower\n').replace(
      /settings: \{.*\}/,
      'settings: *tower',
    );
    expect(settingsOf(loaded(text), 's')).toMatchObject({ server: 'https://n.example' });
  });
});

describe('environment and files', () => {
  const withToken = (token: string): string => GOOD.replace('north-token-1', () => token);

  test('a variable as part of a text, an escaped one, and one that looks like a reference', () => {
    const env = { S_TOKEN: 'south-token-1', A: 'aaa', B: '${A}' };
    const token = (written: string): unknown => settingsOf(loaded(withToken(written), { env }), 'n');
    expect(token('x-${A}-${B}-y')).toMatchObject({ token: 'x-aaa-${A}-y' });
    expect(token('$${A}-and-more')).toMatchObject({ token: '${A}-and-more' });
  });

  test('text from the environment becomes what the schema wants', () => {
    const env = { S_TOKEN: '1234567890', PORT: '9000', ARMS: '3', LIT: 'true' };
    const text = `${withToken('t0000000\n      arms: ${ARMS}\n      lit: ${LIT}')}hub:\n  http:\n    port: \${PORT}\n`;
    const result = loaded(text, { env });
    expect(result.settings.hub.http.port).toBe(9000);
    expect(settingsOf(result, 'n')).toMatchObject({ arms: 3, lit: true });
    expect(settingsOf(result, 's')).toMatchObject({ token: '1234567890' });
  });

  test('a missing variable is a problem of that line, said once', () => {
    const found = problems(GOOD, { env: {} });
    expect(short(found)).toEqual(['15 networks[1].settings.token']);
    expect(found[0]?.message).toContain('S_TOKEN');
    expect(found[0]?.remedy).toContain('set S_TOKEN');
  });

  test.each(['${', '${}', '${a b}', '${A', '${1X}'])('%s is no reference', (written) => {
    const found = problems(withToken(`secret-${written}`));
    expect(short(found)).toEqual(['11 networks[0].settings.token']);
    expect(JSON.stringify(found)).not.toContain('secret-');
  });

  test('names of things every object has are not variables', () => {
    expect(problems(withToken('${constructor}'))[0]?.message).toContain('not set');
  });

  test('a file, relative to the settings; the newline at its end is not part of it', () => {
    const asked: string[] = [];
    const readFile: LoadOptions['readFile'] = (path) => {
      asked.push(path);
      return { ok: true, text: 'from-a-file\n', mode: 0o600 };
    };
    const result = loaded(withToken('{ file: "secrets/${S_TOKEN}.txt" }'), { readFile });
    expect(settingsOf(result, 'n')).toMatchObject({ token: 'from-a-file' });
    expect(asked).toEqual(['/etc/brygga/secrets/south-token-1.txt']);
    expect(result.warnings).toEqual([]);
  });

  test('a file others can read is a warning, unless the service manager guards it', () => {
    const readFile: LoadOptions['readFile'] = () => ({ ok: true, text: 'from-a-file', mode: 0o640 });
    const text = withToken('{ file: /run/creds/token }');
    const [warning] = loaded(text, { readFile }).warnings;
    expect(warning).toMatchObject({
      line: 11,
      field: 'networks[0].settings.token',
      remedy: 'chmod 600 /run/creds/token',
    });
    const env = { S_TOKEN: 'south-token-1', CREDENTIALS_DIRECTORY: '/run/creds' };
    expect(loaded(text, { readFile, env }).warnings).toEqual([]);
  });

  test.each(['missing', 'denied', 'tooLarge', 'notText', 'notAFile', 'failed'] as const)(
    'a file %s',
    (why) => {
      const found = problems(withToken('{ file: token }'), { readFile: () => ({ ok: false, why }) });
      expect(short(found)).toEqual(['11 networks[0].settings.token']);
      expect(found[0]?.message).toContain('/etc/brygga/token');
    },
  );

  test('an empty file', () => {
    const readFile: LoadOptions['readFile'] = () => ({ ok: true, text: '\n', mode: 0o600 });
    expect(problems(withToken('{ file: token }'), { readFile })[0]?.message).toContain('empty');
  });

  test('a secret in a settings file others can read is a warning of its line', () => {
    expect(loaded(GOOD, { mode: 0o644 }).warnings.map(({ field }) => field)).toEqual([
      'networks[0].settings.token',
    ]);
    expect(loaded(GOOD, { mode: 0o600 }).warnings).toEqual([]);
    const redis = `${GOOD}redis: { url: "redis://h" }\n`;
    expect(loaded(redis, { mode: 0o644 }).warnings).toHaveLength(1);
    expect(loaded(redis.replace('//h', '//u:word@h'), { mode: 0o644 }).warnings).toHaveLength(2);
  });
});

describe('what the schemas find', () => {
  test.each([
    [
      'an unknown setting names its own line',
      'hub: { langauge: sv }',
      22,
      'hub.langauge',
      'did you mean "language"?',
    ],
    ['a shortened one', 'hub: { lang: sv }', 22, 'hub.lang', 'did you mean "language"?'],
    ['one near nothing', 'hub: { zzz: 1 }', 22, 'hub.zzz', 'known settings here: id, language'],
    [
      'a wrong type',
      'hub: { http: { port: many } }',
      22,
      'hub.http.port',
      'write a whole number, 0 to 65535',
    ],
    ['a wrong choice', 'hub: { language: se }', 22, 'hub.language', 'did you mean "sv"?'],
    [
      'too large',
      'limits:\n  leaseSeconds: 61',
      23,
      'limits.leaseSeconds',
      'write a number of seconds, 2 to 60',
    ],
    [
      'a mapping in place of text',
      'redis: { url: { a: 1, b: 2 } }',
      22,
      'redis.url',
      'for instance redis://',
    ],
    ['text in place of a mapping', 'redis: localhost', 22, 'redis', 'write a mapping'],
  ])('%s', (_, line, number, field, remedy) => {
    const found = problems(`${GOOD}${line}\n`);
    expect(short(found)).toEqual([`${number} ${field}`]);
    expect(found[0]?.remedy).toContain(remedy);
  });

  test('a missing setting names the line of what it should stand in', () => {
    const text = GOOD.replace('    organisation: north\n', '').replace('      token: north-token-1\n', '');
    expect(short(problems(text))).toEqual(['6 networks[0].organisation', '8 networks[0].settings.token']);
  });

  test("a bridge's own schema, on its own lines", () => {
    const text = GOOD.replace('token: north-token-1', 'token: short\n      arm: 9\n      colour: blue');
    expect(short(problems(text))).toEqual([
      '11 networks[0].settings.token',
      '12 networks[0].settings.arm',
      '13 networks[0].settings.colour',
    ]);
  });

  test('a rule of the bridge about two settings', () => {
    const text = GOOD.replace('token: north', 'arms: 8\n      lit: true\n      token: north');
    expect(problems(text)).toMatchObject([{ line: 12, message: 'more than 4 arms cannot be lit' }]);
  });

  test('a name without a space behind its colon does not give away what follows', () => {
    const [found] = problems(GOOD.replace('token: "${S_TOKEN}"', 'token:hunter22x'));
    expect(found?.field).toContain('networks[1].settings.token');
    expect(JSON.stringify(problems(GOOD.replace('token: "${S_TOKEN}"', 'token:hunter22x')))).not.toContain(
      'hunter22x',
    );
  });
});

describe('what no schema can see', () => {
  test.each([
    [
      'an organisation',
      'organisation: north\n',
      'organisation: norht\n',
      '8 networks[0].organisation',
      'north',
    ],
    ['a bridge', 'bridge: semaphore\n', 'bridge: semafore\n', '7 networks[0].bridge', 'semaphore'],
    ['a network', 'network: n,', 'network: nn,', '20 rooms[0].links[0].network', 'n'],
  ])('%s that is not there', (_, was, is, where, meant) => {
    const found = problems(GOOD.replace(was, is));
    expect(short(found)).toEqual([where]);
    expect(found[0]?.remedy).toBe(`did you mean "${meant}"?`);
  });

  test('an unknown bridge near nothing lists the known ones', () => {
    expect(problems(GOOD.replace('bridge: semaphore', 'bridge: telegraph'))[0]?.remedy).toBe(
      'known bridges: semaphore',
    );
  });

  test('ids given twice', () => {
    expect(short(problems(GOOD.replace('- id: s\n', '- id: n\n')))).toContain('12 networks[1].id');
    expect(short(problems(GOOD.replace('id: south,', 'id: north,')))).toContain('4 organisations[1].id');
    const twice = `${GOOD}  - { id: coast, name: C, links: [{ network: n, channel: "hill:3" }] }\n`;
    expect(short(problems(twice))).toEqual(['22 rooms[1].id']);
  });

  test('two links of a room that go by the same id', () => {
    const text = GOOD.replace('network: s, channel', 'network: n, channel');
    expect(short(problems(text))).toEqual(['21 rooms[0].links[1].network']);
    expect(short(problems(text.replace('hill:two"', 'hill:two", id: other')))).toEqual([]);
  });

  test('a channel in two rooms names the other line', () => {
    const found = problems(`${GOOD}  - { id: b, name: B, links: [{ network: n, channel: "hill:one" }] }\n`);
    expect(found).toMatchObject([{ line: 22, field: 'rooms[1].links[0].channel' }]);
    expect(found[0]?.message).toContain('see line 20');
  });

  test.each([
    ['under two networks', 'hill:one'],
    ['in two spellings', 'Hill:ONE'],
  ])('a channel linked twice, %s, names both links', (_, channel) => {
    const found = problems(GOOD.replace('hill:two', channel));
    expect(found).toMatchObject([{ line: 21, field: 'rooms[0].links[1].channel' }]);
    expect(found[0]?.message).toBe(
      'the link s of the room coast leads to the same channel as the link n of the room coast: see line 20',
    );
    expect(found[0]?.remedy).toContain('remove one of the two');
  });

  test('a channel linked twice in two rooms of one network, spelt in two ways', () => {
    const found = problems(`${GOOD}  - { id: b, name: B, links: [{ network: n, channel: "HILL:one" }] }\n`);
    expect(found).toMatchObject([{ line: 22, field: 'rooms[1].links[0].channel' }]);
    expect(found[0]?.message).toContain('the link n of the room b');
  });

  test('channels whose address the bridge cannot tell are taken as they are written', () => {
    const text = GOOD.replace('hill:one', 'hill:unnamed').replace('hill:two', 'hill:unnamed');
    expect(loaded(text).warnings).toEqual([]);
  });

  test('a channel the bridge does not know as one', () => {
    const found = problems(GOOD.replace('hill:two', 'valley'));
    expect(found).toMatchObject([
      { line: 21, field: 'rooms[0].links[1].channel', remedy: 'write hill:name' },
    ]);
  });

  test('a room with one link, and two organisations of one name, are warnings', () => {
    const one = GOOD.replace(/ {6}- \{ network: s.*\n/, '');
    expect(loaded(one).warnings).toMatchObject([{ line: 19, field: 'rooms[0].links' }]);
    expect(loaded(GOOD.replace('Southern', 'northern')).warnings).toMatchObject([{ line: 4 }]);
  });

  test('all of it is said in one run, in the order of the file', () => {
    const text = `${GOOD.replace('organisation: north\n', 'organisation: x\n').replace('hill:two', 'valley')}hub: { z: 1 }\n`;
    expect(short(problems(text))).toEqual([
      '8 networks[0].organisation',
      '21 rooms[0].links[1].channel',
      '22 hub.z',
    ]);
  });
});

test.each([
  ['sentinels and a cluster', '  sentinel: { name: main, hosts: [s1] }\n', 'redis.cluster'],
  ['a cluster and the number of a database', '  url: redis://user:p@one:6379/3\n', 'redis.url'],
])('Redis reached through %s', (_what, line, field) => {
  const result = loadSettings(`${GOOD}redis:\n  cluster: { hosts: ['one:7000', two] }\n${line}`, options());
  expect(result.ok ? [] : result.problems.map((problem) => problem.field)).toEqual([field]);
});
