import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Change {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** One protection switched off; `played`: what the fault runner is asked for, which has to find out. */
export interface Mutant {
  readonly name: string;
  readonly played: readonly string[];
  readonly changes: readonly Change[];
}

const script = (name: string): string => `packages/bus/src/scripts/${name}.lua`;

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'deduplication: an event handed in again is taken again',
    played: ['--cases', 'message: command (room) lose'],
    changes: [
      {
        file: script('accept'),
        find: "redis.call('SET', names .. ARGV[at + 6], id, 'EX', seconds, 'NX')",
        put: "redis.call('SET', names .. ARGV[at + 6], id, 'EX', seconds)",
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

/** The file with that change. @throws when what is to be changed does not stand there once */
export async function changed(folder: string, { file, find, put }: Change): Promise<string> {
  const text = await readFile(join(folder, file), 'utf8');
  if (text.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`);
  return text.replace(find, () => put);
}
