import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Archive } from '../src/archive.ts';
import { el } from '../src/element.ts';
import { Iqs } from '../src/iq.ts';
import {
  chatStateStanza,
  messageStanza,
  moderateChild,
  reactionsStanza,
  retractStanza,
  subjectStanza,
} from '../src/outgoing.ts';
import { askRoom } from '../src/room-info.ts';
import { type Element, NS } from '../src/stanza.ts';
import { Contracts, contractsMissing } from './support/contracts.ts';
import { fixture } from './support/xml.ts';

const envelope = {
  room: 'room@muc.example.org',
  from: 'a@bridge.example.org/brygga',
  id: 'h',
  hops: ['hub'],
};

/** Every kind of stanza the bridge writes. */
async function written(): Promise<Element[]> {
  const asked: Element[] = [];
  const clock = {
    now: () => 0,
    elapsed: () => 0,
    sleep: async () => undefined,
    after: () => () => undefined,
  };
  const iqs = new Iqs(
    clock,
    () => 'id',
    (stanza) => asked.push(stanza) < 0,
  );
  const archive = new Archive(iqs, () => 'q');
  await archive.page(envelope.room, envelope.from, { before: '', max: 50, start: 1000 });
  await archive.page(envelope.room, envelope.from, { after: 'x', max: 50 });
  await askRoom(iqs, envelope.room, envelope.from);
  const quote = '> Olga: what?\n';
  return [
    ...asked,
    messageStanza(envelope, 'text'),
    messageStanza(envelope, 'Olga: 🎉 text', {
      unstyled: true,
      replace: 'first',
      reply: { id: 's', to: `${envelope.room}/Olga`, quote },
      thread: 't',
      references: [{ text: 'Olga', occupant: `${envelope.room}/Olga` }],
    }),
    retractStanza(envelope, 's', 'removed a message.'),
    reactionsStanza(envelope, 's', ['👍', '❤️']),
    reactionsStanza(envelope, 's', []),
    subjectStanza(envelope, 'Lunch'),
    chatStateStanza(envelope.room, envelope.from, true),
    chatStateStanza(envelope.room, envelope.from, false),
    el('iq', {}, moderateChild('s', 'because')),
    el('presence', {}, el('x', { xmlns: NS.muc }, el('history', { maxstanzas: 0 }), el('password', {}, 'p'))),
    el('presence', {}, el('x', { xmlns: NS.muc }, el('history', { since: new Date(0).toISOString() }))),
    el(
      'iq',
      {},
      el('query', { xmlns: NS.mucAdmin }, el('item', { affiliation: 'member', jid: 'a@bridge.example.org' })),
    ),
    el('iq', {}, el('query', { xmlns: NS.mucAdmin }, el('item', { nick: 'Anna', role: 'participant' }))),
    el('iq', {}, el('ping', { xmlns: NS.ping })),
  ];
}

// Reason for skipping: the contracts are not beside every checkout.
describe.skipIf(contractsMissing !== null)('the published schemas', () => {
  it('take everything the bridge writes', async () => {
    const contracts = new Contracts();
    const stanzas = await written();
    expect(stanzas.flatMap((stanza) => contracts.faults(stanza))).toEqual([]);
    for (const namespace of [
      NS.muc,
      NS.mam,
      NS.replace,
      NS.reply,
      NS.retract,
      NS.moderate,
      NS.reactions,
      NS.stanzaId,
      NS.hints,
      NS.chatStates,
      NS.fallback,
      NS.reference,
      NS.discoInfo,
      NS.ping,
      NS.mucAdmin,
    ]) {
      expect([...contracts.used], namespace).toContain(namespace);
    }
  });

  it('take the fixtures', () => {
    const contracts = new Contracts();
    const names = readdirSync(join(import.meta.dirname, '../fixtures')).filter((name) =>
      name.endsWith('.xml'),
    );
    for (const name of names) expect(contracts.faults(fixture(name)), name).toEqual([]);
  });

  it('refuse what is wrong', () => {
    const contracts = new Contracts();
    expect(
      contracts.faults(el('message', {}, el('replace', { xmlns: NS.replace, wrong: 'x' }))),
    ).toHaveLength(1);
  });
});
