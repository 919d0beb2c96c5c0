import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readFileFromDisk } from './files.ts';
import { readSettings } from './load.ts';
import { GOOD, semaphore } from './semaphore.ts';

const folder = mkdtempSync(join(tmpdir(), 'brygga-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

test('reads text and mode, through a link too', () => {
  writeFileSync(at('a'), 'åäö\n', { mode: 0o640 });
  symlinkSync(at('a'), at('link'));
  expect(readFileFromDisk(at('link'), 100)).toEqual({ ok: true, text: 'åäö\n', mode: 0o640 });
  writeFileSync(at('empty'), '');
  expect(readFileFromDisk(at('empty'), 0)).toMatchObject({ ok: true, text: '' });
});

test('says why not, and never waits', () => {
  writeFileSync(at('binary'), Buffer.from([0xff, 0xfe, 0]));
  writeFileSync(at('large'), 'x'.repeat(101));
  mkdirSync(at('folder'));
  execFileSync('mkfifo', [at('pipe')]);
  const why = (name: string): unknown => {
    const answer = readFileFromDisk(at(name), 100);
    return answer.ok ? 'ok' : answer.why;
  };
  expect(['nowhere', 'binary/x', 'binary', 'large', 'folder', 'pipe'].map(why)).toEqual([
    'missing',
    'missing',
    'notText',
    'tooLarge',
    'notAFile',
    'notAFile',
  ]);
});

test('settings with their secrets in files beside them', () => {
  writeFileSync(at('brygga.yaml'), GOOD.replace('north-token-1', '{ file: north.txt }'), { mode: 0o644 });
  writeFileSync(at('north.txt'), 'north-token-2\n', { mode: 0o600 });
  const options = { env: { S_TOKEN: 'south-token-1' }, readFile: readFileFromDisk, kinds: [semaphore] };
  const result = readSettings(at('brygga.yaml'), options);
  expect(result).toMatchObject({ ok: true, loaded: { file: at('brygga.yaml'), warnings: [] } });
  const missing = readSettings(at('other.yaml'), options);
  expect(missing).toMatchObject({ ok: false, problems: [{ message: 'there is no such file' }] });
});
