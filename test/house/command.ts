import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

/** What a command said, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `brygga` with those arguments to its end, as operators do: in a process of its own. */
export function brygga(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, out, err }));
  });
}

/** One line of what `brygga check --json` found. */
export interface Found {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly remedy?: string;
}

/** What is wrong with a settings file, and where. */
export interface Told {
  readonly line: number;
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

interface Report {
  readonly ok: boolean;
  readonly problems: readonly Told[];
  readonly groups: readonly { readonly name: string; readonly findings: readonly Found[] }[];
}

/** `brygga check --json` of that settings file, with what else is asked for. */
export async function check(
  config: string,
  ...more: readonly string[]
): Promise<{
  readonly code: number | null;
  readonly found: readonly Found[];
  readonly told: readonly Told[];
}> {
  const { code, out, err } = await brygga(['check', '--json', '-c', config, ...more]);
  if (!out.startsWith('{')) throw new Error(`brygga check said no JSON: ${out}${err}`);
  const report = JSON.parse(out) as Report;
  return { code, found: report.groups.flatMap(({ findings }) => findings), told: report.problems };
}
