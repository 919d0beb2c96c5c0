import { expect } from 'vitest';
import { settled } from '../house/compare.ts';
import { seeded } from '../house/dice.ts';
import type { House, HouseRoom } from '../house/house.ts';
import { type Mix, matrixWriter, write, xmppWriter } from '../house/traffic.ts';

export interface Talk {
  readonly messages: number;
  readonly seed: number;
  readonly name?: string;
  readonly matrixPaceMs?: number;
  readonly xmppPaceMs?: number;
}

/** Both sides write into one room at once. Resolves with the number of messages of each side that are not removed again. */
export async function talk(
  house: House,
  room: HouseRoom,
  how: Talk,
): Promise<{ readonly matrix: number; readonly xmpp: number }> {
  const { messages, seed, name = 't' } = how;
  const mix = (side: string, salt: number, paceMs: number): Mix => ({
    messages,
    name: `${name}-${side}`,
    random: seeded(seed * 2 + salt),
    paceMs,
  });
  const [matrix, xmpp] = await Promise.all([
    write(matrixWriter(house.anna, room), mix('m', 0, how.matrixPaceMs ?? 0)),
    write(xmppWriter(house, 'bosse', 'Bosse', room), mix('x', 1, how.xmppPaceMs ?? 20)),
  ]);
  return { matrix: matrix.kept, xmpp: xmpp.kept };
}

/** Both servers' own histories tell the same: complete, once, in order, with every edit, answer and reaction. */
export async function expectSame(
  house: House,
  room: HouseRoom,
  said: { readonly matrix: number; readonly xmpp: number },
  withinMs = 60_000,
): Promise<void> {
  const { fromMatrix, fromXmpp } = await settled(house, room, ['Bosse'], withinMs);
  expect(fromMatrix.ghost).toEqual(fromMatrix.native);
  expect(fromXmpp.ghost).toEqual(fromXmpp.native);
  // What the native side itself shows is all that was written there and not removed again.
  expect(fromMatrix.native).toHaveLength(said.matrix);
  expect(fromXmpp.native).toHaveLength(said.xmpp);
}
