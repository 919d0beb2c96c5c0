import { describe, expect, it } from 'vitest';
import { el } from '../src/element.ts';
import { SentIds, signer } from '../src/ids.ts';
import { signed } from '../src/outgoing.ts';
import { isSigned } from '../src/sent-index.ts';
import { type Element, NS } from '../src/stanza.ts';

const sent = new SentIds('secret');
const id = sent.of('delivery');

/** A message of ours as it stands in the archive: with the id of its writer, where the room keeps such ids. */
function archived(nick: string, occupantId: string | null): Element {
  const message = signed(el('message', { id }), sent.sign(id, signer({ nick, occupantId })));
  if (occupantId !== null) message.append(el('occupant-id', { xmlns: NS.occupantId, id: occupantId }));
  return message;
}

describe('a message in the archive is known as ours', () => {
  it('by its occupant-id, whatever nick it was written under, and before the room has told what it can', () => {
    expect(isSigned(archived('Anna', 'o1'), id, 'Anna', sent)).toBe(true);
    expect(isSigned(archived('Anna', 'o1'), id, 'Anna 2', sent)).toBe(true);
  });

  it('by its nick where the room keeps no such ids', () => {
    expect(isSigned(archived('Anna', null), id, 'Anna', sent)).toBe(true);
    expect(isSigned(archived('Anna', null), id, 'Eve', sent)).toBe(false);
  });

  it('not when somebody else has copied its sign', () => {
    const copied = archived('Anna', 'o1');
    copied.remove('occupant-id', NS.occupantId);
    expect(isSigned(copied, id, 'Anna', sent)).toBe(false);
    copied.append(el('occupant-id', { xmlns: NS.occupantId, id: 'o2' }));
    expect(isSigned(copied, id, 'Anna', sent)).toBe(false);
    expect(isSigned(archived('Anna', 'o1'), sent.of('another'), 'Anna', sent)).toBe(false);
  });
});
