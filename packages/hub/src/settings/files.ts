import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

export type Unreadable = 'missing' | 'denied' | 'notAFile' | 'tooLarge' | 'notText' | 'failed';

/** `mode`: the permission bits. */
export type FileAnswer =
  | { readonly ok: true; readonly text: string; readonly mode: number }
  | { readonly ok: false; readonly why: Unreadable };

/** Reads a whole text file of at most `bytesMax` bytes. Never throws. */
export type ReadFile = (path: string, bytesMax: number) => FileAnswer;

const WHY: Readonly<Record<string, Unreadable>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EACCES: 'denied',
  EPERM: 'denied',
  EISDIR: 'notAFile',
  ENXIO: 'notAFile',
};

/** What to say of a file that could not be read, and what to do. */
export const UNREADABLE: Readonly<Record<Unreadable, { readonly message: string; readonly remedy: string }>> =
  {
    missing: { message: 'there is no such file', remedy: 'create it, or correct the path' },
    denied: {
      message: 'this user may not read the file',
      remedy: 'run as the user that owns it, or change its owner (chown)',
    },
    notAFile: {
      message: 'this is not an ordinary file',
      remedy: 'name a file, not a folder, pipe or device',
    },
    tooLarge: { message: 'the file is too large', remedy: 'see that the path names the right file' },
    notText: { message: 'the file is not UTF-8 text', remedy: 'save it as UTF-8' },
    failed: { message: 'the file could not be read', remedy: 'see that its disk is mounted and healthy' },
  };

/** `ReadFile` on the disk of this machine. */
export const readFileFromDisk: ReadFile = (path, bytesMax) => {
  let handle: number | null = null;
  try {
    // Without NONBLOCK, opening a pipe that nobody writes to would wait forever.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return readHandle(handle, bytesMax);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { ok: false, why: WHY[code] ?? 'failed' };
  } finally {
    if (handle !== null) closeSync(handle);
  }
};

function readHandle(handle: number, bytesMax: number): FileAnswer {
  const stat = fstatSync(handle);
  if (!stat.isFile()) return { ok: false, why: 'notAFile' };
  if (stat.size > bytesMax) return { ok: false, why: 'tooLarge' };
  const buffer = Buffer.alloc(bytesMax < stat.size + 1 ? bytesMax + 1 : stat.size + 1);
  let filled = 0;
  for (let got = -1; got !== 0 && filled < buffer.length; filled += got) {
    got = readSync(handle, buffer, filled, buffer.length - filled, null);
  }
  if (filled > bytesMax) return { ok: false, why: 'tooLarge' };
  return textAnswer(buffer.subarray(0, filled), stat.mode & 0o777);
}

function textAnswer(bytes: Uint8Array, mode: number): FileAnswer {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), mode };
  } catch {
    return { ok: false, why: 'notText' };
  }
}
