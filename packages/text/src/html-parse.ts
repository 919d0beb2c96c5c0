import type { ElementContent, Root } from 'hast';
import { fromHtml } from 'hast-util-from-html';
import { HTML_BOUNDS, type HtmlBounds, withinBounds } from './html-depth.ts';
import { tokens } from './html-scan.ts';

/**
 * The tree of an HTML fragment. HTML over the bounds (too long, too deep, crafted to blow up a parser) comes
 * back as its text alone, tags stripped, cut at `bytesMax`; so any input is safe and takes linear time.
 */
export function parseHtml(html: string, bounds: Partial<HtmlBounds> = {}): Root {
  const limits = { ...HTML_BOUNDS, ...bounds };
  if (!withinBounds(html, limits)) return strippedRoot(html, limits.bytesMax);
  try {
    return fromHtml(html, { fragment: true });
  } catch (error) {
    // The stack is the parser's last bound. The scan is made so that it is never reached.
    if (error instanceof RangeError) return strippedRoot(html, limits.bytesMax);
    throw error;
  }
}

const LINES = new Set(
  'address article aside blockquote br center dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
);

/** The text of HTML without building a tree: tags go, those of blocks become line ends. */
export function strippedText(html: string): string {
  const out: string[] = [];
  for (const token of tokens(html)) {
    if (token.kind === 'text')
      out.push(decoded(html.slice(token.from, token.to).replace(/[ \t\n\r\f]+/g, ' ')));
    else if (LINES.has(token.name) && out.at(-1) !== '\n') out.push('\n');
  }
  return out.join('').trim();
}

function strippedRoot(html: string, charsMax: number): Root {
  const children: ElementContent[] = [];
  for (const value of strippedText(html.slice(0, charsMax)).split('\n')) {
    if (children.length > 0) children.push({ type: 'element', tagName: 'br', properties: {}, children: [] });
    children.push({ type: 'text', value });
  }
  return { type: 'root', children };
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

const decoded = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi, (all, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? all;
    const point = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return point > 0x10ffff || point === 0 ? '\ufffd' : String.fromCodePoint(point);
  });
