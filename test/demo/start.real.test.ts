import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../house/until.ts';
import { cells } from './layout.ts';
import { labelOf, PEOPLE, SCRIPT } from './script.ts';

const START = fileURLToPath(new URL('start.ts', import.meta.url));
const TIMEOUT_MS = 300_000;

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out(): string;
  err(): string;
}

const running: Run[] = [];

function start(...words: readonly string[]): Run {
  const child = spawn(process.execPath, [START, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = once(child, 'close').then(() => child.exitCode);
  const run = {
    child,
    ended,
    out: () => stripVTControlCharacters(out),
    err: () => stripVTControlCharacters(err),
  };
  running.push(run);
  return run;
}

/** What a run has started, by id: all that names it as its parent, and theirs. */
function offspring({ child: { pid } }: Run): number[] {
  if (pid === undefined) throw new Error('the demonstration has not started');
  return below(pid);
}

function below(parent: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === parent);
  return children.flatMap((name) => [Number(name), ...below(Number(name))]);
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // it has ended meanwhile
  }
}

/** No words when it has ended meanwhile: a start runs short commands too. */
function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

const lives = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** Waits for a word of the run; fails when the run ends before. */
async function says(run: Run, what: string, where: () => string): Promise<void> {
  const said = (): boolean => {
    if (where().includes(what)) return true;
    if (run.child.exitCode !== null) throw new Error(`ended before "${what}":\n${run.err()}${run.out()}`);
    return false;
  };
  await until(`it says "${what}"`, said, { withinMs: TIMEOUT_MS / 2 });
}

/** The folder that everything lies in, as its sweeper was told. */
function folderOf(pids: readonly number[]): string {
  const sweeper = pids.map(commandOf).find((command) => command.includes('sweeper'));
  const folder = sweeper?.at(-2);
  if (folder === undefined) throw new Error('there is no temporary folder');
  expect(existsSync(folder)).toBe(true);
  return folder;
}

async function expectGone(pids: readonly number[], folder: string): Promise<void> {
  // What the kernel ends takes a moment, and so does the sweeping after that.
  const gone = (): boolean => !pids.some(lives) && !existsSync(folder);
  await until('all have ended and the folder is gone', gone, { withinMs: 20_000 });
}

/** Freezes one process of that run, and never anything else. */
function freeze(run: Run, program: string): void {
  const pid = offspring(run).find((one) => commandOf(one).some((word) => word.endsWith(program)));
  if (pid === undefined || pid <= 1) throw new Error(`the run has started no ${program}`);
  process.kill(pid, 'SIGSTOP');
}

/** The two columns, each as one line of words. */
function columns(page: string): readonly [left: string, right: string] {
  const rows = page.split('\n').filter((line) => line.includes('│'));
  const column = (at: number): string => words(rows.map((line) => line.split('│')[at] ?? '').join(' '));
  return [column(0), column(1)];
}

const words = (text: string): string => text.replaceAll(/[*_]/g, '').replaceAll(/\s+/g, ' ').trim();

/** What is to be seen in the end: the newest text of what was not removed. */
const texts = SCRIPT.flatMap((act) => {
  const { message } = act;
  if (act.does !== 'say' || SCRIPT.some((one) => one.does === 'remove' && one.message === message)) return [];
  const edit = SCRIPT.find((one) => one.does === 'edit' && one.message === message);
  return [words(edit?.does === 'edit' ? edit.text : act.text)];
});

describe('the demonstration', { timeout: TIMEOUT_MS }, () => {
  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
  });

  it('shows the whole conversation as both servers have it, and ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'brygga-demo-test-'));
    // A Redis of the machine's own runs as another user when we are root.
    chmodSync(folder, 0o711);
    try {
      const run = start('--once', '--keep', folder);
      expect(await run.ended, run.err() + run.out()).toBe(0);
      const [matrix, xmpp] = columns(run.out());
      for (const column of [matrix, xmpp]) {
        for (const text of texts) expect(column).toContain(text);
        for (const mark of ['(edited)', '(removed)', '👍', '🎉']) expect(column).toContain(mark);
      }
      expect(matrix).toContain(`${labelOf(PEOPLE.xmpp)} after`);
      expect(xmpp).toContain(`${labelOf(PEOPLE.matrix)} after`);
      const widths = run.out().split('\n').map(cells);
      expect(Math.max(...widths)).toBeLessThanOrEqual(100);
      const log = readFileSync(join(folder, 'hub.log'), 'utf8');
      for (const text of texts) expect(log).not.toContain(text.slice(0, 20));

      const again = start('--once', '--keep', folder);
      expect(await again.ended, again.err() + again.out()).toBe(0);
      expect(columns(again.out())[0].split('(removed)'), 'what was said before').toHaveLength(2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('stays up until it is told to stop, and leaves nothing behind', async () => {
    const run = start();
    await says(run, 'Ctrl-C', run.out);
    const pids = offspring(run);
    const folder = folderOf(pids);
    expect(/^ +settings +(.+)$/m.exec(run.out())?.[1]).toBe(join(folder, 'brygga.yaml'));
    expect(pids.length).toBeGreaterThanOrEqual(5);
    run.child.kill('SIGINT');
    expect(await run.ended, run.err() + run.out()).toBe(0);
    await expectGone(pids, folder);
    const stopped = [...run.err().matchAll(/(\w+): stopped/g)].map(([, name]) => name);
    expect(stopped).toEqual(['hub', 'prosody', 'synapse', 'redis']);
  });

  it('ends when it is interrupted while it starts', async () => {
    const run = start('--once');
    await says(run, ': up after', run.err);
    const pids = offspring(run);
    const folder = folderOf(pids);
    run.child.kill('SIGINT');
    expect(await run.ended, run.err()).toBe(130);
    await expectGone(pids, folder);
  });

  it('ends at once when it is told twice, also when something cannot stop in order', async () => {
    const run = start();
    await says(run, 'Ctrl-C', run.out);
    const pids = offspring(run);
    const folder = folderOf(pids);
    freeze(run, 'packages/cli/src/main.ts');
    run.child.kill('SIGINT');
    await says(run, 'stopping', run.err);
    await new Promise((resolve) => setTimeout(resolve, 700));
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    await expectGone(pids, folder);
  });
});
