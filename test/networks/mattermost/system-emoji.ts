import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const read = (path: string): unknown =>
  JSON.parse(readFileSync(require.resolve(`emojibase-data/en/${path}`), 'utf8'));

const TONES = ['light', 'medium_light', 'medium', 'medium_dark', 'dark'];

interface Listed {
  readonly hexcode: string;
  readonly skins?: readonly unknown[];
}

/** The names a server knows of itself: those of emoji-datasource, with skin tones as endings. */
function load(): ReadonlySet<string> {
  const names = read('shortcodes/iamcal.json') as Readonly<Record<string, string | readonly string[]>>;
  const toned = (read('compact.json') as readonly Listed[]).filter(({ skins }) => skins !== undefined);
  const plain = Object.values(names).flat();
  const endings = toned.flatMap(({ hexcode }) => [names[hexcode] ?? []].flat());
  const withTones = endings.flatMap((name) => TONES.map((tone) => `${name}_${tone}_skin_tone`));
  return new Set([...plain, ...withTones, 'mattermost']);
}

let known: ReadonlySet<string> | undefined;

export function isSystemEmoji(name: string): boolean {
  known ??= load();
  return known.has(name);
}
