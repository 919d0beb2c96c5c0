import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hostRedis, prepareObstacle } from './availability.ts';
import { cacheFolder } from './cache-folder.ts';
import { withLock } from './cache-lock.ts';
import { debianMirror } from './debian-sources.ts';
import { downloadPackages } from './packages.ts';
import { isPrepared, recipeFor, rootFolder } from './recipes.ts';
import type { Progress, ServerName } from './types.ts';
import { unpackRoot } from './unpack-root.ts';

/**
 * Makes what is missing so that the named servers can be started; returns at once when nothing is.
 * Several processes may call it together. Rejects with the failing step, the end of its output and a remedy.
 */
export async function prepare(which: readonly ServerName[], progress: Progress = () => {}): Promise<void> {
  for (const name of which) {
    const say: Progress = (line) => progress(`${name}: ${line}`);
    if (name === 'redis' && hostRedis()) continue;
    if (isPrepared(name)) continue;
    await withLock(join(cacheFolder(), `${name}.lock`), say, () => prepareLocked(name, say));
  }
}

async function prepareLocked(name: ServerName, progress: Progress): Promise<void> {
  // another process may have done it while we waited for the lock
  if (isPrepared(name)) return;
  const began = Date.now();
  progress(`preparing, once for this user, about ${recipeFor(name).seconds} s`);
  const build = join(cacheFolder(), `build-${name}-${process.pid}-${began}`);
  await removeLeftovers(name, progress);
  await mkdir(build, { recursive: true });
  try {
    await buildRoot(name, build, progress);
  } catch (error) {
    throw new Error(`${name} could not be prepared: ${remedy(error)}`, { cause: error });
  } finally {
    await rm(build, { recursive: true, force: true });
  }
  progress(`prepared in ${((Date.now() - began) / 1000).toFixed(1)} s: ${rootFolder(name)}`);
}

async function buildRoot(name: ServerName, build: string, progress: Progress): Promise<void> {
  const obstacle = await prepareObstacle();
  const mirror = await debianMirror();
  if (obstacle !== undefined || !mirror) throw new Error(obstacle ?? 'no Debian archive found');
  const recipe = recipeFor(name);
  const packages = await downloadPackages(join(build, 'apt'), mirror, recipe, progress);
  const root = join(build, 'root');
  await unpackRoot(root, packages, recipe, join(build, 'unpack.log'), progress);
  // only a finished root folder ever gets this name: an interrupted preparation is simply not there
  await rename(root, rootFolder(name));
}

/** We hold the lock: whatever build folders of this server exist, nobody works on them any more. */
async function removeLeftovers(name: ServerName, progress: Progress): Promise<void> {
  for (const entry of await readdir(cacheFolder())) {
    if (!entry.startsWith(`build-${name}-`)) continue;
    progress(`removing an interrupted preparation: ${entry}`);
    await rm(join(cacheFolder(), entry), { recursive: true, force: true });
  }
}

function remedy(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/NO_PUBKEY|EXPKEYSIG|not signed/.test(text)) {
    return `${text}\nThe archive's keys are too old here: apt-get install debian-archive-keyring`;
  }
  if (/No space left/.test(text)) {
    return `${text}\nMake room (Synapse takes 500 MB) or point XDG_CACHE_HOME to a larger disk`;
  }
  if (/Could not (resolve|connect)|Temporary failure|Failed to fetch|Unable to fetch/.test(text)) {
    return `${text}\nCheck that "apt-get update" works on this machine, then try again`;
  }
  return text;
}
