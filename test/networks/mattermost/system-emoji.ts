import table from './system-emoji.json' with { type: 'json' };

/** Skin tones as endings of names. */
const TONES = ['light', 'medium_light', 'medium', 'medium_dark', 'dark'];

/**
 * The names a server knows of itself: those of npm `emoji-datasource` 6.1.1 (MIT), from which Mattermost makes its list
 * (`webapp/channels/build/make_emojis.mjs`). Newer emoji do not exist there. The real list has further names for some of
 * these, which nobody needs who sends.
 */
const KNOWN: ReadonlySet<string> = new Set([
  ...table.plain,
  ...table.toned.flatMap((name) => TONES.map((tone) => `${name}_${tone}_skin_tone`)),
  'mattermost',
]);

export const isSystemEmoji = (name: string): boolean => KNOWN.has(name);
