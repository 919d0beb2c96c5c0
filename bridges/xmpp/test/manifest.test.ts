import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capabilityTable } from '@brygga/contract';
import { manifestFaults } from '@brygga/testkit';
import { expect, it } from 'vitest';
import { accountManifest, xmpp } from '../src/index.ts';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

it('the README shows the manifest', () => {
  expect(readme).toContain(capabilityTable(xmpp.manifest));
});

it('the manifests are sound', () => {
  expect(manifestFaults(xmpp.manifest)).toEqual([]);
  expect(manifestFaults(accountManifest)).toEqual([]);
});
