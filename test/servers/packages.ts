import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianMirror } from './debian-sources.ts';
import type { Recipe } from './recipes.ts';
import { runStep } from './run-step.ts';
import type { Progress } from './types.ts';

/**
 * Downloads the recipe's packages, with everything they depend on, into `folder`; returns the files' paths.
 * Uses an apt state of its own whose list of installed packages is empty: the machine's sources and
 * packages are neither changed nor counted on.
 */
export async function downloadPackages(
  folder: string,
  mirror: DebianMirror,
  recipe: Recipe,
  progress: Progress,
): Promise<string[]> {
  await mkdir(join(folder, 'lists', 'partial'), { recursive: true });
  await mkdir(join(folder, 'archives', 'partial'), { recursive: true });
  await writeFile(join(folder, 'status'), '');
  const lines = recipe.suites.map((suite) => `deb ${mirror.options}${mirror.uri} ${suite} main\n`);
  await writeFile(join(folder, 'sources.list'), lines.join(''));

  const apt = (label: string, args: string[]): Promise<void> =>
    runStep(
      { label, command: 'apt-get', args: [...aptOptions(folder), ...args], log: join(folder, 'apt.log') },
      progress,
    );
  await apt(`reading the package list of ${recipe.suites.join(' and ')}`, ['update']);
  const target = recipe.suites.at(-1) ?? 'stable';
  await apt(`downloading ${recipe.packages.at(-1)} and what it needs`, [
    ...['--yes', '--no-install-recommends', '--download-only', '--target-release', target, 'install'],
    ...recipe.packages,
  ]);
  const archives = join(folder, 'archives');
  const files = await readdir(archives);
  return files.filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));
}

function aptOptions(folder: string): string[] {
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State': folder,
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    // apt's own user could not write below root's home
    'APT::Sandbox::User': 'root',
    // fails on a list that cannot be had, instead of going on without it
    'APT::Update::Error-Mode': 'any',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  };
  return [
    '--quiet',
    ...Object.entries(settings).flatMap(([name, value]) => ['--option', `${name}=${value}`]),
  ];
}
