import { parseArgs } from 'node:util';
import { ALL, type MeasureName, REAL } from './measures.ts';

/** What the caller wants. */
export interface Wish {
  readonly only: readonly MeasureName[];
  readonly seconds: number;
  readonly repetitions: number;
  readonly json: boolean;
  /** Folder for the CPU profiles of the measured processes. */
  readonly profile: string | undefined;
}

const SECONDS = 4;
const SECONDS_MAX = 600;
const names = (list: readonly MeasureName[]): string => list.join(' ');

export const HELP = `npm run bench -- [--quick] [--real] [--only NAME]... [--seconds N] [--json] [--profile FOLDER]

Measures the hub against a Redis of its own, beside what BullMQ and Redis alone do in the same run. How, and how
to read the figures: test/bench/README.md. A full run takes about ten minutes; other work on the machine shows.

  --quick           every measure once, with short windows: a look, not a result
  --real            the measures with real servers (Prosody, Synapse) instead; they are fetched at the first use
  --only NAME       only this measure; may be given again. A ratio needs both of its sides
                      ${names(ALL.filter((name) => !REAL.includes(name)))}
                      ${names(REAL)}
  --seconds N       length of one measured window, default ${SECONDS}
  --json            the figures as JSON on standard output
  --profile FOLDER  write a CPU profile of every measured process there (the figures suffer)

exit code: 0 measured (goals may be missed, the table says which), 1 something arrived twice, late in order or not
at all, or could not be measured, 2 wrong usage, 130 interrupted
`;

const isName = (word: string): word is MeasureName => (ALL as readonly string[]).includes(word);

function onlyOf(words: readonly string[]): MeasureName[] {
  const wrong = words.find((word) => !isName(word));
  if (wrong !== undefined) throw new Error(`there is no measure "${wrong}"; there are: ${names(ALL)}`);
  return words.filter(isName);
}

function secondsOf(word: string | undefined, usual: number): number {
  const seconds = word === undefined ? usual : Number(word);
  if (!(seconds >= 0.5 && seconds <= SECONDS_MAX)) {
    throw new Error(`--seconds takes a number from 0.5 to ${SECONDS_MAX}`);
  }
  return seconds;
}

/** @throws Error with what is wrong with the words */
export function wishOf(words: string[]): Wish | 'help' {
  const { values } = parseArgs({
    args: words,
    options: {
      help: { type: 'boolean', short: 'h' },
      quick: { type: 'boolean', default: false },
      real: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      seconds: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  if (values.help === true) return 'help';
  const only = onlyOf(values.only);
  const usual = ALL.filter((name) => REAL.includes(name) === values.real);
  return {
    only: only.length > 0 ? only : usual,
    seconds: secondsOf(values.seconds, values.quick ? SECONDS / 4 : SECONDS),
    repetitions: values.quick ? 1 : 3,
    json: values.json,
    profile: values.profile,
  };
}
