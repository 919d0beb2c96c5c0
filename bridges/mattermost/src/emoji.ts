import { nameToEmoji } from 'gemoji';
import table from './emoji-names.json' with { type: 'json' };

/**
 * Mattermost names emoji as npm `emoji-datasource` 6.1.1 does (its server's list is made from that), and knows GitHub's
 * names beside them. `emoji-names.json` holds the former: `names` in order, the first of an emoji is the one to be sent;
 * `toned` lists those that come in skin tones, whose names have a suffix. Newer emoji do not exist there.
 */
const TONES: Readonly<Record<string, string>> = {
  light_skin_tone: '\u{1f3fb}',
  medium_light_skin_tone: '\u{1f3fc}',
  medium_skin_tone: '\u{1f3fd}',
  medium_dark_skin_tone: '\u{1f3fe}',
  dark_skin_tone: '\u{1f3ff}',
};

const VARIATION = '\ufe0f';
const bare = (emoji: string): string => emoji.replaceAll(VARIATION, '');

/** The tone stands behind the first character, in place of the variation selector. */
function toned(emoji: string, tone: string): string {
  const [first = '', ...rest] = emoji;
  return first + tone + (rest[0] === VARIATION ? rest.slice(1) : rest).join('');
}

const EMOJI = new Map<string, string>(Object.entries(table.names));
const NAMES = new Map<string, string>();
for (const [name, emoji] of EMOJI) if (!NAMES.has(bare(emoji))) NAMES.set(bare(emoji), name);
for (const name of table.toned)
  for (const [suffix, tone] of Object.entries(TONES)) {
    const emoji = toned(EMOJI.get(name) ?? '', tone);
    EMOJI.set(`${name}_${suffix}`, emoji);
    NAMES.set(bare(emoji), `${name}_${suffix}`);
  }

/** The emoji of a name (without colons), or null: a custom one, or none. */
export const emojiOf = (name: string): string | null => EMOJI.get(name) ?? nameToEmoji[name] ?? null;

/** The name of an emoji, or null where Mattermost has none for it. */
export const nameOf = (emoji: string): string | null => NAMES.get(bare(emoji)) ?? null;

/** The name of a custom emoji, as the hub writes such reactions: `:name:`. */
export const customName = (emoji: string): string | null =>
  /^:([a-zA-Z0-9\-+_]{1,64}):$/.exec(emoji)?.[1] ?? null;
