/** A piece of HTML source. For tags, `name` is in small letters and `attributes` counts roughly. */
export interface Token {
  readonly kind: 'text' | 'open' | 'close' | 'other';
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly attributes: number;
}

/** Elements whose content the HTML standard reads as text up to their end tag. */
const RAW = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes']);

/**
 * Cuts HTML into tags and text in one pass without recursion and without building anything: cheap enough to
 * look at hostile input before a real parser does. It agrees with the HTML standard on where tags begin and end.
 */
export function* tokens(html: string): Generator<Token> {
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    const textTo = open < 0 ? html.length : open;
    if (textTo > at) yield text(at, textTo);
    if (open < 0) return;
    const token = markup(html, open);
    yield token;
    at = token.to;
    if (token.kind !== 'open' || !RAW.has(token.name)) continue;
    const end = rawEnd(html, token);
    if (end > at) yield { ...text(at, end), kind: 'other' };
    at = end;
  }
}

const text = (from: number, to: number): Token => ({ kind: 'text', name: '', from, to, attributes: 0 });

/** What begins with the `<` at `from`. */
function markup(html: string, from: number): Token {
  const next = html.charCodeAt(from + 1);
  const other = (to: number): Token => ({ ...text(from, to), kind: 'other' });
  if (isLetter(next)) return tag(html, from, from + 1, 'open');
  if (next === SLASH && isLetter(html.charCodeAt(from + 2))) return tag(html, from, from + 2, 'close');
  if (html.startsWith('!--', from + 1)) return other(commentEnd(html, from));
  if (next === SLASH || next === BANG || next === QUESTION) return other(after(html, '>', from + 2));
  return text(from, from + 1);
}

const [SLASH, BANG, QUESTION, GREATER, EQUALS, QUOTE, APOSTROPHE] = [47, 33, 63, 62, 61, 34, 39];
const isLetter = (unit: number): boolean => (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122);
const isSpace = (unit: number): boolean =>
  unit === 32 || unit === 9 || unit === 10 || unit === 12 || unit === 13;

function after(html: string, what: string, from: number): number {
  const at = html.indexOf(what, from);
  return at < 0 ? html.length : at + what.length;
}

function commentEnd(html: string, from: number): number {
  // "<!-->" and "<!--->" are whole comments; "--!>" ends one as well.
  if (html.startsWith('>', from + 4)) return from + 5;
  if (html.startsWith('->', from + 4)) return from + 6;
  const end = /--!?>/g;
  end.lastIndex = from + 4;
  return end.test(html) ? end.lastIndex : html.length;
}

function tag(html: string, from: number, nameFrom: number, kind: 'open' | 'close'): Token {
  let at = nameFrom;
  while (at < html.length && !isSpace(html.charCodeAt(at)) && !isEnd(html.charCodeAt(at))) at += 1;
  const name = html.slice(nameFrom, at).toLowerCase();
  let attributes = 0;
  while (at < html.length && html.charCodeAt(at) !== GREATER) {
    const unit = html.charCodeAt(at);
    if (isSpace(unit) || unit === SLASH) {
      at += 1;
    } else {
      attributes += 1;
      at = attributeEnd(html, at);
    }
  }
  return { kind, name, from, to: Math.min(at + 1, html.length), attributes };
}

const isEnd = (unit: number): boolean => unit === GREATER || unit === SLASH;

/** The end of the attribute that begins at `from`: a name (which may begin with `=`), perhaps with a value. */
function attributeEnd(html: string, from: number): number {
  let at = from + 1;
  while (at < html.length && !isNameEnd(html.charCodeAt(at))) at += 1;
  let value = at;
  while (isSpace(html.charCodeAt(value))) value += 1;
  if (html.charCodeAt(value) !== EQUALS) return at;
  value += 1;
  while (isSpace(html.charCodeAt(value))) value += 1;
  const quote = html.charCodeAt(value);
  if (quote === QUOTE || quote === APOSTROPHE) return after(html, html.charAt(value), value + 1);
  while (value < html.length && !isSpace(html.charCodeAt(value)) && html.charCodeAt(value) !== GREATER)
    value += 1;
  return value;
}

const isNameEnd = (unit: number): boolean => isSpace(unit) || isEnd(unit) || unit === EQUALS;

/** Where the end tag of a raw element begins (an exact search per element would be quadratic when none comes). */
function rawEnd(html: string, open: Token): number {
  const end = new RegExp(`</${open.name}(?=[\\s/>])`, 'gi');
  end.lastIndex = open.to;
  return end.exec(html)?.index ?? html.length;
}
