/** Bytes of `text` in UTF-8: what networks bound their messages by. */
export const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The graphemes (what people take for one character) of `text`, in order, without cutting all of it at once. */
export function* graphemes(text: string): Generator<string> {
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** Columns `text` takes in a fixed-width rendering, counted as graphemes. */
export function width(text: string): number {
  // Printable ASCII has one grapheme per unit: tables of numbers need no segmenter.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}

/**
 * The first `charsMax` graphemes of `text`, cut on a grapheme border. When something was cut, `end` (for
 * instance `…`) stands in the place of the last ones.
 */
export function clip(text: string, charsMax: number, end = ''): string {
  if (text.length <= charsMax) return text;
  const keep = Math.max(0, charsMax - width(end));
  let count = 0;
  let keepTo = 0;
  for (const { index } of segmenter.segment(text)) {
    if (count === keep) keepTo = index;
    if (count === charsMax) return text.slice(0, keepTo) + end;
    count += 1;
  }
  return text;
}

/** The last grapheme border at or before `offset`; `offset` itself when the grapheme around it begins at 0. */
export function graphemeBorder(text: string, offset: number): number {
  if (offset <= 0 || offset >= text.length) return Math.max(0, Math.min(offset, text.length));
  // A window is enough: segmenting all of a long text for each cut would be quadratic.
  const from = Math.max(0, offset - 256);
  const start = isLowSurrogate(text, from) ? from - 1 : from;
  const around = segmenter.segment(text.slice(start, offset + 256)).containing(offset - start);
  if (around === undefined) return offset;
  const border = start + around.index;
  if (border > start) return border;
  return start === 0 ? 0 : codePointBorder(text, offset);
}

/** The last code point border at or before `offset`. */
export const codePointBorder = (text: string, offset: number): number =>
  isLowSurrogate(text, offset) ? offset - 1 : offset;

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  return at > 0 && unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff;
}
