import { arbitraryBody } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_VERSION, readStored, type Step, UnknownEventVersion, upcast } from './index.ts';

/** Invented history: version 1 said `words`, version 2 `text`, version 3 has a `body` and a list of hops. */
const steps: Readonly<Record<number, Step>> = {
  1: ({ words, ...rest }) => ({ ...rest, v: 2, text: words }),
  2: ({ text, ...rest }) => ({ ...rest, v: 3, body: text, hops: [] }),
};

describe('upcast', () => {
  it('brings any version to the newest, one step after the other', () => {
    const expected = { v: 3, kind: 'message', body: 'tea', hops: [] };
    expect(upcast({ v: 1, kind: 'message', words: 'tea' }, steps, 3)).toEqual(expected);
    expect(upcast({ v: 2, kind: 'message', text: 'tea' }, steps, 3)).toEqual(expected);
    expect(upcast(expected, steps, 3)).toBe(expected);
  });

  it('loses no letter of a body on its way through storage and versions', () => {
    fc.assert(
      fc.property(arbitraryBody(), fc.constantFrom(1, 2, 3), (body, v) => {
        const field = v === 1 ? 'words' : v === 2 ? 'text' : 'body';
        const stored = JSON.parse(JSON.stringify({ v, [field]: body })) as Record<string, unknown>;
        expect(upcast(stored, steps, 3).body).toEqual(body);
      }),
      { numRuns: 500 },
    );
  });

  it.each([[{ v: 4 }], [{ v: 0 }], [{ v: '1' }], [{}]])(
    'refuses %j, which nobody here can read',
    (stored) => {
      expect(() => upcast(stored, steps, 3)).toThrow(UnknownEventVersion);
    },
  );

  it('names the version it does not know', () => {
    try {
      upcast({ v: 9 }, steps, 3);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ name: 'UnknownEventVersion', version: 9 });
    }
  });
});

describe('stored events', () => {
  it('come back as they were written', () => {
    const event = { v: EVENT_VERSION, kind: 'delete', target: { natives: ['m1'] } };
    expect(readStored(JSON.stringify(event))).toEqual(event);
  });
  it('of a newer house are not guessed at', () => {
    expect(() => readStored(JSON.stringify({ v: EVENT_VERSION + 1 }))).toThrow(UnknownEventVersion);
  });
});
