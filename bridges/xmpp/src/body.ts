import type { Body, Inline, MentionTarget } from '@brygga/event';
import { bounded, mapLeaves } from '@brygga/text';
import { findMentions, type People, placeMentions } from './mentions.ts';
import { type Element, hasChild, NS } from './stanza.ts';
import { JOINER, styledBlocks } from './styling.ts';

/** What is said, as the event has it. */
export interface Content {
  readonly body: Body;
  readonly plain: string;
  readonly style: 'text' | 'emote';
  readonly mentions: MentionTarget[];
}

const URL = /https?:\/\/[^\s<>"]+/giu;
const URL_MAX = 8192;

/**
 * Reads a body: `/me` (XEP-0245), styling (XEP-0393) unless the sender said that signs mean themselves,
 * addresses as links, nicks as mentions. `original`: the body as sent, which references count in.
 */
export function readBody(message: Element, original: string, text: string, people: People): Content {
  const emote = text.startsWith('/me ');
  // The other way round, an action meant as words comes behind a joiner.
  const said = emote ? text.slice(4) : text.startsWith(`${JOINER}/me `) ? text.slice(1) : text;
  const found = findMentions(message, original, said, people);
  const unstyled = hasChild(message, 'unstyled', NS.styling);
  const blocks = unstyled ? plainBlocks(said) : styledBlocks(said);
  const body = mapLeaves({ type: 'root', children: blocks }, (leaf) =>
    leaf.type === 'text'
      ? withLinks(leaf.value).flatMap((node) =>
          node.type === 'text' ? placeMentions(node.value, found) : [node],
        )
      : [leaf],
  );
  const mentions = mentionsIn(body);
  return { body: bounded(body), plain: said, style: emote ? 'emote' : 'text', mentions };
}

/** Lines that mean themselves, as paragraphs. */
const plainBlocks = (text: string): Body['children'] =>
  text
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== '')
    .map((part) => ({ type: 'paragraph', children: part.split('\n').flatMap(lineNodes) }));

const lineNodes = (line: string, index: number): Inline[] => [
  ...(index > 0 ? [{ type: 'break' } as const] : []),
  ...(line === '' ? [] : [{ type: 'text', value: line } as const]),
];

/** Bare addresses become links; signs at their end belong to the sentence. */
function withLinks(value: string): Inline[] {
  const nodes: Inline[] = [];
  let at = 0;
  for (const match of value.matchAll(URL)) {
    const url = trimUrl(match[0]);
    if (url.length > URL_MAX || !/^https?:\/\/[^/]/i.test(url)) continue;
    if (match.index > at) nodes.push({ type: 'text', value: value.slice(at, match.index) });
    nodes.push({ type: 'link', url, children: [{ type: 'text', value: url }] });
    at = match.index + url.length;
  }
  if (at < value.length) nodes.push({ type: 'text', value: value.slice(at) });
  return nodes;
}

function trimUrl(found: string): string {
  const url = found.replace(/[.,;:!?'"*_~`]+$/u, '');
  return url.endsWith(')') && !url.includes('(') ? url.replace(/[).,;:!?]+$/u, '') : url;
}

const MENTIONS_MAX = 1000;

function mentionsIn(body: Body): MentionTarget[] {
  const found: MentionTarget[] = [];
  mapLeaves(body, (leaf) => {
    if (leaf.type === 'mention' && found.length < MENTIONS_MAX) found.push(leaf.target);
    return [leaf];
  });
  return found;
}
