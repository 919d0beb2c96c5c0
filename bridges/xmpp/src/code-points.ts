/**
 * XMPP counts characters as Unicode code points (XEP-0372, XEP-0426), JavaScript as UTF-16 units. Nothing else in
 * this bridge may turn one into the other.
 */
export const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** The UTF-16 offset of code point number `index`; the length of the text when it is shorter. */
export function unitOffset(text: string, index: number): number {
  let units = 0;
  let left = index;
  for (const point of text) {
    if (left <= 0) return units;
    units += point.length;
    left -= 1;
  }
  return units;
}

/** The code points from `start` up to and without `end`. */
export const pointSlice = (text: string, start: number, end: number): string =>
  text.slice(unitOffset(text, start), unitOffset(text, end));
