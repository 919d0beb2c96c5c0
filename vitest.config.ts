import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'bridges/*/{src,test}/**/*.test.ts',
            'test/{tidy,bench,demo,faults,house}/**/*.test.ts',
          ],
          exclude: ['**/*.real.test.ts', '**/node_modules/**'],
          // Property tests take seconds, and several times as many on a machine that does other things.
          testTimeout: 30_000,
          maxWorkers: '100%',
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['**/*.real.test.ts', 'test/servers/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          runner: './test/real-runner.ts',
          pool: 'forks',
          // Some hold promises against the clock, which a second file beside them would break.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
