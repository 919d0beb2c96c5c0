import { parseArgs } from 'node:util';

/** What the caller wants. */
export interface Wish {
  readonly tier: Tier;
  /** Of the systematic cases between real servers: one step of that many. */
  readonly every: number;
  /** Only systematic cases whose name contains it; null: none of them. */
  readonly cases: string | null;
  /** Seeds of random histories. */
  readonly seeds: readonly number[];
  readonly atOnce: number;
}

const TIERS = ['tincan', 'real'] as const;
export type Tier = (typeof TIERS)[number];
/** How many random histories, and which steps, where nothing is said of it. */
const SEEDS: Readonly<Record<Tier, number>> = { tincan: 300, real: 20 };
const EVERY = 5;
const SEEDS_MAX = 1_000_000;
const AT_ONCE = 12;

export const HELP = `npm run faults -- [--tier tincan|real] [--cases [TEXT]] [--every K] [--seeds N] [--from SEED] [--seed SEED]
                  [--at-once N]

Breaks the hub at every step and looks whether the histories of the networks are whole. How: test/faults/README.md.

  (nothing)        every systematic case, then ${SEEDS.tincan} random histories
  --tier real      the same between a real Synapse and a real Prosody, by a hub process that is killed by SIGKILL:
                   each fifth command, then ${SEEDS.real} random histories: about 20 minutes
  --cases TEXT     only the systematic cases whose name contains TEXT ("" for all)
  --seeds N        only N random histories
  --from SEED      the first seed of these, default 1
  --seed SEED      only the history of that seed, again
  --every K        with --tier real: each K-th command to Redis, default ${EVERY}, and more often what there is less of;
                   1 breaks every step
  --at-once N      histories at the same time, default ${AT_ONCE}; with --tier real one after the other

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
      tier: { type: 'string', default: 'tincan' },
      every: { type: 'string', default: String(EVERY) },
      'at-once': { type: 'string', default: String(AT_ONCE) },
    },
  });
  if (values.help === true) return 'help';
  const tier = TIERS.find((name) => name === values.tier);
  if (tier === undefined) throw new Error(`--tier takes one of ${TIERS.join(', ')}`);
  const all = values.cases === undefined && values.seeds === undefined && values.seed === undefined;
  const first = numberOf(values.seed ?? values.from, 'seed', SEEDS_MAX);
  const count =
    values.seed !== undefined
      ? 1
      : values.seeds !== undefined
        ? numberOf(values.seeds, 'seeds', SEEDS_MAX)
        : all
          ? SEEDS[tier]
          : 0;
  return {
    tier,
    every: numberOf(values.every, 'every', 1000),
    cases: all ? '' : (values.cases ?? null),
    seeds: Array.from({ length: count }, (_, index) => first + index),
    atOnce: numberOf(values['at-once'], 'at-once', 100),
  };
}
