import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withLock } from './cache-lock.ts';
import { debianMirror, parseLines, parseStanzas } from './debian-sources.ts';
import { freePort, prepare } from './index.ts';
import { rootFolder } from './recipes.ts';

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'brygga-preparing-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(scratch, { recursive: true, force: true });
});

const stanza = (uri: string, suite: string): string =>
  `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: main\nSigned-By: /k.gpg\n\n`;

describe('apt sources', () => {
  it('reads the one-line form with and without options', () => {
    const text = `# deb http://commented.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib # the archive
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64 signed-by=/keys/a.gpg] https://other.example/apt stable main
`;
    expect(parseLines(text)).toEqual([
      {
        uris: ['http://mirror.example/debian'],
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        trusted: false,
      },
      {
        uris: ['https://other.example/apt'],
        suites: ['stable'],
        components: ['main'],
        trusted: false,
        signedBy: '/keys/a.gpg',
      },
    ]);
  });

  it('reads the stanza form with comments, continued fields and a key in place', () => {
    const text = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /keys/debian-archive-keyring.gpg

Types: deb
URIs: http://off.example/
Suites: ./
Enabled: no

Types: deb deb-src
URIs: http://inline.example/
Suites: stable
Components: main
Trusted: yes
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 abc
`;
    expect(parseStanzas(text)).toEqual([
      {
        uris: ['http://mirror.example/debian'],
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main'],
        trusted: false,
        signedBy: '/keys/debian-archive-keyring.gpg',
      },
      { uris: ['http://inline.example/'], suites: ['stable'], components: ['main'], trusted: true },
    ]);
  });

  it('finds the archive of Debian among others', async () => {
    await mkdir(join(scratch, 'apt', 'sources.list.d'), { recursive: true });
    await writeFile(join(scratch, 'os-release'), 'ID=debian\nVERSION_CODENAME=bookworm\n');
    await writeFile(
      join(scratch, 'apt', 'sources.list.d', 'a.list'),
      'deb http://vendor.example/apt bookworm main\n',
    );
    await writeFile(
      join(scratch, 'apt', 'sources.list.d', 'debian.sources'),
      stanza('http://sec.example/debian-security', 'bookworm-security') +
        stanza('http://mirror.example/debian', 'bookworm'),
    );
    expect(await debianMirror(scratch)).toEqual({
      uri: 'http://mirror.example/debian',
      options: '[signed-by=/k.gpg] ',
    });
  });

  it('finds none where there is none', async () => {
    expect(await debianMirror(scratch)).toBeUndefined();
  });
});

describe('free ports', () => {
  it('are never given twice', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(new Set(ports).size).toBe(50);
  });
});

describe('the lock', () => {
  it('lets one at a time', async () => {
    const happened: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      happened.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      happened.push(`${name} out`);
    };
    const file = join(scratch, 'deeper', 'lock');
    await Promise.all([withLock(file, () => {}, work('a')), withLock(file, () => {}, work('b'))]);
    expect(happened.map((line) => line.slice(2))).toEqual(['in', 'out', 'in', 'out']);
  });

  it('is free again when the work fails', async () => {
    const file = join(scratch, 'lock');
    await expect(
      withLock(
        file,
        () => {},
        () => Promise.reject(new Error('no')),
      ),
    ).rejects.toThrow('no');
    await withLock(
      file,
      () => {},
      () => Promise.resolve(),
    );
  });

  it('is free again when its holder is killed', async () => {
    const file = join(scratch, 'lock');
    const script = `
      const { withLock } = await import('${new URL('./cache-lock.ts', import.meta.url).href}');
      const work = async () => { process.kill(process.pid, 'SIGKILL'); };
      await withLock(${JSON.stringify(file)}, () => {}, work);`;
    const end = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
    expect(end.signal).toBe('SIGKILL');
    await withLock(
      file,
      () => {},
      () => Promise.resolve(),
    );
  });
});

describe('preparing', () => {
  it('clears up after an interrupted one, and is done once by two at a time', async () => {
    vi.stubEnv('XDG_CACHE_HOME', scratch);
    const cache = dirname(rootFolder('prosody'));
    await mkdir(join(cache, 'build-prosody-1-1', 'root'), { recursive: true });
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    await Promise.all([prepare(['prosody'], say), prepare(['prosody'], say)]);
    expect(lines.filter((line) => line.includes('removing an interrupted preparation'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('prepared in'))).toHaveLength(1);
    expect((await readdir(cache)).filter((name) => name.startsWith('build-'))).toEqual([]);
    await prepare(['prosody'], () => expect.unreachable('there is nothing left to do'));
  });
});

describe('the command', () => {
  const prepareFile = fileURLToPath(new URL('./prepare.ts', import.meta.url));
  const run = (...words: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [prepareFile, ...words], { encoding: 'utf8' });

  it('explains itself', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('usage:') as string });
  });

  it('refuses a server it does not know', () => {
    expect(run('postgres')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"postgres"') as string,
    });
  });
});
