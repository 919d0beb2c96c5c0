import { parseArgs } from 'node:util';

/** What the caller wants. */
export interface Wish {
  /** Only systematic cases whose name contains it; null: none of them. */
  readonly cases: string | null;
  /** Seeds of random histories. */
  readonly seeds: readonly number[];
  readonly atOnce: number;
}

const SEEDS = 300;
const SEEDS_MAX = 1_000_000;
const AT_ONCE = 12;

export const HELP = `npm run faults -- [--cases [TEXT]] [--seeds N] [--from SEED] [--seed SEED] [--at-once N]

Breaks the hub at every step and looks whether the histories of the networks are whole. How: test/faults/README.md.

  (nothing)        every systematic case, then ${SEEDS} random histories
  --cases TEXT     only the systematic cases whose name contains TEXT ("" for all)
  --seeds N        only N random histories
  --from SEED      the first seed of these, default 1
  --seed SEED      only the history of that seed, again
  --at-once N      histories at the same time, default ${AT_ONCE}

exit code: 0 no promise was broken, 1 some was (the seed or the case is named), 2 wrong usage, 130 interrupted
`;

function numberOf(word: string, name: string, most: number): number {
  const number = Number(word);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new Error(`--${name} takes a whole number from 1 to ${most}`);
  return number;
}

/** @throws Error with what is wrong with the words */
export function wishOf(words: string[]): Wish | 'help' {
  const { values } = parseArgs({
    args: words,
    options: {
      help: { type: 'boolean', short: 'h' },
      cases: { type: 'string' },
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      'at-once': { type: 'string', default: String(AT_ONCE) },
    },
  });
  if (values.help === true) return 'help';
  const all = values.cases === undefined && values.seeds === undefined && values.seed === undefined;
  const first = numberOf(values.seed ?? values.from, 'seed', SEEDS_MAX);
  const count =
    values.seed !== undefined
      ? 1
      : values.seeds !== undefined
        ? numberOf(values.seeds, 'seeds', SEEDS_MAX)
        : all
          ? SEEDS
          : 0;
  return {
    cases: all ? '' : (values.cases ?? null),
    seeds: Array.from({ length: count }, (_, index) => first + index),
    atOnce: numberOf(values['at-once'], 'at-once', 100),
  };
}
