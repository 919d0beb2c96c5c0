import type { Exit } from './exit.ts';

export const CONFIG = [
  '-c, --config <file>',
  'settings file (default: $BRYGGA_CONFIG, else ./brygga.yaml)',
] as const;

export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ brygga ${line}`).join('\n')}`;

/** Is given what a command comes to. */
export type Run = (exit: Exit | Promise<Exit>) => Promise<void>;
