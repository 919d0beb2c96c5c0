import type { Inline, MentionTarget } from '@brygga/event';
import { pointSlice } from './code-points.ts';
import { resourceOf } from './ids.ts';
import { attribute, type Element, NS } from './stanza.ts';

/** Words of a text that mean somebody. */
export type Mentions = ReadonlyMap<string, MentionTarget>;

/** Who can be mentioned: by nick. */
export interface People {
  nicks(): Iterable<string>;
  target(nick: string): MentionTarget | null;
}

const NICK_MIN = 3;
const SIGNS_MAX = 50;
const REFERENCES_MAX = 50;

/**
 * Whom a body mentions: by XEP-0372 references into `original` (the body as sent), by a nick at the very
 * beginning (`Anna: …`), and by `@nick`. Short nicks would be found everywhere and need a reference or an `@`.
 */
export function findMentions(message: Element, original: string, text: string, people: People): Mentions {
  const found = new Map<string, MentionTarget>();
  const add = (written: string, nick: string): void => {
    const target = people.target(nick);
    if (target !== null && written !== '') found.set(written, target);
  };
  for (const reference of message.getChildren('reference', NS.reference).slice(0, REFERENCES_MAX)) {
    if (attribute(reference, 'type') !== 'mention') continue;
    const begin = Number(attribute(reference, 'begin'));
    const end = Number(attribute(reference, 'end'));
    if (!(begin >= 0 && end > begin && end - begin <= 256)) continue;
    add(pointSlice(original, begin, end), nickOfUri(attribute(reference, 'uri')));
  }
  for (const nick of nicksIn(text, people)) add(nick.written, nick.nick);
  return found;
}

/** `xmpp:room@muc.example.org/nick`, percent-encoded (RFC 5122). */
function nickOfUri(uri: string): string {
  if (!uri.startsWith('xmpp:')) return '';
  try {
    return decodeURIComponent(resourceOf(uri.slice(5).replace(/\?.*$/s, '')));
  } catch {
    return '';
  }
}

function* nicksIn(text: string, people: People): Generator<{ written: string; nick: string }> {
  const after = (place: number): boolean => !/[\p{L}\p{N}]/u.test(text[place] ?? '');
  const signs = [...text.matchAll(/(?<![\p{L}\p{N}])@/gu)]
    .slice(0, SIGNS_MAX)
    .map((match) => match.index + 1);
  for (const nick of people.nicks()) {
    if (nick.length >= NICK_MIN && text.startsWith(nick) && /^[:,]/.test(text.slice(nick.length))) {
      yield { written: nick, nick };
    }
    for (const at of signs) {
      if (text.startsWith(nick, at) && after(at + nick.length)) yield { written: `@${nick}`, nick };
    }
  }
}

/** Puts mentions in the place of their words in a text; longer words first. */
export function placeMentions(value: string, mentions: Mentions): Inline[] {
  if (mentions.size === 0) return [{ type: 'text', value }];
  const words = [...mentions.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(words.map((word) => RegExp.escape(word)).join('|'), 'gu');
  const nodes: Inline[] = [];
  let at = 0;
  for (const match of value.matchAll(pattern)) {
    const target = mentions.get(match[0]);
    if (target === undefined) continue;
    if (match.index > at) nodes.push({ type: 'text', value: value.slice(at, match.index) });
    nodes.push({ type: 'mention', target, label: match[0].replace(/^@/, '') });
    at = match.index + match[0].length;
  }
  if (at < value.length) nodes.push({ type: 'text', value: value.slice(at) });
  return nodes;
}
