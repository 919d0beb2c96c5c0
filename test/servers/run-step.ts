import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SYSTEM_PATH } from './machine.ts';
import type { Progress } from './types.ts';

const HEARTBEAT_MS = 5_000;

/** One program run as part of a preparation. */
export interface Step {
  /** What it does, for the progress lines. */
  label: string;
  command: string;
  args: readonly string[];
  /** Default: ours, with the messages in English so that a remedy can be found by them. */
  env?: Record<string, string>;
  /** File that the output is appended to. */
  log: string;
}

/** Runs a step to its end; rejects with the end of its output when it fails. */
export async function runStep(step: Step, progress: Progress): Promise<void> {
  const began = Date.now();
  progress(step.label);
  const beat = heartbeat(step.label, progress);
  try {
    const end = await run(step);
    if (end !== 0) throw new Error(`${step.label}: ended with ${end}\n${await tail([step.log], 15)}`);
  } finally {
    clearInterval(beat);
  }
  progress(`${step.label}: done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** Says every few seconds that something still goes on; end it with clearInterval. */
export function heartbeat(label: string, progress: Progress): NodeJS.Timeout {
  const began = Date.now();
  return setInterval(
    () => progress(`${label}: still at it (${Math.round((Date.now() - began) / 1000)} s)`),
    HEARTBEAT_MS,
  );
}

function run(step: Step): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const log = createWriteStream(step.log, { flags: 'a' });
    // The step dies with us, so an interrupted preparation leaves nothing running behind it.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', step.command, ...step.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: step.env ?? { ...process.env, PATH: SYSTEM_PATH, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once('error', reject);
    child.once('close', (code, signal) => log.end(() => resolve(code ?? signal ?? 'no exit code')));
  });
}

/** The last lines of some files, each file named; missing files are passed over. */
export async function tail(files: readonly string[], lines = 20): Promise<string> {
  const parts: string[] = [];
  for (const file of files) {
    const text = (await readFile(file, 'utf8').catch(() => '')).trimEnd();
    if (text !== '') parts.push(`--- end of ${file}\n${text.split('\n').slice(-lines).join('\n')}`);
  }
  return parts.join('\n');
}
