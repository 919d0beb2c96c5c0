import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadSettings } from './load.ts';
import { nearest } from './nearest.ts';
import { sampleYaml } from './sample.ts';
import { Settings } from './schema.ts';
import { options, semaphore } from './semaphore.ts';
import { type Shape, shapeOf } from './shape.ts';

const sample = sampleYaml([
  { kind: semaphore, settings: { server: 'https://tower.example' }, channel: 'hill:one' },
  { kind: semaphore, settings: { server: 'https://tower.example' }, channel: 'hill:two' },
]);

/** The sample with every setting that is only shown put in force. */
const inForce = sample.replace(/^( *)#(?! )/gm, '$1');

const namesOf = (shape: Shape): string[] => [
  ...[...shape.fields].flatMap(([name, field]) => [name, ...namesOf(field)]),
  ...(shape.items === null ? [] : namesOf(shape.items)),
];

test('the sample loads when its secrets are set', () => {
  const env = { SKV_SEMAPHORE_TOKEN: '12345678', MSB_SEMAPHORE_TOKEN: '12345678' };
  const result = loadSettings(sample, options({ env }));
  expect(result.ok ? [] : result.problems).toEqual([]);
});

test('the sample shows every setting, and a default is what it says', () => {
  for (const name of [...namesOf(shapeOf(Settings)), ...namesOf(shapeOf(semaphore.settings))])
    expect(inForce).toMatch(new RegExp(`^ *(?:- )?${name}:`, 'm'));
  expect(parse(inForce)).toMatchObject({
    hub: { id: 'brygga', http: { port: 8080 } },
    limits: { leaseSeconds: 8 },
    networks: [{ settings: { arms: 2, pauseSeconds: null, listen: { port: 1 } } }, {}],
  });
});

test('every setting has a description', () => {
  const bare = (shape: Shape, path: string): string[] => [
    ...[...shape.fields].flatMap(([name, field]) => [
      ...(field.description === null && field.fields.size === 0 ? [`${path}${name}`] : []),
      ...bare(field, `${path}${name}.`),
    ]),
    ...(shape.items === null ? [] : bare(shape.items, `${path}[].`)),
  ];
  expect(bare(shapeOf(Settings), '')).toEqual([]);
});

test('units and ranges are told', () => {
  expect(sample).toContain('A number of seconds, 2 to 60. Default: 8');
  expect(sample).toContain('A number of days, above 0, at most 3650. Default: 365');
  expect(sample).toContain('Text. Secret. Required.');
});

test.each([
  ['langauge', 'language'],
  ['as_token', 'asToken'],
  ['PORT', 'port'],
  ['lang', 'language'],
  ['xyz', null],
  ['', null],
])('nearest to %j is %j', (written, meant) => {
  expect(nearest(written, ['id', 'language', 'port', 'asToken'])).toBe(meant);
});
