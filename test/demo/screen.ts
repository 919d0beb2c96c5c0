import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** Columns of the two views side by side at least; a narrower terminal gets one below the other. */
export const SIDE_BY_SIDE = 100;
const WIDEST = 120;

/** Progress goes to standard error, the result to standard output; colours where a person watches (or NO_COLOR). */
export class Screen {
  readonly #began = performance.now();

  /** Colours for standard output. */
  readonly paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });

  get columns(): number {
    return Math.min(process.stdout.columns ?? SIDE_BY_SIDE, WIDEST);
  }

  progress(line: string): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1).padStart(6);
    const stamp = styleText('dim', `${seconds} s`, { stream: process.stderr });
    process.stderr.write(`${stamp}  ${line}\n`);
  }

  problem(text: string): void {
    process.stderr.write(`${styleText('red', 'demo:', { stream: process.stderr })} ${text}\n`);
  }

  result(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
