/**
 * Command line: prepares the servers that the tests start.
 *   node test/servers/prepare.ts [redis|prosody|synapse ...]
 */
import { prepare } from './prepare-servers.ts';
import type { ServerName } from './types.ts';

const ALL: readonly ServerName[] = ['redis', 'prosody', 'synapse'];

const NOT_TO_BE_HAD = 3;

const HELP = `usage: node test/servers/prepare.ts [redis|prosody|synapse ...]

Unpacks the servers that the tests run against, from Debian's packages, into the user's cache folder
($XDG_CACHE_HOME or ~/.cache, there brygga/servers). All three when none is named. Nothing is installed on
the machine itself; removing that folder undoes everything. Safe to repeat and to interrupt.

exit code: 0 all there, 2 wrong usage, 3 one cannot be had here (the last line says why)
`;

const isServerName = (word: string): word is ServerName => (ALL as readonly string[]).includes(word);

async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const wrong = words.find((word) => !isServerName(word));
  if (wrong !== undefined) {
    process.stderr.write(`unknown server "${wrong}"\n\n${HELP}`);
    return 2;
  }
  const wanted = words.filter(isServerName);
  try {
    await prepare(wanted.length > 0 ? wanted : ALL, (line) => process.stderr.write(`${line}\n`));
    return 0;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${said.replaceAll('\n', ' ')}\n`);
    return NOT_TO_BE_HAD;
  }
}

process.exitCode = await main(process.argv.slice(2));
