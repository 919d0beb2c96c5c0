import { clip } from './bytes.ts';
import { isMixed, toLatin } from './look-alikes.ts';

/** Longest name in graphemes. */
const NAME_MAX = 80;
/** Accents on one letter that are kept: Vietnamese needs two, stacked-up "zalgo" text has dozens. */
const ACCENTS_MAX = 3;

/**
 * Brackets and what looks like them. The standard's opening and closing punctuation (all scripts), less and
 * greater, single angle quotes, pieces of tall brackets, set signs, and letters that pass for brackets.
 */
const BRACKETS = /[\p{Ps}\p{Pe}<>‹›«»⊂⊃⊏⊐⎛-⎭⏜-⏡ᑕᑐᐸᐳ≺≻˂˃❨-❵◜-◟]/gu;
/** Line and paragraph ends, controls, unpaired halves, private use; what is invisible though it counts as a letter. */
const UNSEEN = /(?!\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * A person's name made safe to stand before the hub's own `(Organisation)`: no controls, no bidi, nothing
 * invisible, no brackets of any script, wide and ornamental letters as ordinary ones (NFKC), at most three
 * accents on a letter; a name that mixes Latin with letters that pass for Latin is written in Latin. Cut at 80
 * graphemes; a name of which nothing remains is `Unknown`. Doing it twice changes nothing.
 */
export function safeName(displayName: string): string {
  // A grapheme has few code points; ten thousand accents are cut off before they cost anything.
  const short = displayName.slice(0, 4096);
  const name = settle(settle(short));
  const cut = clip(name, NAME_MAX).trim();
  return cut === '' ? 'Unknown' : cut;
}

function settle(name: string): string {
  const spaced = name.normalize('NFKC').replace(/[\p{Z}\s]+/gu, ' ');
  const plain = spaced.replace(UNSEEN, '').replace(BRACKETS, ' ');
  const latin = isMixed(plain) ? toLatin(plain) : plain;
  return calm(latin.normalize('NFKC')).replace(/ {2,}/g, ' ').trim();
}

const calm = (name: string): string =>
  name.replace(new RegExp(`(\\p{M}{${ACCENTS_MAX}})\\p{M}+`, 'gu'), '$1').replace(/^\p{M}+/u, '');

/** How a person appears to people elsewhere: `Anna Svensson (Skatteverket)`. The bracket part is the hub's. */
export const personLabel = (displayName: string, organisation: string): string =>
  `${safeName(displayName)} (${organisation.trim()})`;
