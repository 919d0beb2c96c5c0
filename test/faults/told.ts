import type { Finished } from './systematic.ts';

export type Told = (line: string) => void;

export interface SeedResult {
  readonly seed: number;
  readonly broken: string | null;
}

/** What is said of a case that is finished. */
export const lineOf = ({ name, steps, ms, broken }: Finished): string =>
  `${name}: ${broken ?? `${steps} steps broken, all whole, ${ms.toFixed(0)} ms each`}`;
