/**
 * What `npm run mutants` starts: switches off one protection of the hub at a time, in a copy of the house, and sees
 * whether the fault runner finds out. Exit code 0 when every mutant was caught, 1 when one was not.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['package.json', 'packages', 'bridges', 'stubs', 'test'] as const;

interface Change {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** One protection switched off; `played`: what the fault runner is asked for, which has to find out. */
interface Mutant {
  readonly name: string;
  readonly played: readonly string[];
  readonly changes: readonly Change[];
}

const script = (name: string): string => `packages/bus/src/scripts/${name}.lua`;

const MUTANTS: readonly Mutant[] = [
  {
    name: 'deduplication: an event handed in again is taken again',
    played: ['--cases', 'message: command (room) lose'],
    changes: [
      {
        file: script('accept'),
        find: "redis.call('SET', names .. ARGV[at + 7], id, 'EX', seconds, 'NX')",
        put: "redis.call('SET', names .. ARGV[at + 7], id, 'EX', seconds)",
      },
    ],
  },
  {
    name: 'head holding: what could not be delivered goes to the end of its lane',
    played: ['--cases', 'message: call internal'],
    changes: [
      {
        file: script('hold'),
        find: "if ARGV[2] ~= '0' then",
        put: "if ARGV[2] ~= '0' then redis.call('LMOVE', KEYS[1], KEYS[1], 'LEFT', 'RIGHT')",
      },
    ],
  },
  {
    name: 'fencing: whoever once had a lane goes on with it',
    played: ['--seeds', '60', '--at-once', '30'],
    changes: [
      { file: script('record'), find: 'local mine = owners[i] == own', put: 'local mine = true' },
      {
        file: script('plan'),
        find: "if redis.call('GET', KEYS[1] .. ':own') ~= own then return { -1 } end",
        put: '',
      },
      {
        file: 'packages/bus/src/leases.ts',
        find: 'return held?.own === own && this.#left(held) > 0;',
        put: 'return true;',
      },
    ],
  },
  {
    name: 'id map: the head is released before its ids are written',
    played: ['--cases', 'edit: command (room) die'],
    changes: [
      { file: script('record'), find: 'if mine and pairs > 0 then', put: 'if pairs > 0 then' },
      {
        file: 'packages/bus/src/records.ts',
        find: 'const args = recordsArguments(this.#keys, this.#options, this.#facts, steps);',
        put: `
          const args = recordsArguments(
            this.#keys,
            this.#options,
            this.#facts,
            steps.map((step) => ({ ...step, records: [] })),
          );`,
      },
      {
        file: 'packages/bus/src/records.ts',
        find: 'for (const [index, { resolve }] of asked.entries())',
        put: `
          const ids = steps.map((step) => ({ ...step, released: 0, wanted: 0 }));
          await this.#scripts.run(
            'record',
            [this.#keys.lane(room, INBOX)],
            recordsArguments(this.#keys, this.#options, this.#facts, ids),
          );
          for (const [index, { resolve }] of asked.entries())`,
      },
    ],
  },
  {
    name: 'cursor: moved before the event is accepted',
    played: ['--cases', 'message: command (room) die'],
    changes: [
      {
        file: 'packages/bus/src/accept.ts',
        find: 'const answer = (await scripts.run(',
        put: `
          const bare = [keys.room(room), now, link, owner, leaseMs, knownSeconds, mapSeconds, laneItemsMax, cursor, 0];
          await scripts.run('accept', [keys.lane(room, INBOX)], bare);
          const answer = (await scripts.run(`,
      },
    ],
  },
];

/** A copy of the house that uses its own packages, and the libraries that are installed here. */
async function copyTo(folder: string): Promise<void> {
  const filter = (path: string): boolean => !path.endsWith('node_modules');
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true, filter });
  await mkdir(join(folder, 'node_modules/@brygga'), { recursive: true });
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (name !== '@brygga')
      await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  for (const name of await readdir(join(ROOT, 'node_modules/@brygga'))) {
    const target = await readlink(join(ROOT, 'node_modules/@brygga', name));
    await symlink(target, join(folder, 'node_modules/@brygga', name));
  }
}

/** The file with that change. Throws when what is to be changed does not stand there once. */
async function changed(folder: string, { file, find, put }: Change): Promise<string> {
  const text = await readFile(join(folder, file), 'utf8');
  if (text.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`);
  return text.replace(find, () => put);
}

/** What the fault runner says in that house: exit code and its complaints. */
function run(
  folder: string,
  played: readonly string[],
): Promise<{ readonly code: number; readonly broken: readonly string[] }> {
  const child = spawn(process.execPath, ['test/faults/main.ts', ...played], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      resolve({ code: code ?? 1, broken: text.split('\n').filter((line) => line.startsWith('BROKEN')) });
    });
  });
}

async function tried(mutant: Mutant): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'brygga-mutant-'));
  try {
    await copyTo(folder);
    const whole = await run(folder, mutant.played);
    if (whole.code !== 0) throw new Error(`fails without any change:\n${whole.broken.join('\n')}`);
    for (const one of mutant.changes) await writeFile(join(folder, one.file), await changed(folder, one));
    const { code, broken } = await run(folder, mutant.played);
    const caught = code === 1 && broken.length > 0;
    process.stdout.write(
      `| ${mutant.name} | ${mutant.played.join(' ')} | ${caught ? `caught (${broken.length} broken)` : 'NOT CAUGHT'} |\n`,
    );
    return caught;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.stdout.write('| switched off | found by | |\n|---|---|---|\n');
// Said before the first is played: that takes minutes.
for (const { changes } of MUTANTS) for (const one of changes) await changed(ROOT, one);
const results: boolean[] = [];
for (const mutant of MUTANTS) results.push(await tried(mutant));
process.exitCode = results.every(Boolean) ? 0 : 1;
