/** Text in the columns of a terminal. Pure. */

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\p{Regional_Indicator})/u;
const EAST_ASIAN =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
const INVISIBLE = /^[\p{Cc}\p{Cf}\p{Mn}\p{Me}]+$/u;
const COLOUR = /\x1b\[[0-9;]*m/g;

function cellsOf(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return EMOJI.test(grapheme) || EAST_ASIAN.test(grapheme) ? 2 : 1;
}

/** Columns that the text takes; colours take none. */
export function cells(text: string): number {
  const shown = text.replace(COLOUR, '');
  if (/^[\x20-\x7e]*$/.test(shown)) return shown.length;
  let count = 0;
  for (const { segment } of segmenter.segment(shown)) count += cellsOf(segment);
  return count;
}

/** What a server says cannot move the cursor or ring the bell. */
export const harmless = (text: string): string =>
  text.replace(/[^\S\n]/g, ' ').replace(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '');

/** Lines of at most that many columns, broken between words; a longer word is cut. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const hang = /^(?:- |\d+\. )/.test(line) ? '  ' : '';
    const lines: string[] = [];
    let now = '';
    for (const word of line.split(' ').flatMap((one) => cut(one, width - hang.length))) {
      const longer = now === '' ? word : `${now} ${word}`;
      if (now !== '' && cells(longer) > width) {
        lines.push(now);
        now = hang + word;
      } else now = longer;
    }
    return [...lines, now];
  });
}

function cut(word: string, width: number): string[] {
  if (cells(word) <= width) return [word];
  const pieces = [''];
  for (const { segment } of segmenter.segment(word)) {
    const last = pieces.at(-1) ?? '';
    if (cells(last + segment) > width) pieces.push(segment);
    else pieces[pieces.length - 1] = last + segment;
  }
  return pieces;
}

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - cells(text)));

/** The first words of a text on one line. */
export function shortened(text: string, width: number): string {
  const [first = '', ...more] = wrapped(text.replaceAll(/\s+/g, ' '), width - 2);
  return more.length === 0 ? first : `${first} …`;
}

/** Two blocks of lines side by side. */
export function beside(left: readonly string[], right: readonly string[], width: number): string[] {
  const rows = Math.max(left.length, right.length);
  return Array.from({ length: rows }, (_, row) =>
    `${padded(left[row] ?? '', width)} │ ${right[row] ?? ''}`.trimEnd(),
  );
}
