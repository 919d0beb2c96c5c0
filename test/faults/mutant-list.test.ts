import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { changed, MUTANTS } from './mutant-list.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const changes = MUTANTS.flatMap((mutant) => mutant.changes.map((change) => [mutant.name, change] as const));

describe('a mutant', () => {
  it.each(changes)('fits the code as it is: %s', async (_name, change) => {
    expect(await changed(ROOT, change)).toContain(change.put);
  });
});
