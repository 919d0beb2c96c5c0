/**
 * The table of what each network is given, made from the manifests of the bridges.
 *   node test/demo/readme.ts           prints it
 *   node test/demo/readme.ts --write   puts it between its markers in deploy/capabilities.md
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FEATURES, type Manifest } from '@brygga/contract';
import { matrix } from '@brygga/matrix';
import { mattermost } from '@brygga/mattermost';
import { xmpp } from '@brygga/xmpp';

export const PAGE = fileURLToPath(new URL('../../deploy/capabilities.md', import.meta.url));
export const MANIFESTS: readonly Manifest[] = [matrix.manifest, xmpp.manifest, mattermost.manifest];

const BEGIN = '<!-- capabilities -->';
const END = '<!-- /capabilities -->';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Feature by network: how well the hub's event is carried out to it. */
export function table(manifests: readonly Manifest[]): string {
  const names = manifests.map(({ title, protocol }) => `[${title}](../bridges/${protocol}/README.md)`);
  const rows = FEATURES.map((feature) =>
    row([feature, ...manifests.map(({ features }) => features[feature].out)]),
  );
  return [row(['feature', ...names]), `|${'---|'.repeat(names.length + 1)}`, ...rows].join('\n');
}

/** The page with that table between its markers. */
export function withTable(page: string, made: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n${made}\n${page.slice(end)}`;
}

if (import.meta.main) {
  if (process.argv.includes('--write'))
    writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), table(MANIFESTS)));
  else process.stdout.write(`${table(MANIFESTS)}\n`);
}
