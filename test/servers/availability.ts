import { debianMirror } from './debian-sources.ts';
import { unshareOptions } from './isolated.ts';
import { findProgram, succeeds } from './machine.ts';
import { isPrepared } from './recipes.ts';
import type { Availability, ServerName } from './types.ts';

const TO_RUN = ['unshare', 'mount', 'chroot', 'setpriv'];
const TO_PREPARE = ['apt-get', 'dpkg-deb', 'tar', 'bash', 'flock'];

/** Whether Redis can be started here: `redis-server` on PATH, prepared, or preparable. Installs nothing. */
export const redisAvailable = async (): Promise<Availability> =>
  hostRedis() ? { ok: true } : await available('redis');

/** Whether Prosody can be started here: prepared, or preparable. Installs nothing. */
export const prosodyAvailable = (): Promise<Availability> => available('prosody');

/** Whether Synapse can be started here: prepared, or preparable. Installs nothing. */
export const synapseAvailable = (): Promise<Availability> => available('synapse');

/** Path of the machine's own Redis when it can be used, else undefined. */
export function hostRedis(): string | undefined {
  return findProgram('setpriv') && findProgram('redis-server');
}

async function available(name: ServerName): Promise<Availability> {
  const obstacle = (await runObstacle()) ?? (isPrepared(name) ? undefined : await prepareObstacle());
  if (obstacle === undefined) return { ok: true };
  return { ok: false, reason: `${name} cannot be started here: ${obstacle}` };
}

async function runObstacle(): Promise<string | undefined> {
  const missing = missingOf(TO_RUN);
  if (missing !== undefined) return missing;
  if (await succeeds('unshare', [...unshareOptions(), 'true'])) return undefined;
  const remedy = 'run as root (in a container with CAP_SYS_ADMIN), or allow user namespaces';
  return `no mount namespace can be made; ${remedy}`;
}

/** What stands against preparing a server here, with the remedy; undefined when nothing does. */
export async function prepareObstacle(): Promise<string | undefined> {
  const missing = missingOf(TO_PREPARE);
  if (missing !== undefined) return missing;
  if (await debianMirror()) return undefined;
  return 'no Debian archive among the apt sources; add one with component main to /etc/apt/sources.list';
}

function missingOf(programs: readonly string[]): string | undefined {
  const missing = programs.filter((program) => !findProgram(program));
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')} not found; use a Debian machine (tried on Debian 12)`;
}
