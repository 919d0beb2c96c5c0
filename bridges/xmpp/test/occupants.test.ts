import { expect, it } from 'vitest';
import { el } from '../src/element.ts';
import { Occupants } from '../src/occupants.ts';
import { type Element, NS } from '../src/stanza.ts';

const ROOM = 'room@muc.example.org';

function presence(nick: string, codes: readonly string[] = [], more: Record<string, string> = {}): Element {
  const { type, jid, next, id } = more;
  return el(
    'presence',
    { from: `${ROOM}/${nick}`, type },
    el(
      'x',
      { xmlns: NS.mucUser },
      el('item', { affiliation: 'none', role: 'participant', jid, nick: next }),
      ...codes.map((code) => el('status', { code })),
    ),
    id === undefined ? null : el('occupant-id', { xmlns: NS.occupantId, id }),
  );
}
const gone = (nick: string, ...codes: readonly string[]) => presence(nick, codes, { type: 'unavailable' });

function room(): Occupants {
  const occupants = new Occupants(ROOM, 'bridge.example.org');
  occupants.apply(presence('Olga', [], { id: 'occ-olga' }));
  occupants.settle();
  return occupants;
}

it('tells who comes and goes only after everybody was announced', () => {
  const occupants = room();
  expect(occupants.get('Olga')?.occupantId).toBe('occ-olga');
  expect(occupants.apply(presence('Bo'))).toMatchObject({ change: 'join', who: { nick: 'Bo' } });
  expect(occupants.apply(presence('Bo'))).toBeNull();
  expect(occupants.apply(gone('Bo'))).toMatchObject({ change: 'leave' });
  expect(occupants.apply(gone('Bo'))).toBeNull();
});

it.each([
  ['307', 'kick'],
  ['301', 'ban'],
  ['321', 'kick'],
  ['322', 'kick'],
  ['332', 'leave'],
])('status %s is a %s', (code, change) => {
  expect(room().apply(gone('Olga', code))).toMatchObject({ change, who: { occupantId: 'occ-olga' } });
});

it('takes a kick for a lost connection as a leave', () => {
  expect(room().apply(gone('Olga', '307', '333'))).toMatchObject({ change: 'leave' });
});

it('puts the two presences of a change of nick together', () => {
  const occupants = room();
  const leaving = presence('Olga', ['303'], { type: 'unavailable', next: 'Olga S' });
  expect(occupants.apply(leaving)).toBeNull();
  expect(occupants.apply(presence('Olga S', [], { id: 'occ-olga' }))).toMatchObject({
    change: 'rename',
    before: 'Olga',
    who: { nick: 'Olga S' },
  });
});

it('knows its own by nick, for a while after they gave it up, and by real address', () => {
  const occupants = room();
  occupants.claim('Anna', 'a@bridge.example.org/x');
  expect(occupants.ownJid('Anna', 0)).toBe('a@bridge.example.org/x');
  occupants.release('Anna', 'other@bridge.example.org/x', 0);
  expect(occupants.ownJid('Anna', 99_999)).not.toBeNull();
  occupants.release('Anna', 'a@bridge.example.org/x', 0);
  expect(occupants.ownJid('Anna', 9999)).not.toBeNull();
  expect(occupants.ownJid('Anna', 10_001)).toBeNull();
  occupants.apply(presence('Left over', [], { jid: 'b@bridge.example.org/x' }));
  expect(occupants.ownJid('Left over', 0)).toBe('b@bridge.example.org');
  expect(occupants.ownJid('Olga', 0)).toBeNull();
});

it('does not take a native for its own who comes under a nick it gave up', () => {
  const occupants = room();
  occupants.claim('Anna', 'a@bridge.example.org/x');
  occupants.apply(presence('Anna'));
  occupants.release('Anna', 'a@bridge.example.org/x', 0);
  occupants.apply(gone('Anna'));
  expect(occupants.ownJid('Anna', 1)).not.toBeNull();
  occupants.apply(presence('Anna'));
  expect(occupants.ownJid('Anna', 1)).toBeNull();
});

it('lets the news of a nick wait that one of ours has asked for', () => {
  const occupants = room();
  occupants.expect('Anna');
  const change = occupants.apply(presence('Anna'));
  if (change === null) throw new Error('no change');
  expect(occupants.defers(change)).toBe(true);
  expect(occupants.ownJid('Anna', 0)).toBeNull();
  expect(occupants.answered('anna')).toBe(change);
  expect(occupants.defers(change)).toBe(false);
});

it('does not listen to other rooms', () => {
  const occupants = room();
  expect(occupants.apply(el('presence', { from: 'other@muc.example.org/Bo' }))).toBeNull();
  expect(occupants.apply(el('presence', { from: ROOM }))).toBeNull();
});
