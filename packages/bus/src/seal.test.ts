import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealKey, sealOf } from '../test/house.ts';
import { Seal, Unreadable } from './seal.ts';

const [one, two] = [sealKey('one'), sealKey('two')];
const seal = sealOf([one]);

function failureOf(run: () => unknown): Pick<Unreadable, 'code' | 'key'> | null {
  try {
    run();
    return null;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { code: error.code, key: error.key };
  }
}

describe('a seal', () => {
  it('gives back every text, and shows nothing of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 8 }), (text) => {
        const sealed = seal.seal(text, 'r', 'e');
        expect(seal.open(sealed, 'r', 'e')).toBe(text);
        expect(sealed).toMatch(/^one\.[\w-]+$/);
        expect(sealed).not.toContain(text);
      }),
    );
    expect(seal.open(seal.seal('', 'r', 'e'), 'r', 'e')).toBe('');
  });

  it('never looks the same twice: each has a nonce of its own', () => {
    const sealed = Array.from({ length: 1000 }, () => seal.seal('tea', 'r', 'e'));
    const nonces = sealed.map((text) => Buffer.from(text.slice(4), 'base64url').toString('hex', 0, 12));
    expect(new Set(nonces).size).toBe(1000);
  });

  it('takes its nonces from what it is given', () => {
    const asked: number[] = [];
    const random = (bytes: number): Buffer => {
      asked.push(bytes);
      return Buffer.alloc(bytes, 7);
    };
    const sealed = new Seal({ keys: [one], seals: true, random }).seal('tea', 'r', 'e');
    expect(asked.every((bytes) => bytes % 12 === 0)).toBe(true);
    expect(Buffer.from(sealed.slice(4), 'base64url').subarray(0, 12)).toEqual(Buffer.alloc(12, 7));
  });

  it.each([
    ['another room', 'r2', 'e'],
    ['another event', 'r', 'e2'],
    ['room and event cut elsewhere', 're', ''],
  ])('does not open in %s', (_where, room, event) => {
    const sealed = seal.seal('tea', 'r', 'e');
    expect(failureOf(() => seal.open(sealed, room, event))).toEqual({ code: 'SEAL_BROKEN', key: 'one' });
  });

  it('does not open with any bit changed, cut off or added', () => {
    const bytes = Buffer.from(seal.seal('tea', 'r', 'e').slice(4), 'base64url');
    const open = (changed: Buffer) => () => seal.open(`one.${changed.toString('base64url')}`, 'r', 'e');
    expect(failureOf(open(bytes))).toBeNull();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(failureOf(open(changed))).toEqual({ code: 'SEAL_BROKEN', key: 'one' });
    }
    for (let length = 0; length < bytes.length; length++)
      expect(failureOf(open(bytes.subarray(0, length)))?.code).toBe('SEAL_BROKEN');
    expect(failureOf(open(Buffer.concat([bytes, randomBytes(1)])))?.code).toBe('SEAL_BROKEN');
  });

  it('names the key that is missing, and nothing that is no key', () => {
    const sealed = sealOf([two]).seal('tea', 'r', 'e');
    expect(failureOf(() => seal.open(sealed, 'r', 'e'))).toEqual({ code: 'KEY_UNKNOWN', key: 'two' });
    expect(failureOf(() => sealOf([]).open(sealed, 'r', 'e'))?.code).toBe('KEY_UNKNOWN');
    for (const forged of ['', 'tea', '.tea', 'Hello there.tea', `${'k'.repeat(33)}.tea`])
      expect(failureOf(() => seal.open(forged, 'r', 'e'))).toEqual({ code: 'NOT_READABLE', key: '' });
  });

  it('another key under the same id does not open', () => {
    const sealed = sealOf([sealKey('one')]).seal('tea', 'r', 'e');
    expect(failureOf(() => seal.open(sealed, 'r', 'e'))).toEqual({ code: 'SEAL_BROKEN', key: 'one' });
  });

  it('with two keys the first seals, and both open', () => {
    const old = sealOf([one]).seal('tea', 'r', 'e');
    const both = sealOf([two, one]);
    const young = both.seal('tea', 'r', 'e');
    expect(young).toMatch(/^two\./);
    expect([old, young].map((sealed) => both.open(sealed, 'r', 'e'))).toEqual(['tea', 'tea']);
    expect([old, young].map((sealed) => both.isNew(sealed))).toEqual([false, true]);
    expect(failureOf(() => sealOf([two]).open(old, 'r', 'e'))).toEqual({ code: 'KEY_UNKNOWN', key: 'one' });
  });

  it('without a key, or told not to, leaves texts as they are, and opens with the keys it has', () => {
    const sealed = seal.seal('tea', 'r', 'e');
    expect(sealOf([]).seal('tea', 'r', 'e')).toBe('tea');
    const closing = sealOf([one], false);
    expect(closing.seals).toBe(false);
    expect(closing.seal('tea', 'r', 'e')).toBe('tea');
    expect(closing.open(sealed, 'r', 'e')).toBe('tea');
  });
});
