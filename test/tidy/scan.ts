/**
 * Tells code from what is not: the same text, of the same length, with comments and the contents of strings,
 * templates and regular expressions blanked. Quotes, line ends and the code inside `${}` stay.
 */
export interface Scan {
  readonly code: string;
  readonly comments: readonly Comment[];
}
export interface Comment {
  readonly start: number;
  readonly text: string;
}

/** After these words a slash begins a regular expression, not a division. */
const BEFORE_REGEX = new Set(
  'return typeof case in of delete void throw new instanceof await yield else do'.split(' '),
);

class Scanner {
  readonly #text: string;
  readonly #out: string[];
  readonly comments: Comment[] = [];
  /** For each open `${`: how many braces are open inside it. */
  readonly #holes: number[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#out = text.split('');
  }

  run(): Scan {
    if (this.#text.startsWith('#!')) this.#blank(this.#lineEnd());
    while (this.#at < this.#text.length) this.#step();
    return { code: this.#out.join(''), comments: this.comments };
  }

  #step(): void {
    const char = this.#text.charAt(this.#at);
    const two = this.#text.slice(this.#at, this.#at + 2);
    if (two === '//') this.#comment(this.#lineEnd());
    else if (two === '/*') this.#comment(this.#after('*/', this.#at + 2));
    else if (char === "'" || char === '"') this.#string(char);
    else if (char === '`') this.#template();
    else if (char === '/' && this.#regexMayBegin()) this.#regex();
    else if (char === '{' || char === '}') this.#brace(char);
    else this.#at++;
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end === -1 ? this.#text.length : end;
  }

  #after(mark: string, from: number): number {
    const found = this.#text.indexOf(mark, from);
    return found === -1 ? this.#text.length : found + mark.length;
  }

  #blank(end: number): void {
    for (; this.#at < end; this.#at++) if (this.#text[this.#at] !== '\n') this.#out[this.#at] = ' ';
  }

  #comment(end: number): void {
    this.comments.push({ start: this.#at, text: this.#text.slice(this.#at, end) });
    this.#blank(end);
  }

  #string(quote: string): void {
    let end = ++this.#at;
    while (end < this.#text.length && this.#text[end] !== quote && this.#text[end] !== '\n') {
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    this.#blank(Math.min(end, this.#text.length));
    if (this.#text[this.#at] === quote) this.#at++;
  }

  /** From a backtick, or from the brace that closes a hole, to the next hole or the closing backtick. */
  #template(): void {
    let end = ++this.#at;
    while (end < this.#text.length && this.#text[end] !== '`' && !this.#text.startsWith('${', end)) {
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    this.#blank(Math.min(end, this.#text.length));
    if (this.#text[this.#at] === '$') {
      this.#blank(this.#at + 1);
      this.#holes.push(0);
    }
    this.#at++;
  }

  #brace(char: '{' | '}'): void {
    const open = this.#holes.at(-1);
    if (open === 0 && char === '}') {
      this.#holes.pop();
      this.#template();
      return;
    }
    if (open !== undefined) this.#holes[this.#holes.length - 1] = open + (char === '{' ? 1 : -1);
    this.#at++;
  }

  #regexMayBegin(): boolean {
    let back = this.#at - 1;
    while (back >= 0 && /\s/.test(this.#out[back] ?? '')) back--;
    if (back < 0) return true;
    const before = this.#out.slice(Math.max(0, back - 20), back + 1).join('');
    const word = /[\w$]+$/.exec(before)?.[0];
    return word === undefined ? !/[)\]'"`/]$/.test(before) : BEFORE_REGEX.has(word);
  }

  #regex(): void {
    let inClass = false;
    let end = ++this.#at;
    for (; end < this.#text.length && this.#text[end] !== '\n'; end++) {
      const char = this.#text[end];
      if (char === '\\') end++;
      else if (char === '[') inClass = true;
      else if (char === ']') inClass = false;
      else if (char === '/' && !inClass) break;
    }
    this.#blank(Math.min(end, this.#text.length));
    this.#at++;
  }
}

const seen = new Map<string, Scan>();

export function scan(text: string): Scan {
  const known = seen.get(text);
  if (known !== undefined) return known;
  const result = new Scanner(text).run();
  seen.set(text, result);
  return result;
}

/** Only the comments of a text, each at its place, everything else blank. */
export function commentsOf(text: string): string {
  let out = '';
  for (const comment of scan(text).comments) {
    out += text.slice(out.length, comment.start).replaceAll(/[^\n]/g, ' ') + comment.text;
  }
  return out;
}
