import { chown, lchown, mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isRoot, NOBODY } from './machine.ts';

/** The absolute path of a server's state folder, made if missing. */
export async function stateFolder(server: string, wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return await mkdtemp(join(tmpdir(), `brygga-${server}-`));
  const folder = resolve(wanted);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Gives a folder and all in it to the user that the servers run as; nothing to do when we are that user. */
export async function handOver(folder: string): Promise<void> {
  if (!isRoot()) return;
  await chown(folder, NOBODY, NOBODY);
  for (const entry of await readdir(folder, { recursive: true })) {
    // lchown: a link is not followed out of the folder
    await lchown(join(folder, entry), NOBODY, NOBODY).catch(ignoreMissing);
  }
}

/** Files of a running server (a journal of SQLite) may vanish between listing and touching. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
