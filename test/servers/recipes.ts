import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { arch } from 'node:process';
import { cacheFolder } from './cache-folder.ts';
import type { ServerName } from './types.ts';

/** What a root folder is made of: all packages down to libc, so the host's release does not matter. */
export interface Recipe {
  /** Debian suites; the last one wins where versions differ. */
  suites: readonly string[];
  /** Packages by name; apt adds what they depend on. */
  packages: readonly string[];
  /** Library that every program inside loads first. */
  preload?: string;
  /** Run inside once after unpacking; only makes things faster, so its failure is no failure. */
  polish?: readonly string[];
  /** Run inside at the end; must succeed, else the preparation has failed. */
  proof: readonly string[];
  /** Rough seconds the first preparation takes, said beforehand. */
  seconds: number;
}

// util-linux brings setpriv; usr-is-merged stands in for usrmerge, which would bring all of Perl.
const BASE = ['util-linux', 'usr-is-merged'];

// Debian compiles Python files when it installs a package; unpacking does not, and every start would.
const COMPILE = `
import compileall, glob
for folder in glob.glob('/usr/lib/python3*'):
    compileall.compile_dir(folder, quiet=2, workers=0)
`;

// Every library that Prosody loads while it runs, each with a shared object that has to find its own.
const LOAD_ALL = `
package.cpath = '/usr/lib/prosody/?.so;' .. package.cpath
for _, name in ipairs { 'lxp', 'lfs', 'socket', 'ssl', 'dbd.sqlite3', 'util.pposix', 'util.crypto' } do
  require(name)
end`;

const RECIPES: Record<ServerName, Recipe> = {
  redis: {
    suites: ['bookworm'],
    packages: [...BASE, 'redis-server'],
    proof: ['/usr/bin/redis-server', '--version'],
    seconds: 10,
  },
  prosody: {
    suites: ['bookworm', 'bookworm-backports'],
    packages: [...BASE, 'lua5.4', 'lua-dbi-sqlite3', 'lua-readline', 'openssl', 'prosody', 'prosody-modules'],
    proof: ['/usr/bin/lua5.4', '-e', LOAD_ALL],
    seconds: 15,
  },
  synapse: {
    suites: ['sid'],
    // libeatmydata turns fsync into nothing: a killed process loses nothing by it, and SQLite gets faster.
    packages: ['util-linux', 'libeatmydata1', 'matrix-synapse'],
    preload: 'libeatmydata.so',
    polish: ['/usr/bin/python3', '-c', COMPILE],
    proof: ['/usr/bin/python3', '-m', 'synapse.app.homeserver', '--help'],
    seconds: 30,
  },
};

/** Raise when the way a root folder is made changes, so that older ones are not taken for good. */
const FORMAT = 1;

export const recipeFor = (name: ServerName): Recipe => RECIPES[name];

/** The root folder of a server; its name changes with the recipe. Exists only when it is complete. */
export function rootFolder(name: ServerName): string {
  const recipe = JSON.stringify([FORMAT, RECIPES[name]]);
  const mark = createHash('sha256').update(recipe).digest('hex').slice(0, 8);
  return join(cacheFolder(), `${name}-${arch}-${mark}`);
}

/** The last step of preparing is the renaming, so a root folder that is there is complete. */
export const isPrepared = (name: ServerName): boolean => existsSync(rootFolder(name));
