import { hits, type Law, type Tree, type Violation } from '../tree.ts';

/** The middle of the house: it asks a manifest, never for a name. */
const MIDDLE = /^packages\/(?:event|contract|text|wire|policy|bus|hub|testkit|cli)\/src\//;
/** The composition root names its bridges in one list. */
const THE_LIST = 'packages/cli/src/bridges.ts';

const NAMES = [
  'matrix',
  'xmpp',
  '(?:ms ?)?teams',
  'mattermost',
  'rocket[ .-]?chat',
  'synapse',
  'prosody',
  'graph[ -]?api',
  'jids?',
  'mxids?',
];
const NAMED = new RegExp(`(?<![a-z])(?:${NAMES.join('|')})(?![a-z])`, 'g');

/** `toMatrixId` -> `to matrix id`, `MXID_MAX` -> `mxid max`; of the same number of lines. */
const inWords = (text: string): string =>
  text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();

function networks(tree: Tree): Violation[] {
  return [...tree]
    .filter(([path]) => MIDDLE.test(path) && path !== THE_LIST)
    .flatMap(([path, text]) => [
      ...hits(path, inWords(text), NAMED, (name) => `names a network: ${name}`),
      ...[...inWords(path).matchAll(NAMED)].map(([name]) => ({
        place: path,
        says: `is named after a network: ${name}`,
      })),
    ]);
}

export const NAME_LAWS: readonly Law[] = [
  { name: 'names/network', says: 'no network is named in the packages', check: networks },
];
