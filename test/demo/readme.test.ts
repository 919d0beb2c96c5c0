import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MANIFESTS, PAGE, table, withTable } from './readme.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCREEN_LINES = 56;

test('the table of capabilities is the manifests’', () => {
  const page = readFileSync(PAGE, 'utf8');
  const upToDate = page === withTable(page, table(MANIFESTS));
  expect(upToDate, 'deploy/capabilities.md is out of date: node test/demo/readme.ts --write').toBe(true);
});

test('the table has every bridge that the command knows', { timeout: 60_000 }, () => {
  const told = execFileSync(process.execPath, ['packages/cli/src/main.ts', 'capabilities'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const known = [...told.matchAll(/^# .* \((\w+)\)$/gm)].map(([, protocol]) => protocol);
  expect(MANIFESTS.map(({ protocol }) => protocol)).toEqual(known);
});

test('the README is one screen', () => {
  const lines = readFileSync(`${ROOT}README.md`, 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(SCREEN_LINES);
});
