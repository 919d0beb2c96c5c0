import { channelId, IncomingEvent, networkId } from '@brygga/event';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { el } from '../src/element.ts';
import { Memory } from '../src/memory.ts';
import { type Parsed, parseMessage, type RoomView, type Source } from '../src/parse.ts';
import { type Element, NS } from '../src/stanza.ts';
import { fixture } from './support/xml.ts';

const ROOM = 'room@muc.example.org';
const live: Source = { archiveId: null, at: 1000, spareId: 'spare' };

function view(more: Partial<RoomView> = {}): RoomView {
  return {
    network: networkId('near'),
    channel: channelId(ROOM),
    room: ROOM,
    stanzaIds: true,
    occupantIds: true,
    people: { nicks: () => ['Olga', 'Bo'], target: () => ({ kind: 'channel' }) },
    memory: new Memory(),
    isOwn: (nick, jid) => nick === 'Anna (Agency)' || (jid?.endsWith('@bridge.example.org') ?? false),
    nonAnonymous: false,
    sentId: () => null,
    isSigned: () => false,
    occupantId: (nick) => `occ-${nick.toLowerCase()}`,
    realJid: () => null,
    ...more,
  };
}
const read = (message: Element, more?: Partial<RoomView>, source = live): Parsed =>
  parseMessage(message, view(more), source);
function eventOf(parsed: Parsed): IncomingEvent {
  if (parsed.kind !== 'event' && parsed.kind !== 'topic') throw new Error(parsed.kind);
  return IncomingEvent.parse(parsed.event);
}
const said = (...children: Element[]): Element =>
  el('message', { type: 'groupchat', from: `${ROOM}/Bo`, id: 'm1' }, ...children);

describe('ids', () => {
  it('takes a stanza-id of the room only, and only when the room announces it', () => {
    const forged = said(
      el('body', {}, 'x'),
      el('stanza-id', { xmlns: NS.stanzaId, by: 'elsewhere', id: 'f' }),
    );
    expect(eventOf(read(forged)).origin.nativeId).toBe('nick:Bo#m1');
    const given = said(el('body', {}, 'x'), el('stanza-id', { xmlns: NS.stanzaId, by: ROOM, id: 's' }));
    expect(eventOf(read(given)).origin).toMatchObject({ nativeId: 's', aliases: ['nick:Bo#m1'] });
    expect(eventOf(read(given, { stanzaIds: false })).origin.nativeId).toBe('nick:Bo#m1');
  });

  it('knows people by occupant-id, real address, nick, in this order', () => {
    const body = el('body', {}, 'x');
    const id = el('occupant-id', { xmlns: NS.occupantId, id: 'occ' });
    const person = (message: Element, more?: Partial<RoomView>) =>
      eventOf(read(message, more)).sender.nativeId;
    expect(person(said(body, id))).toBe('occ');
    expect(person(said(body, id), { occupantIds: false })).toBe('nick:Bo');
    expect(person(said(body), { realJid: () => 'bo@example.org' })).toBe('bo@example.org');
  });

  it('gives the same ids live and from the archive', () => {
    const inner = [el('body', {}, 'x'), el('occupant-id', { xmlns: NS.occupantId, id: 'occ' })];
    const seen = eventOf(read(said(...inner, el('stanza-id', { xmlns: NS.stanzaId, by: ROOM, id: 's' }))));
    const archived = eventOf(read(said(...inner), {}, { archiveId: 's', at: 5, spareId: 's' }));
    expect(archived.origin).toEqual(seen.origin);
    expect(archived.sender).toEqual(seen.sender);
  });

  it('bounds what senders choose freely', () => {
    const long = 'x'.repeat(5000);
    const message = el('message', { type: 'groupchat', from: `${ROOM}/Bo`, id: long }, el('body', {}, 'x'));
    expect(eventOf(read(message)).origin.nativeId.length).toBeLessThan(1024);
    const reacted = eventOf(
      read(said(el('reactions', { xmlns: NS.reactions, id: long }, el('reaction', {}, long)))),
    );
    expect(reacted).toMatchObject({ kind: 'reaction', emoji: [] });
  });
});

describe('what the wire brings', () => {
  it('moderation by the room, in both namespaces at once', () => {
    const event = eventOf(read(fixture('prosody-moderation.xml')));
    expect(event).toMatchObject({
      kind: 'delete',
      target: { natives: ['stanza-1'] },
      sender: { nativeId: 'occ-olga', displayName: 'Olga', kind: 'moderator' },
      origin: { nativeId: 'moderated#stanza-1' },
    });
    expect(eventOf(read(fixture('former-moderation.xml')))).toMatchObject({
      kind: 'delete',
      target: { natives: ['stanza-2'] },
      sender: { displayName: 'Olga', kind: 'moderator' },
    });
    expect(read(fixture('prosody-moderation.xml'), { isOwn: () => true }).kind).toBe('own');
  });

  it('moderation by anybody else is none', () => {
    const claimed = fixture('former-moderation.xml');
    claimed.attrs.from = `${ROOM}/Bo`;
    expect(read(claimed).kind).toBe('nothing');
  });

  it('a reply by @id, with its quote cut out by code points', () => {
    const event = eventOf(read(fixture('dino-reply.xml')));
    expect(event).toMatchObject({
      kind: 'message',
      plain: 'Yes!',
      replyTo: {
        natives: ['their-own-id', 'occ-olga#their-own-id'],
        excerpt: { author: 'Olga', text: '🎉 party at 7' },
      },
    });
  });

  it('a file as a link', () => {
    const event = eventOf(read(fixture('conversations-file.xml')));
    expect(JSON.stringify(event)).toContain('"type":"link","url":"https://upload.example.org/abc/photo.jpg"');
    const bare = said(el('x', { xmlns: NS.oob }, el('url', {}, 'https://example.org/f')));
    expect(eventOf(read(bare))).toMatchObject({ plain: 'https://example.org/f' });
  });

  it('the body for everybody, hops, and a message without any id', () => {
    expect(eventOf(read(fixture('two-languages.xml')))).toMatchObject({ plain: 'Good day' });
    expect(eventOf(read(fixture('gateway.xml')))).toMatchObject({
      hops: ['hub-a', 'hub-b'],
      origin: { nativeId: 'spare', aliases: [] },
    });
  });

  it('its own, by nick when live, by the room’s word or its sign in the archive', () => {
    const source: Source = { archiveId: 'a', at: 1, spareId: 'a' };
    const archived = fixture('ejabberd-archived.xml');
    expect(read(archived, { nonAnonymous: true }, source).kind).toBe('own');
    expect(read(archived).kind).toBe('own');
    archived.remove('x', NS.mucUser);
    expect(read(archived, { nonAnonymous: true }, source).kind).toBe('event');
    expect(read(archived, { sentId: () => 'x1', isSigned: () => true }, source).kind).toBe('own');
  });

  it('a copied id, or a written address, makes nothing its own', () => {
    const source: Source = { archiveId: 'a', at: 1, spareId: 'a' };
    const address = (jid: string) => el('x', { xmlns: NS.mucUser }, el('item', { jid }));
    const forged = said(el('body', {}, 'x'), address('ghost@bridge.example.org/r'));
    for (const where of [live, source]) {
      expect(read(forged, { sentId: () => 'copied' }, where).kind).toBe('event');
    }
    const told = said(
      el('body', {}, 'x'),
      address('ghost@bridge.example.org/r'),
      address('bo@example.org/r'),
    );
    expect(eventOf(read(told, { nonAnonymous: true, occupantIds: false }, source)).sender.nativeId).toBe(
      'bo@example.org',
    );
    // A ghost took over the nick since.
    const since = { occupantIds: false, realJid: () => 'ghost@bridge.example.org' };
    expect(eventOf(read(said(el('body', {}, 'x')), since, source)).sender.nativeId).toBe('nick:Bo');
  });

  it('decides by what a message is first', () => {
    const order = (...children: Element[]) => {
      const parsed = read(said(...children));
      return parsed.kind === 'event' ? parsed.event.kind : parsed.kind;
    };
    const body = el('body', {}, 'text');
    expect(order(el('subject', {}, 's'))).toBe('topic');
    expect(order(el('subject', {}, 's'), body)).toBe('message');
    expect(order(el('retract', { xmlns: NS.retract, id: 'x' }), body)).toBe('delete');
    expect(order(el('reactions', { xmlns: NS.reactions, id: 'x' }), body)).toBe('reaction');
    expect(order(el('replace', { xmlns: NS.replace, id: 'x' }), body)).toBe('edit');
    expect(order(el('encryption', { xmlns: NS.encryption }), body)).toBe('encrypted');
    expect(order(el('composing', { xmlns: NS.chatStates }))).toBe('typing');
    expect(order(el('composing', { xmlns: NS.chatStates }), body)).toBe('message');
    expect(order()).toBe('nothing');
  });
});

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '/me ', '> a', '```', '@Olga', 'Bo:'),
);
const anyChild = fc.oneof(
  anyText.map((text) => el('body', {}, text)),
  anyText.map((id) => el('reply', { xmlns: NS.reply, id, to: `${ROOM}/${id}` })),
  fc
    .tuple(anyText, anyText)
    .map(([start, end]) => el('fallback', { xmlns: NS.fallback, for: NS.reply }, el('body', { start, end }))),
  anyText.map((id) => el('replace', { xmlns: NS.replace, id })),
  anyText.map((id) => el('retract', { xmlns: NS.retract, id })),
  anyText.map((id) => el('reactions', { xmlns: NS.reactions, id }, el('reaction', {}, id))),
  anyText.map((text) => el('thread', {}, text)),
  fc.tuple(anyText, fc.nat(20)).map(([uri, begin]) =>
    el('reference', {
      xmlns: NS.reference,
      type: 'mention',
      begin,
      end: begin + 3,
      uri: `xmpp:${ROOM}/${uri}`,
    }),
  ),
  anyText.map((hub) => el('hop', { xmlns: NS.brygga, hub })),
);

describe('whatever comes', () => {
  it('is an event by the schema, or none, and never throws', () => {
    fc.assert(
      fc.property(fc.array(anyChild, { maxLength: 5 }), fc.string(), (children, id) => {
        const message = el('message', { type: 'groupchat', from: `${ROOM}/Bo`, id }, ...children);
        const parsed = read(message);
        if (parsed.kind === 'event' || parsed.kind === 'topic') eventOf(parsed);
      }),
    );
  });
});
