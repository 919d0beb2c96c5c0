import { type Block, type Body, plainBody } from '@brygga/event';
import { codePointBorder, utf8Bytes } from './bytes.ts';
import { plainText } from './plain.ts';
import { take } from './take.ts';

export interface SplitBounds {
  /** What one part may measure. */
  readonly bytesMax: number;
  readonly partsMax: number;
  /** Size of a part as the network counts it; it must grow with the body. Usual: bytes of its plain text. */
  readonly measure?: (body: Body) => number;
  /** Ends the last part when `partsMax` leaves something out. */
  readonly note?: string;
}

const plainBytes = (body: Body): number => utf8Bytes(plainText(body));
const root = (children: Block[]): Body => ({ type: 'root', children });

/**
 * The body as parts that each measure at most `bytesMax`: cut between blocks, else behind a sentence, else at a
 * space, else between graphemes (only a single grapheme larger than a part is cut, between code points). Code,
 * quotes and lists go on as such in the next part. What `partsMax` leaves out is told by `note`, `[…]`, at the
 * end of the last part. A body that fits is returned as it is; there is always at least one part.
 */
export function splitBody(body: Body, bounds: SplitBounds): Body[] {
  const { bytesMax, partsMax, measure = plainBytes, note = '[…]' } = bounds;
  const fits = (blocks: readonly Block[]): boolean => measure(root([...blocks])) <= bytesMax;
  if (fits(body.children)) return [body];
  const last: Block = { type: 'paragraph', children: [{ type: 'text', value: note }] };
  const parts: Body[] = [];
  let rest: readonly Block[] = body.children;
  while (rest.length > 0) {
    const cut = takeSome(rest, fits);
    if (parts.length + 1 >= partsMax && cut.rest.length > 0) {
      const shorter = take(rest, (blocks) => fits([...blocks, last]));
      parts.push(root([...shorter.part, last]));
      return parts;
    }
    parts.push(root(cut.part));
    rest = cut.rest;
  }
  return parts;
}

interface Cut {
  readonly part: Block[];
  readonly rest: Block[];
}

/** `take` that always takes something: what cannot be cut as it is is cut as plain text. */
function takeSome(blocks: readonly Block[], fits: (blocks: readonly Block[]) => boolean): Cut {
  const cut = take(blocks, fits);
  const [first, ...rest] = blocks;
  if (cut.part.length > 0 || first === undefined) return cut;
  const text = plainText(root([first]));
  const flat = plainBody(text).children;
  const again = take([...flat, ...rest], fits);
  if (again.part.length > 0 || flat.length === 0) return again;
  return takePoint(text, rest);
}

/** The smallest thing there is, whether it fits or not: else the splitting would never end. */
function takePoint(text: string, rest: Block[]): Cut {
  const end = Math.max(1, codePointBorder(text, 2));
  const paragraphs = plainBody(text.slice(end)).children;
  return { part: plainBody(text.slice(0, end)).children, rest: [...paragraphs, ...rest] };
}
