/**
 * What `npm run mutants` starts: switches off one protection of the hub at a time, in a copy of the house, and sees
 * whether the fault runner finds out. Exit code 0 when every mutant was caught, 1 when one was not.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changed, MUTANTS, type Mutant } from './mutant-list.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['package.json', 'packages', 'bridges', 'stubs', 'test'] as const;

/** A copy of the house that uses its own packages, and the libraries that are installed here. */
async function copyTo(folder: string): Promise<void> {
  const filter = (path: string): boolean => !path.endsWith('node_modules');
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true, filter });
  await mkdir(join(folder, 'node_modules/@brygga'), { recursive: true });
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (name !== '@brygga')
      await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  for (const name of await readdir(join(ROOT, 'node_modules/@brygga'))) {
    const target = await readlink(join(ROOT, 'node_modules/@brygga', name));
    await symlink(target, join(folder, 'node_modules/@brygga', name));
  }
}

/** What the fault runner says in that house: exit code and its complaints. */
function run(
  folder: string,
  played: readonly string[],
): Promise<{ readonly code: number; readonly broken: readonly string[] }> {
  const child = spawn(process.execPath, ['test/faults/main.ts', ...played], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      resolve({ code: code ?? 1, broken: text.split('\n').filter((line) => line.startsWith('BROKEN')) });
    });
  });
}

async function tried(mutant: Mutant): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'brygga-mutant-'));
  try {
    await copyTo(folder);
    const whole = await run(folder, mutant.played);
    if (whole.code !== 0) throw new Error(`fails without any change:\n${whole.broken.join('\n')}`);
    for (const one of mutant.changes) await writeFile(join(folder, one.file), await changed(folder, one));
    const { code, broken } = await run(folder, mutant.played);
    const caught = code === 1 && broken.length > 0;
    process.stdout.write(
      `| ${mutant.name} | ${mutant.played.join(' ')} | ${caught ? `caught (${broken.length} broken)` : 'NOT CAUGHT'} |\n`,
    );
    return caught;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.stdout.write('| switched off | found by | |\n|---|---|---|\n');
const results: boolean[] = [];
for (const mutant of MUTANTS) results.push(await tried(mutant));
process.exitCode = results.every(Boolean) ? 0 : 1;
