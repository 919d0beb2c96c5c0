import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Figures, type Job, type Tell, type Word, Wrong } from './job.ts';

const PROGRAM = fileURLToPath(new URL('child.ts', import.meta.url));
/** As the service starts the hub: see `deploy/systemd/brygga.service`. */
const SEMI_SPACE = '--max-semi-space-size=64';
/** Starting, warming up and draining come on top of the measured window. */
const PATIENCE_MS = 300_000;
/** Real servers are stopped first. */
const ENDING_MS = 10_000;

export interface Run {
  readonly tell: Tell;
  readonly signal: AbortSignal;
  readonly profile: string | undefined;
}

/** Does a job in a process of its own. @throws Wrong when its figures are worth nothing */
export async function inChild(job: Job, { tell, signal, profile }: Run): Promise<Figures> {
  signal.throwIfAborted();
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = fork(PROGRAM, [JSON.stringify(job)], {
    execArgv: [SEMI_SPACE, '--expose-gc', ...profiling],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const kill = (): boolean => child.kill('SIGKILL');
  const end = (): void => {
    child.kill('SIGTERM');
    clearTimeout(late);
    late = setTimeout(kill, ENDING_MS);
  };
  let late = setTimeout(end, PATIENCE_MS + job.seconds * 1000);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await answerOf(child, tell);
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', end);
  }
}

/** Waits for the end of the process, so that two never measure at a time. */
function answerOf(child: ChildProcess, tell: Tell): Promise<Figures> {
  let last: Word | null = null;
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const word = message as Word;
      if (word.word === 'progress') tell(word.line);
      else last = word;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (last?.word === 'done') return resolve(last.figures);
      if (last?.word === 'wrong') return reject(new Wrong(last.reason));
      reject(new Wrong(`the measuring process ended without an answer (${signal ?? code})`));
    });
  });
}
