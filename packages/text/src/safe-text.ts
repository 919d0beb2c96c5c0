/**
 * Everything that is not text: C0 controls but newline and tab, DEL, C1 controls but NEL, noncharacters, and the
 * interlinear annotation marks. Many networks refuse a message that holds one (XML cannot even write most).
 */
const NOT_TEXT = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]/g;
const LINE_ENDS = /\r\n?|\x85|\u2028|\u2029/g;
/** Anything this function would touch: most text is done with one look. */
const SUSPECT =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufff9-\uffff]/;

/**
 * Text that every network can take: line ends become `\n`; controls (but `\n` and `\t`), noncharacters and
 * lone surrogates go. Bidi controls stay, since Arabic and Hebrew need them, but are balanced: an embedding,
 * override or isolate left open is closed at the end of its line, a closing one without its opening goes. So
 * no text can turn round what stands after it.
 */
export function safeText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  const clean = text.toWellFormed().replace(LINE_ENDS, '\n').replace(NOT_TEXT, '');
  const whole = text.isWellFormed() ? clean : clean.replace(/\ufffd/g, '');
  return BIDI.test(whole) ? whole.split('\n').map(balanced).join('\n') : whole;
}

const BIDI = /[\u202a-\u202e\u2066-\u2069]/;
const EMBEDDING = /[\u202a\u202b\u202d\u202e]/;
const ISOLATE = /[\u2066-\u2068]/;
const POP_EMBEDDING = '\u202c';
const POP_ISOLATE = '\u2069';
/** The bidi algorithm itself counts no further (UAX #9, max_depth). */
const OPEN_MAX = 125;

function balanced(line: string): string {
  const open: string[] = [];
  let out = '';
  for (const unit of line) {
    if (EMBEDDING.test(unit) || ISOLATE.test(unit)) {
      if (open.length >= OPEN_MAX) continue;
      open.push(ISOLATE.test(unit) ? POP_ISOLATE : POP_EMBEDDING);
    } else if (unit === POP_EMBEDDING || unit === POP_ISOLATE) {
      const closed = closeUpTo(open, unit);
      if (closed === null) continue;
      out += closed;
      continue;
    }
    out += unit;
  }
  return out + open.reverse().join('');
}

/** Closes what stands above the opening that `unit` closes; null when there is none it may close. */
function closeUpTo(open: string[], unit: string): string | null {
  // UAX #9: closing an isolate closes the embeddings within; closing an embedding never leaves an isolate.
  if (unit === POP_EMBEDDING) return open.at(-1) === unit ? (open.pop() ?? null) : null;
  const at = open.lastIndexOf(unit);
  return at < 0 ? null : open.splice(at).reverse().join('');
}
