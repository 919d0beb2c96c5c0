import { defineConfig } from 'vitest/config';

/** The small runs that closing-line.test.ts starts. */
export default defineConfig({ test: { include: ['*.case.ts'] } });
