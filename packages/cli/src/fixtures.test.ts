import { describe, expect, test } from 'vitest';
import { FIXTURES, held } from './testing/run.ts';

interface Told {
  readonly line: number;
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

/** What `brygga check --json` says of a fixture, and its exit code. */
async function told(name: string): Promise<{ exit: number | null; problems: Told[] }> {
  const { exit, out } = await held(['check', '--json', '-c', `${FIXTURES}/${name}`]);
  return { exit, problems: JSON.parse(out).problems };
}

/** [line, field, words of the message, words of the remedy]. */
type Row = readonly [number, string, string, string];

async function expectProblems(name: string, rows: readonly Row[]): Promise<void> {
  const { exit, problems } = await told(name);
  expect(exit).toBe(1);
  expect(problems.map(({ line, field }) => [line, field])).toEqual(
    rows.map(([line, field]) => [line, field]),
  );
  for (const [index, [, , message, remedy]] of rows.entries()) {
    expect(problems[index]?.message).toContain(message);
    expect(problems[index]?.remedy).toContain(remedy);
  }
}

describe('settings that are broken', () => {
  test('YAML', () =>
    expectProblems('broken-yaml.yaml', [[4, 'organisations[0].name', 'is not closed', 'close it']]));

  test('unknown names, wrong kinds of values', () =>
    expectProblems('broken-fields.yaml', [
      [3, 'hub.langauge', 'no setting of this name', 'did you mean "language"?'],
      [
        5,
        'hub.http.port',
        'expected a number, found text',
        'write a whole number, 0 to 65535, for instance 8080',
      ],
      [12, 'networks[0].settings.token', '"token" is missing', 'add token: text'],
      [14, 'networks[0].settings.tokn', 'no setting of this name', 'did you mean "token"?'],
      [15, 'networks[0].settings.arms', 'too large: it must be at most 8', 'write a whole number, 1 to 8'],
      [19, 'rooms[0].links', 'expected a list, found text', 'write a list'],
    ]));

  test('what is referred to and is not there', () =>
    expectProblems('broken-references.yaml', [
      [7, 'networks[0].organisation', 'no organisation "nroth"', 'did you mean "north"?'],
      [10, 'networks[0].settings.token', 'variable NO_SUCH_VARIABLE is not set', 'set NO_SUCH_VARIABLE'],
      [12, 'networks[1].bridge', 'no bridge "durm"', 'did you mean "drum"?'],
      [19, 'networks[2].settings.token', 'no-such-file: there is no such file', 'create it'],
      [24, 'rooms[0].links[0].network', 'no network "towre"', 'did you mean "tower"?'],
      [26, 'rooms[0].links[2].channel', '"hill:two" is taken: see line 25', 'one room at most'],
    ]));

  test('for people: place, message, remedy, a summary', async () => {
    const { out } = await held(['check', '-c', `${FIXTURES}/broken-fields.yaml`]);
    expect(out).toContain(
      'broken-fields.yaml:3:3 hub.langauge: there is no setting of this name here\n    did you mean',
    );
    expect(out).toMatch(/\n0 ok, 0 warn, 6 fail\n$/);
  });

  test('what stands in a broken file is not repeated', async () => {
    for (const name of ['broken-yaml.yaml', 'broken-fields.yaml']) {
      const { out, err } = await held(['check', '-c', `${FIXTURES}/${name}`]);
      expect(out + err).not.toContain('hunter2');
    }
  });
});
