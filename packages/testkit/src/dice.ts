/** A seeded source of chance: the same seed gives the same play again. */
export interface Dice {
  /** Uniform in [0, 1). */
  next(): number;
  /** Whole, from 0 up to but without `sides`. */
  below(sides: number): number;
  /** True once in `sides` times on average. */
  oneIn(sides: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
}

/** mulberry32: 32 bits of state are plenty for tests. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (sides: number): number => Math.floor(next() * sides);
  return {
    next,
    below,
    oneIn: (sides) => below(sides) === 0,
    pick: (from) => from[below(from.length)] ?? from[0],
  };
}
