import { readFileSync } from 'node:fs';
import { capabilityTable } from '@brygga/contract';
import { expect, it } from 'vitest';
import { manifest } from '../src/manifest.ts';

it('the README shows the capability table of the manifest', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(capabilityTable(manifest));
});
