const NOTHING: Buffer = Buffer.alloc(0);
const [LESS, GREATER, SLASH, QUESTION] = Array.from('<>/?', (sign) => sign.charCodeAt(0));
const QUOTES: ReadonlySet<number | undefined> = new Set(Array.from('"\'', (sign) => sign.charCodeAt(0)));

/** A piece of an XMPP stream: a whole stanza, or something beside them (the stream's own tags, white space). */
export interface Piece {
  readonly bytes: Buffer;
  readonly stanza: boolean;
}

/**
 * Cuts one direction of an XMPP stream into its stanzas (RFC 6120 §4: elements of the first level; there are no
 * comments and no instructions among them). Keeps what is not whole yet.
 */
export class Stanzas {
  #rest = NOTHING;
  #depth = 0;
  /** Where in the rest nothing has been looked at yet. */
  #at = 0;

  /** The pieces that are whole by now, in order. */
  push(chunk: Buffer): Piece[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const pieces: Piece[] = [];
    let from = 0;
    for (;;) {
      const open = this.#rest.indexOf('<', this.#at);
      const end = open < 0 ? null : endOf(this.#rest, open);
      if (end === null) break;
      if (this.#depth <= 1 && open > from) {
        pieces.push({ bytes: this.#rest.subarray(from, open), stanza: false });
        from = open;
      }
      const before = this.#depth;
      this.#depth += change(this.#rest, open, end);
      this.#at = end;
      if (this.#depth > 1) continue;
      pieces.push({ bytes: this.#rest.subarray(from, end), stanza: before > 1 || this.#isEmpty(open, end) });
      from = end;
    }
    this.#keep(from, pieces);
    return pieces;
  }

  /** An element of the first level without anything in it. */
  #isEmpty(open: number, end: number): boolean {
    return this.#depth === 1 && this.#rest[end - 2] === SLASH && this.#rest[open + 1] !== QUESTION;
  }

  /** White space between stanzas is no beginning of one: servers take it as a sign of life. */
  #keep(from: number, pieces: Piece[]): void {
    const bare = this.#depth <= 1 && from < this.#rest.length && this.#rest.indexOf('<', from) < 0;
    if (bare) pieces.push({ bytes: this.#rest.subarray(from), stanza: false });
    const kept = bare ? this.#rest.length : from;
    this.#rest = kept === this.#rest.length ? NOTHING : Buffer.from(this.#rest.subarray(kept));
    this.#at = Math.max(0, this.#at - kept);
  }
}

/** Where the tag that begins at `open` ends; null while it is not whole. A `>` may stand in a value. */
function endOf(bytes: Buffer, open: number): number | null {
  let quote: number | null = null;
  for (let at = open + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (quote !== null) quote = byte === quote ? null : quote;
    else if (byte === GREATER) return at + 1;
    else if (QUOTES.has(byte)) quote = byte ?? null;
  }
  return null;
}

/** By how many levels a tag leads deeper. */
function change(bytes: Buffer, open: number, end: number): -1 | 0 | 1 {
  if (bytes[open] !== LESS || bytes[open + 1] === QUESTION || bytes[end - 2] === SLASH) return 0;
  return bytes[open + 1] === SLASH ? -1 : 1;
}
