import { networkId, personId } from '@brygga/event';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ghostId,
  ghostLocalpart,
  isOurs,
  isRoomId,
  linkedUser,
  localpartOf,
  MXID_BYTES_MAX,
  mediaParts,
  readGhost,
  transactionId,
  userLink,
} from '../src/ids.ts';

const space = { ghostPrefix: '_brygga_', serverName: 'agency.test' };
const network = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/).map(networkId);
const person = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).map(personId);
const remote = fc.record({ network, person });
const anna = { network: networkId('tax-xmpp'), person: personId('Anna_S@tax.test/Hall') };

describe('ghosts', () => {
  test('a readable name', () => {
    expect(ghostId(space, anna)).toBe('@_brygga_tax-xmpp_=41nna=5f=53=40tax.test=2f=48all:agency.test');
  });

  test('is a legal user id, whoever it stands for', () => {
    fc.assert(
      fc.property(remote, (who) => {
        const id = ghostId(space, who);
        expect(id).toMatch(/^@[a-z0-9._=/+-]+:agency\.test$/);
        expect(Buffer.byteLength(id)).toBeLessThanOrEqual(MXID_BYTES_MAX);
        expect(isOurs(space, id)).toBe(true);
      }),
    );
  });

  test('gives back whom it stands for, or says that it cannot', () => {
    fc.assert(
      fc.property(remote, (who) => {
        const reading = readGhost(space, ghostId(space, who));
        if (reading.kind === 'ghost') expect(reading.remote).toEqual(sound(who));
        else expect(reading).toEqual({ kind: 'hashed', localpart: ghostLocalpart(space, who) });
      }),
    );
  });

  /** Lone surrogates are no text: UTF-8 has U+FFFD for them. */
  const sound = (who: typeof anna) => ({ ...who, person: personId(who.person.toWellFormed()) });

  test('two people have two ghosts', () => {
    fc.assert(
      fc.property(remote, remote, (one, other) => {
        fc.pre(one.network !== other.network || sound(one).person !== sound(other).person);
        expect(ghostId(space, one)).not.toBe(ghostId(space, other));
      }),
    );
  });

  test('an underscore in the network does not move the border', () => {
    const one = { network: networkId('a_b'), person: personId('c') };
    const other = { network: networkId('a'), person: personId('b_c') };
    expect(ghostId(space, one)).not.toBe(ghostId(space, other));
    expect(readGhost(space, ghostId(space, one))).toEqual({ kind: 'ghost', remote: one });
  });

  test.each([
    ['@_brygga_tax-xmpp_anna:elsewhere.test', 'another server'],
    ['@_brygga_tax-xmpp_anna:agency.test:8448', 'another port'],
    ['@_brygga_bot:agency.test', 'the bot'],
    ['@_brygga_tax-xmpp_=4z:agency.test', 'a broken escape'],
    ['@_brygga_tax-xmpp_=61:agency.test', 'an escape where none is due'],
    ['@_brygga_tax-xmpp_:agency.test', 'nobody'],
    ['@ada:agency.test', 'a person'],
    ['_brygga_tax-xmpp_anna:agency.test', 'no user id'],
  ])('%s is no ghost: %s', (id) => {
    expect(readGhost(space, id)).toEqual({ kind: 'stranger' });
  });

  test.each([
    ['@_brygga_tax-xmpp_anna:agency.test', true],
    ['@_brygga_bot:agency.test', true],
    ['@_brygga_x:evil.test', false],
    ['@_brygga_x:evil.test:agency.test', false],
    ['@_brygga_x@agency.test', false],
    ['@ada:agency.test', false],
  ])('%s is ours: %s', (id, ours) => {
    expect(isOurs(space, id)).toBe(ours);
  });
});

describe('links to people', () => {
  test.each([
    ['https://matrix.to/#/@ada:agency.test', '@ada:agency.test'],
    ['https://matrix.to/#/%40ada%3Aagency.test?via=agency.test', '@ada:agency.test'],
    ['matrix:u/ada:agency.test', '@ada:agency.test'],
    ['https://matrix.to/#/!room:agency.test', null],
    ['https://matrix.to/#/#alias:agency.test', null],
    ['https://matrix.to/#/%zz', null],
    ['https://example.org/@ada:agency.test', null],
  ])('%s', (href, user) => {
    expect(linkedUser(href)).toBe(user);
  });

  test('our own links are read back', () => {
    fc.assert(
      fc.property(remote, (who) => linkedUser(userLink(ghostId(space, who))) === ghostId(space, who)),
    );
  });
});

describe('other ids', () => {
  test('transaction ids tell every part apart and fit a path', () => {
    expect(transactionId('a', 'b')).not.toBe(transactionId('ab', ''));
    expect(transactionId('a', 'b')).toBe(transactionId('a', 'b'));
    expect(transactionId('key', '!room', '@user')).toMatch(/^[\w-]{32}$/);
  });

  test('rooms with and without a server', () => {
    expect(['!abc:agency.test', '!v03Bl_x', '#alias:x', 'abc', '!', '!a b'].map(isRoomId)).toEqual([
      ...[true, true],
      ...[false, false, false, false],
    ]);
  });

  test('media addresses cannot climb', () => {
    expect(mediaParts('mxc://agency.test/AbC-_9')).toEqual({ server: 'agency.test', media: 'AbC-_9' });
    const bad = ['mxc://agency.test/../x', 'mxc://a/b/c', 'https://a/b', 'mxc://a?/b', 'mxc://a/'];
    expect(bad.map(mediaParts)).toEqual(bad.map(() => null));
  });

  test('localparts', () => {
    expect(localpartOf('@ada:agency.test:8448')).toBe('ada');
    expect(localpartOf('no id')).toBe('no id');
  });
});
