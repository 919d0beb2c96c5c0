/** What `npm test` runs: types and lint, the real servers made ready, all tests. Stops at the first step that fails. */
import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE_MAJOR_MIN = 24;
/** How prepare.ts says that a server cannot be had on this machine. */
const NOT_TO_BE_HAD = 3;
const TAIL_CHARS = 4_000;
const ONLY = ['types', 'lint', 'unit', 'real'] as const;
type Only = (typeof ONLY)[number];

const HELP = `npm test -- [--only ${ONLY.join('|')}] [filter...]

  (nothing)      types and lint, the real servers made ready, all tests
  --only types   the TypeScript compiler alone
  --only lint    formatter and linters alone
  --only unit    tests that need nothing but Node
  --only real    tests against real servers, which are made ready first
  filter         run the test files whose path contains it

On a machine where the real servers cannot be had, the tests that need them are reported as not run, with the
reason; with CI=true that is a failure. Exit code: 0 all well, 1 something failed, 2 wrong usage.
`;

interface Wish {
  readonly only: Only | undefined;
  readonly filters: readonly string[];
}
interface End {
  readonly code: number;
  /** Of what the step wrote, when it was asked to be kept. */
  readonly tail: string;
  readonly seconds: string;
}
type Environment = Record<string, string | undefined>;

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

const inCi = (): boolean => !['', '0', 'false', undefined].includes(process.env.CI);

function wishOf(words: string[]): Wish | 'help' {
  const { values, positionals } = parseArgs({
    args: words,
    options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help === true) return 'help';
  const only = ONLY.find((name) => name === values.only);
  if (values.only !== undefined && only === undefined)
    throw new Error(`--only takes one of ${ONLY.join(', ')}`);
  return { only, filters: positionals };
}

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  const keep = (chunk: Buffer): void => {
    tail = (tail + chunk.toString('utf8')).slice(-TAIL_CHARS);
  };
  child.stdout?.on('data', keep).pipe(process.stdout, { end: false });
  child.stderr?.on('data', keep).pipe(process.stderr, { end: false });
  return () => tail;
}

/** Runs one program to its end, its output passed through; an interrupt reaches it from the terminal as well. */
async function step(
  heading: string,
  words: readonly string[],
  env: Environment = {},
  kept = false,
): Promise<End> {
  say(`\n== ${heading} ==`);
  const began = performance.now();
  const [program = '', ...args] = words;
  const child = spawn(program, args, {
    cwd: ROOT,
    env: {
      ...process.env,
      PATH: join(ROOT, 'node_modules/.bin') + delimiter + (process.env.PATH ?? ''),
      ...env,
    },
    stdio: ['ignore', kept ? 'pipe' : 'inherit', kept ? 'pipe' : 'inherit'],
  });
  const tail = keepTail(child);
  const wait = (): void => undefined;
  const end = (): boolean => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', end);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject).once('close', (exit, signal) => {
        if (signal !== null) say(`\n== ${heading}: ended by ${signal} ==`);
        resolve(exit ?? 1);
      });
    });
    return { code, tail: tail(), seconds: `${((performance.now() - began) / 1000).toFixed(1)} s` };
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', end);
  }
}

const failed = (heading: string, end: End, why = `exit code ${end.code}`): number => {
  say(`\n== FAILED: ${heading} (${why}, after ${end.seconds}) ==`);
  return 1;
};

/** Types and lint by turbo, which remembers what has not changed since it was last found well. */
async function checks(names: readonly string[]): Promise<number> {
  const heading = names.join(' and ');
  const quiet = ['--ui=stream', '--log-prefix=none', '--output-logs=new-only', '--continue=always'];
  const end = await step(heading, ['turbo', 'run', ...names, ...quiet], {
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  });
  if (end.code !== 0) return failed(heading, end);
  say(`${heading}: ${end.seconds}`);
  return 0;
}

/** Gives the reason when the servers cannot be had here, or the exit code of a failure. */
async function servers(): Promise<{ readonly code: number; readonly missing: string | undefined }> {
  const heading = 'real servers';
  const end = await step(heading, ['node', 'test/servers/prepare.ts'], {}, true);
  const reason = end.tail.trim().split('\n').at(-1)?.trim() || 'the real servers cannot be had here';
  if (end.code === NOT_TO_BE_HAD && !inCi()) {
    say(`${heading}: not to be had here, so the tests that need them are not run: ${reason}`);
    return { code: 0, missing: reason };
  }
  if (end.code !== 0) return { code: failed(heading, end, reason), missing: undefined };
  say(`${heading}: ${end.seconds}`);
  return { code: 0, missing: undefined };
}

/** The closing line of the reporter is the last thing printed, so nothing is said after this step. */
async function tests(
  projects: readonly string[],
  filters: readonly string[],
  missing: string | undefined,
): Promise<number> {
  const chosen = projects.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=./test/reporter.ts'];
  const env = {
    // Hubs are started over and over: compiled once, a start takes half as long.
    // https://nodejs.org/api/module.html#module-compile-cache
    NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/compiled'),
    ...(missing === undefined ? {} : { BRYGGA_SERVERS_MISSING: missing }),
  };
  return (
    await step(
      `tests: ${projects.join(' and ')}`,
      ['vitest', 'run', ...chosen, ...reporters, ...filters],
      env,
    )
  ).code;
}

async function run({ only, filters }: Wish): Promise<number> {
  const asked = (name: Only): boolean => only === undefined || only === name;
  const toCheck = (['types', 'lint'] as const).filter(asked);
  const toTest = (['unit', 'real'] as const).filter(asked);
  if (toCheck.length > 0) {
    const code = await checks(toCheck);
    if (code !== 0 || toTest.length === 0) return code;
  }
  if (!asked('real')) return tests(toTest, filters, undefined);
  const { code, missing } = await servers();
  return code === 0 ? tests(toTest, filters, missing) : code;
}

async function main(words: string[]): Promise<number> {
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
    say(
      `Node ${NODE_MAJOR_MIN} is needed, this is ${process.version}. "npm ci" brings it; then run "npm test".`,
    );
    return 1;
  }
  try {
    const wish = wishOf(words);
    if (wish !== 'help') return await run(wish);
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
