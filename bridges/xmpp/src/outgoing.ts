import { utf8Bytes } from '@brygga/text';
import { codePoints } from './code-points.ts';
import { el } from './element.ts';
import { type Element, NS, xmlText } from './stanza.ts';

/** Whole stanzas stay below what any server on the way takes (XEP-0045 rooms relay to other servers). */
export const STANZA_BYTES_MAX = 60_000;

export interface Envelope {
  readonly room: string;
  readonly from: string;
  readonly id: string;
  /** Hubs the event went through, this one among them. */
  readonly hops: readonly string[];
}

/** What one message holds beside its text. */
export interface Extras {
  readonly unstyled?: boolean;
  /** `@id` of the first version (XEP-0308). */
  readonly replace?: string;
  readonly reply?: ReplyTo | null;
  readonly thread?: string | null;
  /** Natives who are mentioned: as written, and their room JID. */
  readonly references?: readonly Reference[];
}
export interface Reference {
  readonly text: string;
  readonly occupant: string;
}
/** `quote`: for clients that do not know replies, put before the text; empty for none. */
export interface ReplyTo {
  readonly id: string;
  readonly to: string | null;
  readonly quote: string;
}

const store = (): Element => el('store', { xmlns: NS.hints });
const hopsOf = (envelope: Envelope): Element[] =>
  envelope.hops.map((hub) => el('hop', { xmlns: NS.brygga, hub }));

function stanza(envelope: Envelope, ...children: readonly (Element | null)[]): Element {
  const { id, from, room } = envelope;
  return el(
    'message',
    { type: 'groupchat', to: room, from, id },
    ...children,
    el('origin-id', { xmlns: NS.stanzaId, id }),
    ...hopsOf(envelope),
  );
}

/** A groupchat message (XEP-0045 §7.4), with an origin-id by which it is known when it comes back. */
export function messageStanza(envelope: Envelope, text: string, extras: Extras = {}): Element {
  const { reply, replace, thread, unstyled, references = [] } = extras;
  const quote = xmlText(reply?.quote ?? '');
  const body = quote + xmlText(text);
  return stanza(
    envelope,
    el('body', {}, body),
    replace === undefined ? null : el('replace', { xmlns: NS.replace, id: replace }),
    reply == null ? null : el('reply', { xmlns: NS.reply, id: reply.id, to: reply.to ?? undefined }),
    reply == null || quote === '' ? null : quoteRange(quote),
    thread == null ? null : el('thread', {}, thread),
    unstyled === true ? el('unstyled', { xmlns: NS.styling }) : null,
    ...referencesIn(body, codePoints(quote), references),
  );
}

/** XEP-0428: which part of the body is the quote, in code points. */
const quoteRange = (quote: string): Element =>
  el('fallback', { xmlns: NS.fallback, for: NS.reply }, el('body', { start: 0, end: codePoints(quote) }));

/** XEP-0372, for the mentions in the order they stand in the text. */
function referencesIn(body: string, skip: number, references: readonly Reference[]): Element[] {
  const found: Element[] = [];
  let at = [...body].slice(0, skip).join('').length;
  for (const { text, occupant } of references) {
    const start = body.indexOf(text, at);
    if (start < 0) continue;
    at = start + text.length;
    const begin = codePoints(body.slice(0, start));
    const slash = occupant.indexOf('/');
    const uri = `xmpp:${occupant.slice(0, slash)}/${encodeURIComponent(occupant.slice(slash + 1))}`;
    found.push(
      el('reference', { xmlns: NS.reference, type: 'mention', begin, end: begin + codePoints(text), uri }),
    );
  }
  return found;
}

/** Takes a message back (XEP-0424), with a line for clients that do not know how, kept in the archive. */
export const retractStanza = (envelope: Envelope, stanzaId: string, words: string): Element =>
  stanza(
    envelope,
    el('retract', { xmlns: NS.retract, id: stanzaId }),
    el('fallback', { xmlns: NS.fallback, for: NS.retract }),
    el('body', {}, `/me ${words}`),
    store(),
  );

/** The whole set of one person's reactions (XEP-0444); without the hint it would not reach the archive. */
export const reactionsStanza = (envelope: Envelope, stanzaId: string, emoji: readonly string[]): Element =>
  stanza(
    envelope,
    el('reactions', { xmlns: NS.reactions, id: stanzaId }, ...emoji.map((one) => el('reaction', {}, one))),
    store(),
  );

/** The stanza with a sign of who of ours wrote it; a subject has to stay as it is. */
export function signed(stanza: Element, by: string): Element {
  if (stanza.getChild('subject') !== undefined) return stanza;
  return el(
    stanza.name,
    { ...stanza.attrs },
    ...stanza.getChildElements(),
    el('signed', { xmlns: NS.brygga, by }),
  );
}

/** A new subject (XEP-0045 §8.1). Nothing may stand beside it. */
export const subjectStanza = (envelope: Envelope, subject: string): Element =>
  el(
    'message',
    { type: 'groupchat', to: envelope.room, from: envelope.from, id: envelope.id },
    el('subject', {}, subject),
  );

/** XEP-0085, never kept. */
export const chatStateStanza = (room: string, from: string, active: boolean): Element =>
  el(
    'message',
    { type: 'groupchat', to: room, from },
    el(active ? 'composing' : 'active', { xmlns: NS.chatStates }),
    el('no-store', { xmlns: NS.hints }),
  );

/** Asks the room to remove a message of whomever (XEP-0425). */
export const moderateChild = (stanzaId: string, reason: string): Element =>
  el(
    'moderate',
    { xmlns: NS.moderate, id: stanzaId },
    el('retract', { xmlns: NS.retract }),
    el('reason', {}, reason),
  );

const QUOTE_LINES = 3;
const QUOTE_CHARS = 160;

/** `> Anna: text`, a few lines of it, with the line end behind. */
export function quoteOf(author: string, text: string): string {
  const clean = xmlText(text).trim();
  const short = clean.length > QUOTE_CHARS ? `${clean.slice(0, QUOTE_CHARS).toWellFormed()}…` : clean;
  const lines = short.split('\n').slice(0, QUOTE_LINES);
  return lines.map((line, index) => (index === 0 ? `> ${author}: ${line}\n` : `> ${line}\n`)).join('');
}

/** Bytes of a stanza on the wire, near enough. */
export const stanzaBytes = (element: Element): number => utf8Bytes(element.toString());
