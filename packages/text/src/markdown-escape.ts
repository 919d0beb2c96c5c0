/** A separator that nobody sees: what stands on both sides of it is not one word, nor one mark. */
export const UNSEEN_SEPARATOR = '\u200b';

/** Addresses that stand by themselves stay as they are: clients make links of them. */
const ADDRESS =
  /(?<![^\s(])(?:https?:\/\/|www\.)[\w\-.~:/?#@!$'+,;=%&]*[a-z0-9/=-](?![^\s).,;:!?]|[).,;:!?]+[^\s).,;:!?])/gi;
/** Where a client would see the beginning of one. */
const BEGINNING = /https?:(?=\/\/)|www(?=\.)/gi;
const REFERENCE = /&(?=#?\w+;)/g;

export interface EscapeContext {
  /** Whether the text is a link's label. */
  readonly label: boolean;
  /** Whether the paragraph has letters that could end a link's label. */
  readonly brackets: boolean;
  /** Whether it stands in a cell of a table. */
  readonly cell: boolean;
  /** Disarms what is no Markdown, but means something to the network. */
  readonly guard: (text: string) => string;
}

/** The source of words: what could begin or end a mark is escaped, and nothing else. */
export const escapeText = (text: string, context: EscapeContext): string =>
  text
    .split('\n')
    .map((line) => escapeInLine(line, context))
    .join('\n');

function escapeInLine(text: string, context: EscapeContext): string {
  let out = '';
  let from = 0;
  for (const address of text.matchAll(ADDRESS)) {
    const end = address.index + address[0].length;
    if (context.label || text.slice(address.index, end + 1).search(REFERENCE) >= 0) continue;
    out += escapeWords(text.slice(from, address.index), context) + addressSource(address[0], context);
    from = end;
  }
  return out + escapeWords(text.slice(from), context);
}

/** An address with something in it that has to be disarmed leads there from words that are. */
function addressSource(address: string, context: EscapeContext): string {
  if (context.guard(address) === address) return address;
  const words = escapeWords(address, { ...context, label: true });
  return /^https?:/i.test(address) ? `[${words}](${escapeUrl(address, context.guard)})` : words;
}

function escapeWords(text: string, { label, brackets, cell, guard }: EscapeContext): string {
  const marks = guard(text)
    .replace(/\\(?=[!-/:-@[-`{-~]|$)|[`*]|~(?=~|$)|(?<=~|^)~/g, '\\$&')
    // Between letters an underscore is a letter.
    .replace(/(?<![\p{L}\p{N}_])_+|_+(?![\p{L}\p{N}_])/gu, (run) => '\\_'.repeat(run.length))
    .replace(BEGINNING, `$&${UNSEEN_SEPARATOR}`)
    .replace(REFERENCE, `&${UNSEEN_SEPARATOR}`);
  const whole = cell ? marks.replaceAll('|', '\\|') : marks;
  return label || brackets ? whole.replace(/[[\]]/g, '\\$&') : whole;
}

/** A line of a paragraph made safe at its beginning, where it could begin a heading, a list, a quote, a rule. */
export function escapeLine(line: string): string {
  const indent = /^ +/.exec(line)?.[0].length ?? 0;
  const words = line.slice(indent);
  // Four spaces would make code of it.
  return '\u00a0'.repeat(indent) + lineStart(words);
}

function lineStart(line: string): string {
  if (/^[#>]/.test(line) || /^[-+](?=\s|$)/.test(line) || /^=+\s*$/.test(line)) return `\\${line}`;
  const number = /^(\d{1,9})([.)])(?=\s|$)/.exec(line);
  if (number !== null) return `${number[1]}\\${line.slice(number[1]?.length)}`;
  // A rule, or what makes a table of the line above.
  return /^[-|: ]*-[-|: ]*$/.test(line) ? line.replace('-', '\\-') : line;
}

/**
 * The destination of a link, as it may stand between round brackets. An `@` in it that would call somebody, were it text,
 * is written `%40`: not every reader of calls knows what a destination is.
 */
export function escapeUrl(url: string, guard: EscapeContext['guard']): string {
  const written = url.replace(
    /[\s()<>\\|]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return guard(written) === written ? written : written.replaceAll('@', '%40');
}

/** Code between backticks, more of them than it has in a row itself. */
export function codeSpan(value: string): string {
  const fence = '`'.repeat(longestRun(value) + 1);
  const space = /^`|`$/.test(value) || (/^ .* $/.test(value) && value.trim() !== '') ? ' ' : '';
  return `${fence}${space}${value}${space}${fence}`;
}

export function codeBlock(value: string, lang: string | null): string {
  const fence = '`'.repeat(Math.max(3, longestRun(value) + 1));
  return `${fence}${lang ?? ''}\n${value}\n${fence}`;
}

const longestRun = (value: string): number =>
  (value.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
