import { parseArgs } from 'node:util';

export const HELP = `npm start -- [--once] [--keep FOLDER]

Starts Redis, an XMPP server (Prosody), a Matrix server (Synapse) and Brygga between them, all on this machine
and for you alone; has Anna write on Matrix and Bosse on XMPP; prints what each of them sees, read from each
server's own history; and stays up, so that you can join with a client of your own.

  --once          do not stay up
  --keep FOLDER   keep the servers' state, the hub's log and its settings in FOLDER, and take them up again
                  when it is given another time. Without: a temporary folder, removed at the end
  --help          this page

REDIS_URL in the environment: use that Redis in place of a private one.
The servers are made ready once for this user, from Debian's packages, without installing anything
(see test/servers/README.md).

Exit code: 0 the whole conversation crossed and everything was stopped in good order, 1 it did not or something
failed, 2 wrong usage, 130 interrupted before the conversation was over. Ctrl-C stops everything in order, a
second one at once.
`;

export interface Options {
  readonly once: boolean;
  /** Folder that is kept; null for a temporary one. */
  readonly keep: string | null;
  readonly redisUrl: string | null;
}

/** @throws when the words are not understood */
export function optionsOf(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | 'help' {
  const { values } = parseArgs({
    args: [...words],
    options: {
      once: { type: 'boolean' },
      keep: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  if (values.keep === '') throw new Error('--keep needs the name of a folder');
  const redisUrl = env.REDIS_URL ?? '';
  if (redisUrl !== '' && !/^rediss?:\/\//.test(redisUrl))
    throw new Error('REDIS_URL must begin with redis:// or rediss://');
  return {
    once: values.once ?? false,
    keep: values.keep ?? null,
    redisUrl: redisUrl === '' ? null : redisUrl,
  };
}
