import { createHash } from 'node:crypto';

/** Nicks stay within this many bytes: long ones are cut off by clients, and limits count bytes. */
export const NICK_BYTES_MAX = 60;
const TAIL_BYTES_MAX = 32;

/**
 * Letters servers refuse or silently drop in a nick (resourceprep, RFC 7613): controls, formats, private use,
 * emoji with what joins and colours them.
 */
const REFUSED =
  /[\p{C}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{Variation_Selector}]|\u20e3/gu;
/** Digits and `#*` count as pictographs nowhere, but `©` and `®` do: they may go. */
const cleaned = (text: string): string =>
  text.normalize('NFKC').replace(/\s+/gu, ' ').replace(REFUSED, '').replace(/\s+/gu, ' ').trim();

/** What a server compares nicks by, near enough: two nicks equal in this cannot both be in a room. */
export const foldNick = (nick: string): string => nick.normalize('NFKC').toLowerCase();

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

function cut(text: string, bytesMax: number): string {
  if (bytes(text) <= bytesMax) return text;
  let out = '';
  for (const { segment } of segmenter.segment(text)) {
    if (bytes(out) + bytes(segment) > bytesMax) break;
    out += segment;
  }
  return out.trim();
}

/** `Anna (Agency)` in its two parts; the bracket part is kept whole as long as it is not absurd. */
function parts(label: string): { head: string; tail: string } {
  const match = /^(.*?)\s*\(([^()]*)\)$/u.exec(label);
  if (match?.[1] === undefined || match[2] === undefined) return { head: label, tail: '' };
  const inner = cut(match[2], TAIL_BYTES_MAX);
  return { head: match[1], tail: inner === '' ? '' : ` (${inner})` };
}

const SPELLED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  þ: 'th',
  Þ: 'Th',
  ð: 'd',
};

/** Plain ASCII letters that are near enough. */
const ascii = (text: string): string =>
  [...text.normalize('NFKD').replace(/\p{M}/gu, '')]
    .map((letter) => SPELLED[letter] ?? (/[\x20-\x7e]/.test(letter) ? letter : ''))
    .join('')
    .replace(/ +/g, ' ')
    .trim();

export interface NickPlan {
  /** In the order to try while the room says `conflict`. */
  readonly wanted: readonly string[];
  /** The same when the server calls a nick malformed. */
  readonly plain: readonly string[];
}

/** The nicks to try for a person, best first; `who` makes the last ones theirs alone. */
export function nickPlan(label: string, suffix: string, who: string): NickPlan {
  const hash = createHash('sha256').update(who).digest('hex').slice(0, 6);
  const end = suffix === '' ? '' : suffix.replace(/\s+/gu, ' ').trimEnd();
  const { head, tail } = parts(cleaned(label));
  const build = (name: string, back: string): string => {
    const kept = cut(name, NICK_BYTES_MAX - bytes(back));
    return kept === '' ? cut(`user-${hash}${back}`, NICK_BYTES_MAX) : kept + back;
  };
  const plainTail = tail === '' ? '' : ` (${ascii(tail.slice(2, -1))})`.replace(' ()', '');
  return {
    wanted: ['', ' (2)', ' (3)', ` ${hash}`].map((extra) => build(head, tail + extra + end)),
    plain: [
      build(ascii(head), plainTail + ascii(end)),
      build(ascii(head), `${plainTail} ${hash}${ascii(end)}`),
      `user-${hash}`,
    ],
  };
}
