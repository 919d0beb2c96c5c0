import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps what only root is expected to call; not on every PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The PATH given to helper programs. */
export const SYSTEM_PATH = SYSTEM_FOLDERS.join(delimiter);

/** User and group id of Debian's `nobody` and `nogroup`: what servers run as when we are root. */
export const NOBODY = 65_534;

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Absolute path of a program, or undefined when there is none. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Runs a program silently; true when it ends with 0. */
export function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', env: { PATH: SYSTEM_PATH } });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
