/** What became of one run with a fault at the n-th step. `struck`: the run came as far as that step. */
export interface Run {
  readonly struck: boolean;
}

/**
 * n = 1, 2, 3, … until a run passes unhurt: then every step has been broken once. Gives how many were. Some runs are
 * tried ahead, `ahead` at the same time. `most`: a run with more steps than that has no end, which is a defect of
 * the script. Rejects with the first run that does.
 */
export async function everyStep(
  run: (n: number) => Promise<Run>,
  { most = 1000, ahead = 1 }: { readonly most?: number; readonly ahead?: number } = {},
): Promise<number> {
  let next = 1;
  let unhurt = Number.POSITIVE_INFINITY;
  const runner = async (): Promise<void> => {
    while (next < unhurt) {
      if (next > most) throw new Error(`the script has more than ${most} steps`);
      const n = next;
      next += 1;
      if (!(await run(n)).struck) unhurt = Math.min(unhurt, n);
    }
  };
  await Promise.all(Array.from({ length: ahead }, runner));
  return unhurt - 1;
}

/** Lets at most `most` of something run at the same time; the others wait their turn. */
export class AtOnce {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
