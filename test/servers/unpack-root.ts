import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isolated } from './isolated.ts';
import type { Recipe } from './recipes.ts';
import { runStep } from './run-step.ts';
import type { Progress } from './types.ts';

// Packages name paths under /lib although the files live under /usr/lib; tar must follow these links.
const MERGED = ['bin', 'sbin', 'lib', 'lib64'];

const UNPACK = `set -euo pipefail
root=$1; shift
for package in "$@"; do
  dpkg-deb --fsys-tarfile "$package" | tar --directory "$root" --extract \\
    --keep-directory-symlink --no-same-owner \\
    --exclude './usr/share/doc/*' --exclude './usr/share/man/*' --exclude './usr/share/locale/*'
done`;

const PASSWD = 'root:x:0:0:root:/:/bin/false\nnobody:x:65534:65534:nobody:/state:/bin/false\n';
const GROUP = 'root:x:0:\nnogroup:x:65534:\n';
const HOSTS = '127.0.0.1 localhost\n';

/**
 * Makes a root folder from package files without running any of their scripts, and proves that the server
 * inside runs. `log` gets the output of the steps.
 */
export async function unpackRoot(
  root: string,
  packages: readonly string[],
  recipe: Recipe,
  log: string,
  progress: Progress,
): Promise<void> {
  // mkdir's mode is cut down by the umask; servers run as nobody and have to pass here
  await mkdir(root, { recursive: true });
  await chmod(root, 0o755);
  for (const name of MERGED) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(join('usr', name), join(root, name));
  }
  const label = `unpacking ${packages.length} packages`;
  await runStep({ label, command: 'bash', args: ['-c', UNPACK, 'unpack', root, ...packages], log }, progress);
  await addWhatScriptsWouldMake(root);
  if (recipe.preload) await writeFile(join(root, 'etc', 'ld.so.preload'), `${recipe.preload}\n`);

  const inside = (what: string, program: readonly string[]): Promise<void> =>
    runStep({ label: what, ...isolated({ root, program, privileged: true }), log }, progress);
  if (recipe.polish) {
    await inside('compiling', recipe.polish).catch((error: unknown) =>
      progress(`not compiled: ${String(error)}`),
    );
  }
  await inside('trying it out', recipe.proof);
}

async function addWhatScriptsWouldMake(root: string): Promise<void> {
  for (const name of ['dev', 'proc', 'state', 'tmp', 'etc'])
    await mkdir(join(root, name), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  await writeFile(join(root, 'etc', 'passwd'), PASSWD);
  await writeFile(join(root, 'etc', 'group'), GROUP);
  await writeFile(join(root, 'etc', 'hosts'), HOSTS);
}
