/**
 * The running text of a post, as the mention parser is given it: code is skipped, and escapes and character
 * references are resolved first, so `&#64;all` is a mention (app/notification.go over shared/markdown).
 */
export function runningText(markdown: string): string[] {
  return blocksOf(markdown).flatMap(inlineText);
}

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const QUOTE = /^(?: {0,3}>[ \t]?)+/;
const INDENTED = /^(?: {4}|\t)/;
const LIST = /^\s*(?:[-*+]|\d{1,9}[.)])\s/;

const isOpening = (line: string): string | undefined => {
  const [, fence, info] = FENCE.exec(line) ?? [];
  return fence?.startsWith('`') === true && info?.includes('`') === true ? undefined : fence;
};
const isClosing = (line: string, fence: string): boolean =>
  new RegExp(`^ {0,3}\\${fence[0]}{${fence.length},}\\s*$`).test(line);

/** Paragraphs, without fenced and indented code. */
function blocksOf(markdown: string): string[] {
  const blocks: string[] = [];
  let paragraph: string[] = [];
  let fence: string | undefined;
  let isInList = false;
  const end = (): void => {
    if (paragraph.length > 0) blocks.push(paragraph.join('\n'));
    paragraph = [];
  };
  for (const raw of markdown.split(/\r\n|\r|\n/)) {
    const line = raw.replace(QUOTE, '');
    if (fence !== undefined) {
      if (isClosing(line, fence)) fence = undefined;
      continue;
    }
    fence = isOpening(line);
    isInList = LIST.test(line) || (isInList && line.trim() !== '');
    const isCode = INDENTED.test(line) && paragraph.length === 0 && !isInList;
    if (fence !== undefined || line.trim() === '') end();
    else if (!isCode) paragraph.push(line);
  }
  end();
  return blocks;
}

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const NAMED: Readonly<Record<string, string>> = {
  commat: '@',
  lowbar: '_',
  period: '.',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: '\u00a0',
};

function reference(text: string): { readonly char: string; readonly length: number } | undefined {
  const [whole, hex, decimal, name] = /^&(?:#[xX]([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (name !== undefined) {
    const char = NAMED[name];
    return char === undefined ? undefined : { char, length: whole.length };
  }
  const code = Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16);
  const char = code === 0 || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  return { char, length: whole.length };
}

/** Where a code span that opens here ends, or undefined: then its backticks are text. */
function spanEnd(text: string, ticks: string, from: number): number | undefined {
  for (const run of text.slice(from).matchAll(/`+/g)) {
    if (run[0].length === ticks.length) return from + run.index + ticks.length;
  }
  return undefined;
}

function inlineText(block: string): string[] {
  const runs: string[] = [];
  let run = '';
  for (let at = 0; at < block.length; ) {
    const rest = block.slice(at);
    const ticks = /^`+/.exec(rest)?.[0];
    const end = ticks === undefined ? undefined : spanEnd(block, ticks, at + ticks.length);
    const found = reference(rest);
    if (end !== undefined) {
      runs.push(run);
      run = '';
      at = end;
    } else if (rest.startsWith('\\') && PUNCTUATION.test(rest.charAt(1))) {
      run += rest.charAt(1);
      at += 2;
    } else {
      run += found?.char ?? ticks ?? rest.charAt(0);
      at += found?.length ?? ticks?.length ?? 1;
    }
  }
  return [...runs, run];
}
