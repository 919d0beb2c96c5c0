import { codePoints, unitOffset } from './code-points.ts';
import { attribute, type Element, NS } from './stanza.ts';

export interface Stripped {
  readonly text: string;
  /** What was cut out: the quote a client wrote for those that do not know replies. */
  readonly cut: string;
}

const number = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null);

/** The body without what stands in it only for clients that do not know `feature` (XEP-0428), and that part. */
export function stripFallback(message: Element, body: string, feature: string): Stripped {
  const fallback = message
    .getChildren('fallback', NS.fallback)
    .find((child) => attribute(child, 'for') === feature);
  if (fallback === undefined) return { text: body, cut: '' };
  const range = fallback.getChild('body');
  if (range === undefined) return { text: fallback.getChildElements().length === 0 ? '' : body, cut: body };
  const start = number(attribute(range, 'start')) ?? 0;
  const end = number(attribute(range, 'end')) ?? codePoints(body);
  if (end <= start) return { text: body, cut: '' };
  const from = unitOffset(body, start);
  const to = unitOffset(body, end);
  return { text: body.slice(0, from) + body.slice(to), cut: body.slice(from, to) };
}

/** The words of a quote: `> Anna: text` without its signs. */
export const unquoted = (quote: string): string =>
  quote
    .split('\n')
    .map((line) => line.replace(/^>+ ?/, ''))
    .join('\n')
    .trim();
