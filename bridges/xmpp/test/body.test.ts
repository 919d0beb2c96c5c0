import { Body, type MentionTarget, networkId, personId } from '@brygga/event';
import { arbitraryBody, arbitraryText } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBody } from '../src/body.ts';
import { el } from '../src/element.ts';
import { stripFallback, unquoted } from '../src/fallback.ts';
import { messageStanza, quoteOf } from '../src/outgoing.ts';
import { render } from '../src/render.ts';
import { attribute, NS } from '../src/stanza.ts';
import { readXml } from './support/xml.ts';

const person = (nick: string): MentionTarget => ({
  kind: 'person',
  network: networkId('near'),
  person: personId(nick),
});
const people = { nicks: () => ['Anna', 'Anna Svensson', 'Bo', '*'], target: person };
const read = (text: string, ...children: Parameters<typeof el>[2][]) =>
  readBody(el('message', {}, el('body', {}, text), ...children), text, text, people);
const mentioned = (text: string) =>
  read(text).mentions.map((target) => (target.kind === 'person' ? target.person : target.kind));

describe('mentions', () => {
  it.each([
    ['Anna: come', ['Anna']],
    ['Anna, come', ['Anna']],
    ['Annabel: come', []],
    ['come Anna:', []],
    ['hi @Anna!', ['Anna']],
    ['hi @Anna Svensson', ['Anna Svensson']],
    ['mail@Anna.example', []],
    ['@Annabel', []],
    ['@Bo', ['Bo']],
    ['Bo: short nicks need a sign', []],
    ['https://social.example/@Anna', []],
  ])('%s', (text, expected) => {
    expect(mentioned(text)).toEqual(expected);
  });

  it('keeps the letters round them', () => {
    expect(read('hi @Anna!').body.children).toEqual([
      {
        type: 'paragraph',
        children: [
          { type: 'text', value: 'hi ' },
          { type: 'mention', target: person('Anna'), label: 'Anna' },
          { type: 'text', value: '!' },
        ],
      },
    ]);
  });

  it('by reference that points nowhere are none', () => {
    const wrong = (begin: string, end: string, uri: string) =>
      el('reference', { xmlns: NS.reference, type: 'mention', begin, end, uri });
    const message = read(
      'text',
      wrong('0', '99999', 'xmpp:r@m/Anna'),
      wrong('3', '1', 'xmpp:r@m/Anna'),
      wrong('a', 'b', 'xmpp:r@m/%'),
      wrong('0', '2', 'https://example.org'),
    );
    expect(message.body.children).toHaveLength(1);
  });
});

describe('addresses', () => {
  it.each([
    ['see https://example.org/a.', 'https://example.org/a'],
    ['(https://example.org/a)', 'https://example.org/a'],
    ['https://example.org/a_(b)', 'https://example.org/a_(b)'],
    ['<https://example.org>', 'https://example.org'],
  ])('%s', (text, url) => {
    expect(JSON.stringify(read(text).body)).toContain(`"url":"${url}"`);
  });
  it('that are none stay text', () => {
    expect(JSON.stringify(read('javascript:x https:// http:///x').body)).not.toContain('"link"');
  });
});

describe('quotes', () => {
  it('are cut out as they were put in, by code points', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (quoted, text) => {
        const quote = quoteOf('Åsa 🎉', quoted.toWellFormed());
        const envelope = { room: 'r@m', from: 'a@b/c', id: 'i', hops: [] };
        const reply = { id: 's', to: null, quote };
        const stanza = readXml(messageStanza(envelope, text, { reply }).toString());
        const body = stanza.getChildText('body') ?? '';
        const { text: rest, cut } = stripFallback(stanza, body, NS.reply);
        expect(quote.startsWith(cut)).toBe(true);
        expect(body).toBe(cut + rest);
        expect(cut.endsWith('\n')).toBe(true);
      }),
    );
  });
  it('lose their signs', () => expect(unquoted('> a\n>> b\n>c')).toBe('a\nb\nc'));
});

describe('any body', () => {
  it('is written as XML that can be read, and read as a body by the schema', () => {
    fc.assert(
      fc.property(arbitraryBody(), arbitraryText(), (body, nick) => {
        const made = render(body, () => nick);
        const envelope = { room: 'r@m', from: 'a@b/c', id: 'i', hops: [] };
        const extras = {
          unstyled: made.unstyled,
          references: [{ text: nick, occupant: `r@m/${nick.toWellFormed()}` }],
        };
        const stanza = readXml(messageStanza(envelope, made.text, extras).toString());
        const text = stanza.getChildText('body') ?? '';
        const back = readBody(stanza, text, text, people);
        Body.parse(back.body);
        for (const reference of stanza.getChildren('reference')) {
          expect(Number(attribute(reference, 'end'))).toBeLessThanOrEqual([...text].length);
        }
      }),
    );
  });

  it('of text alone comes back letter for letter, without style', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z*_~`>#@ -]{1,40}$/), (text) => {
        fc.pre(text.trim() !== '' && !text.startsWith('/me '));
        const made = render(
          { type: 'root', children: [{ type: 'paragraph', children: [{ type: 'text', value: text }] }] },
          () => '',
        );
        expect(made.text).toBe(text);
        const unstyled = made.unstyled ? [el('unstyled', { xmlns: NS.styling })] : [];
        const none = { nicks: () => [], target: () => null };
        const { body } = readBody(el('message', {}, ...unstyled), text, text, none);
        expect(body.children).toEqual([{ type: 'paragraph', children: [{ type: 'text', value: text }] }]);
      }),
      { numRuns: 1000 },
    );
  });
});
