import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SYSTEM_PATH } from './machine.ts';
import { heartbeat } from './run-step.ts';
import type { Progress } from './types.ts';

/**
 * Does the work while no other process holds the same lock file.
 * The lock is the kernel's (flock), held by a helper that lives as long as its input is open: whatever kills
 * this process also frees the lock, so there are no stale ones to guess about.
 */
export async function withLock(file: string, progress: Progress, work: () => Promise<void>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const waiting = heartbeat('another process prepares the same server, waiting for it', progress);
  // --no-fork: the helper is `sh` itself, which ends when `read` meets the end of its input.
  const holder = spawn('flock', ['--no-fork', file, 'sh', '-c', 'echo held; read line || :'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: SYSTEM_PATH },
    detached: true,
  });
  try {
    const first = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
    if (String(first[0]).trim() !== 'held') throw new Error(`could not lock ${file}`);
    clearInterval(waiting);
    await work();
  } finally {
    clearInterval(waiting);
    holder.stdin.end();
  }
}
