import { networkId, personId } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { edit, removal } from '../test/samples.ts';
import { mayDelete, mayEdit, type Writer } from './authority.ts';

const ada: Writer = { network: networkId('north'), person: personId('ada') };
const ben: Writer = { network: networkId('north'), person: personId('ben') };
const elsewhere: Writer = { network: networkId('south'), person: personId('ada') };
const moderator = { sender: { nativeId: personId('ada'), displayName: 'Ada', kind: 'moderator' } } as const;

describe('authority', () => {
  it.each([
    ['the author', ada, true],
    ['a stranger', ben, false],
    ['somebody of the same id on another network', elsewhere, false],
  ])('%s edits', (_who, author, allowed) => {
    expect(mayEdit(edit(), author)).toBe(allowed);
  });

  it('lets no moderator change what others say', () => {
    expect(mayEdit(edit(moderator), ben)).toBe(false);
  });

  it.each([
    ['the author', removal(), ada, true],
    ['a stranger', removal(), ben, false],
    ['somebody of the same id on another network', removal(), elsewhere, false],
    ['a moderator, what others wrote', removal(moderator), ben, true],
    ['a moderator, what came from elsewhere', removal(moderator), elsewhere, true],
  ])('%s removes', (_who, event, author, allowed) => {
    expect(mayDelete(event, author)).toBe(allowed);
  });
});
