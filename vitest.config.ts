import { defineConfig } from 'vitest/config';
import LongestFirst from './test/longest-first.ts';

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'bridges/*/{src,test}/**/*.test.ts',
            'test/{tidy,bench,demo,faults,house,networks}/**/*.test.ts',
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
          // Each file brings its own servers on free ports. They wait more than they compute, so two go together.
          maxWorkers: 2,
          // After the unit tests, which take all cores.
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
