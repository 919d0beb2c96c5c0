import { expect } from 'vitest';
import { settled } from '../house/compare.ts';
import { seeded } from '../house/dice.ts';
import type { House, HouseRoom } from '../house/house.ts';
import { type Mix, matrixWriter, mattermostWriter, write, xmppWriter } from '../house/traffic.ts';

export interface Talk {
  readonly messages: number;
  readonly seed: number;
  readonly name?: string;
  readonly matrixPaceMs?: number;
  readonly xmppPaceMs?: number;
  readonly mattermostPaceMs?: number;
}

/** How many messages of each side's people are not removed again. */
export type Kept = Readonly<Record<'matrix' | 'xmpp', number>> & { readonly mattermost?: number };

/** All sides write into one room at once. */
export async function talk(house: House, room: HouseRoom, how: Talk): Promise<Kept> {
  const { messages, seed, name = 't' } = how;
  const mix = (side: string, salt: number, paceMs: number): Mix => ({
    messages,
    name: `${name}-${side}`,
    random: seeded(seed * 2 + salt),
    deep: room.mattermost === null,
    paceMs,
  });
  const { anna, mattermost } = house;
  const [matrix, xmpp, third] = await Promise.all([
    write(matrixWriter(anna, room), mix('m', 0, how.matrixPaceMs ?? 0)),
    write(xmppWriter(house, 'bosse', 'Bosse', room), mix('x', 1, how.xmppPaceMs ?? 20)),
    mattermost === null || room.mattermost === null
      ? null
      : write(mattermostWriter(mattermost.maja, room.mattermost), mix('f', 5000, how.mattermostPaceMs ?? 20)),
  ]);
  return { matrix: matrix.kept, xmpp: xmpp.kept, mattermost: third?.kept ?? 0 };
}

export const sum = (one: Kept, other: Kept): Kept => ({
  matrix: one.matrix + other.matrix,
  xmpp: one.xmpp + other.xmpp,
  mattermost: (one.mattermost ?? 0) + (other.mattermost ?? 0),
});

/** All servers' own histories tell the same: complete, once, in order, with every edit, answer and reaction. */
export async function expectSame(
  house: House,
  room: HouseRoom,
  said: Kept,
  withinMs = 60_000,
): Promise<void> {
  for (const { from, to, native, ghost } of await settled(house, room, ['Bosse'], withinMs)) {
    expect(ghost, `from ${from}, on ${to}`).toEqual(native);
    // What the native side itself shows is all that was written there and not removed again.
    expect(native, `from ${from}`).toHaveLength(said[from] ?? 0);
  }
}
