import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capabilityTable } from '@brygga/contract';
import { expect, test } from 'vitest';
import { manifest } from '../src/manifest.ts';
import { MattermostSettings } from '../src/settings.ts';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

test('the capability table is the manifest’s', () => {
  const table = /<!-- capabilities:[^>]*-->\n([\s\S]*?)\n<!-- \/capabilities -->/.exec(readme)?.[1];
  expect(table?.trim()).toBe(capabilityTable(manifest));
});

test('every setting is named', () => {
  for (const name of Object.keys(MattermostSettings.shape)) expect(readme).toContain(`\`${name}\``);
});

test('every feature that is not full says why', () => {
  for (const [feature, { in: inward, out, note }] of Object.entries(manifest.features)) {
    if (inward !== 'full' || out !== 'full') expect(note, feature).toMatch(/\w+ \w+.*\.$/);
  }
});
