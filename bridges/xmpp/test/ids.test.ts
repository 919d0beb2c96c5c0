import { networkId, personId } from '@brygga/event';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codePoints, pointSlice, unitOffset } from '../src/code-points.ts';
import { readCursor, writeCursor } from '../src/cursor.ts';
import { authoredId, ghostLocal, personOfGhost, SentIds } from '../src/ids.ts';
import { channelAddress, channelProblem, XmppSettings } from '../src/settings.ts';

describe('ghosts', () => {
  it('have a localpart from which the person can be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }), (person) => {
        const local = ghostLocal(networkId('skv-chat.1'), personId(person.toWellFormed()));
        expect(local).toMatch(/^[a-z0-9._+=-]{1,1023}$/);
        expect(personOfGhost(local)).toEqual({ network: 'skv-chat.1', person: person.toWellFormed() });
      }),
    );
  });

  it('of two people are two, also when they differ in capitals only', () => {
    const local = (person: string) => ghostLocal(networkId('a'), personId(person));
    expect(local('Anna')).not.toBe(local('anna'));
    expect(local('x'.repeat(1024)).length).toBeLessThanOrEqual(1023);
    expect(personOfGhost(local('Å'.repeat(1000)))).toBeNull();
  });

  it('are not mistaken for others', () => {
    for (const local of ['brygga', '', 'a+', '+a', 'a+b=', 'a+b=zz']) expect(personOfGhost(local)).toBeNull();
  });
});

describe('ids of what we write', () => {
  const ids = new SentIds('a secret');

  it('are the same at every try, differ by part, and are known again', () => {
    expect(ids.of('key', 0)).toBe(ids.of('key', 0));
    expect(ids.of('key', 0)).not.toBe(ids.of('key', 1));
    expect(ids.of('key').length).toBeLessThanOrEqual(64);
    expect(ids.isOurs(ids.of('key', 3))).toBe(true);
  });

  it('cannot be made, or be known, by others', () => {
    expect(new SentIds('another').isOurs(ids.of('key'))).toBe(false);
    fc.assert(fc.property(fc.string(), (text) => !ids.isOurs(text)));
  });
});

describe('code points', () => {
  it('agree with the iterator of strings', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(30), fc.nat(30), (text, start, end) => {
        expect(codePoints(text)).toBe([...text].length);
        expect(pointSlice(text, start, end)).toBe([...text].slice(start, end).join(''));
        expect(unitOffset(text, start)).toBe([...text].slice(0, start).join('').length);
      }),
    );
  });
});

describe('cursors', () => {
  it('are read back, also with any sign in the id', () => {
    expect(readCursor(writeCursor({ at: 12.7, id: 'a:b' }))).toEqual({ at: 12, id: 'a:b' });
    expect(readCursor(writeCursor({ at: 0, id: '' }))).toEqual({ at: 0, id: '' });
    expect(readCursor('')).toBeNull();
    expect(readCursor('something else')).toBeNull();
  });
});

it('ids that need their author do not collide with others', () => {
  expect(authoredId('a', 'b')).toBe('a#b');
  expect(authoredId('a'.repeat(2000), 'b').length).toBeLessThan(1024);
});

describe('settings', () => {
  const least = { mode: 'component', domain: 'bridge.example.org', secret: '0123456789abcdef' };

  it('need little', () => {
    expect(XmppSettings.parse(least)).toMatchObject({ host: '127.0.0.1', port: 5347, bot: 'brygga' });
    const account = { mode: 'account', domain: 'example.org', username: 'brygga', password: 'p' };
    expect(XmppSettings.parse(account)).toMatchObject({ tls: 'starttls', port: 5222 });
  });

  it.each([
    [{ secret: 'short' }],
    [{ domain: 'Bridge.Example.org' }],
    [{ domain: 'x@example.org' }],
    [{ unknown: 1 }],
    [{ port: 0 }],
    [{ mode: 'other' }],
  ])('refuse %o', (wrong) => {
    expect(XmppSettings.safeParse({ ...least, ...wrong }).success).toBe(false);
  });

  it('tell what is wrong with a channel', () => {
    const settings = XmppSettings.parse({ ...least, conference: 'muc.example.org' });
    expect(channelProblem('room@muc.example.org', settings)).toBeNull();
    for (const wrong of [
      'room',
      '@muc.example.org',
      'room@muc.example.org/nick',
      'Room@muc.example.org',
      'room@other.example',
    ]) {
      expect(channelProblem(wrong, settings)).toEqual(expect.any(String));
    }
  });

  it('know one room by all spellings of its address', () => {
    const address = channelAddress('lösch@xn--mnchen-3ya.example');
    expect(channelAddress('lo\u0308sch@münchen.example')).toBe(address);
    expect(channelAddress('lösch@münchen.example.')).toBe(address);
    expect(channelAddress('losch@münchen.example')).not.toBe(address);
  });
});
