import { Nesting } from './html-nesting.ts';
import { tokens } from './html-scan.ts';

/** Bounds on HTML before a parser may see it. */
export interface HtmlBounds {
  readonly bytesMax: number;
  /** Elements within each other. */
  readonly depthMax: number;
  /** Attributes of one tag. */
  readonly attributesMax: number;
  /** Places where tags do not nest as they should and a parser has to guess. */
  readonly faultsMax: number;
  /** Formatting elements a parser may have to open again, counted over all tags. */
  readonly reopenedMax: number;
}

export const HTML_BOUNDS: HtmlBounds = {
  bytesMax: 256 * 1024,
  depthMax: 100,
  attributesMax: 50,
  faultsMax: 20,
  reopenedMax: 100_000,
};

/** Content in which a parser follows rules of its own: never in a message, and not worth modelling. */
const FOREIGN = new Set('svg math template select frameset plaintext noscript'.split(' '));

/**
 * Whether a parser may be given this HTML: its tree cannot become deep, nor much larger than its source. How
 * deep a parser's tree is can be told from the source only where tags nest; so few faults are allowed, and each
 * can leave at most `depthMax` elements open that are counted as closed here.
 */
export function withinBounds(html: string, bounds: HtmlBounds): boolean {
  if (html.length > bounds.bytesMax || Buffer.byteLength(html) > bounds.bytesMax) return false;
  const nesting = new Nesting();
  for (const { kind, name, attributes } of tokens(html)) {
    if (kind === 'close') nesting.close(name);
    if (kind === 'open') {
      if (FOREIGN.has(name) || attributes > bounds.attributesMax) return false;
      nesting.open(name);
    }
    if (nesting.depth > bounds.depthMax || nesting.faults > bounds.faultsMax) return false;
    if (nesting.reopened > bounds.reopenedMax) return false;
  }
  return true;
}
