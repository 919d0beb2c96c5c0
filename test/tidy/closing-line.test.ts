import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('closing', import.meta.url));
const reporter = fileURLToPath(new URL('../reporter.ts', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

/** What a run of the files named so prints after its dashes. */
function closingOf(name: string): { readonly lines: string[]; readonly code: number | null } {
  const args = [vitest, 'run', '--root', folder, '--reporter', reporter, name];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return { lines: stdout.trim().split('\n'), code: status };
}

describe('the closing line of a run', () => {
  it('counts, and tells each skipped test with its reason before', () => {
    expect(closingOf('mixed')).toEqual({
      lines: [
        'Not run:',
        '  mixed.case.ts > is skipped while it runs: the kettle is cold',
        '  mixed.case.ts > a chapter > is skipped with its chapter: the cups are gone',
        '  mixed.case.ts > another chapter > is never reached: what it stands in failed',
        '',
        '1 passed, 2 failed, 3 skipped',
      ],
      code: 1,
    });
  });

  it('counts a file that cannot be loaded', () => {
    expect(closingOf('import')).toEqual({ lines: ['0 passed, 1 failed, 0 skipped'], code: 1 });
  });

  it('counts what fails outside any test', () => {
    expect(closingOf('late')).toEqual({ lines: ['1 passed, 1 failed, 0 skipped'], code: 1 });
  });
});
