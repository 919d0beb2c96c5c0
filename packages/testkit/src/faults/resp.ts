const NOTHING: Buffer = Buffer.alloc(0);

/** Thrown for what is neither RESP2 nor RESP3. */
export class NotResp extends Error {
  override readonly name = 'NotResp';
}

/**
 * Cuts one direction of a Redis connection into whole frames: commands one way, answers the other
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/). Keeps what is not whole yet.
 */
export class Frames {
  #rest = NOTHING;

  /** The frames that are whole by now, in order. @throws NotResp */
  push(chunk: Buffer): Buffer[] {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    let at = 0;
    for (let end = endOf(all, at); end !== null; end = endOf(all, at)) {
      frames.push(all.subarray(at, end));
      at = end;
    }
    this.#rest = at === all.length ? NOTHING : Buffer.from(all.subarray(at));
    return frames;
  }
}

/** Kinds by their first byte: what their number means. */
const LINES = new Set(Array.from('+-:_#,(', (kind) => kind.charCodeAt(0)));
const STRINGS = new Set(Array.from('$!=', (kind) => kind.charCodeAt(0)));
const LISTS = new Set(Array.from('*~>', (kind) => kind.charCodeAt(0)));
const MAPS = new Set(Array.from('%', (kind) => kind.charCodeAt(0)));

/** Whether a frame came by itself, as no answer to anything. */
export const isPush = (frame: Buffer): boolean => frame[0] === 0x3e; // >

/** Where the frame that begins at `from` ends; null while it is not whole. */
function endOf(bytes: Buffer, from: number): number | null {
  let missing = 1;
  let at = from;
  while (missing > 0) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return null;
    const kind = bytes[at] ?? 0;
    const value = Number(bytes.toString('latin1', at + 1, line));
    at = line + 2;
    missing -= 1;
    if (STRINGS.has(kind)) at += value < 0 ? 0 : value + 2;
    else if (LISTS.has(kind)) missing += Math.max(0, value);
    else if (MAPS.has(kind)) missing += 2 * value;
    else if (!LINES.has(kind)) throw new NotResp(`a frame that begins with byte ${kind}`);
    if (at > bytes.length) return null;
  }
  return at;
}
