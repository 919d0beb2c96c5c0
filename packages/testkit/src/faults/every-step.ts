/** What became of one run with a fault at the n-th step. `struck`: the run came as far as that step. */
export interface Run {
  readonly struck: boolean;
}

export interface Stride {
  /** A run with more steps than that has no end, which is a defect of the script. */
  readonly most?: number;
  /** Runs that are tried at the same time. */
  readonly ahead?: number;
  /** Only each step of that many, where all of them would take too long. */
  readonly every?: number;
  /** The first one. */
  readonly from?: number;
}

/**
 * n = 1, 2, 3, … until a run passes unhurt: then every step has been broken once. Gives how many were. Rejects with
 * the first run that does.
 */
export async function everyStep(
  run: (n: number) => Promise<Run>,
  { most = 1000, ahead = 1, every = 1, from = 1 }: Stride = {},
): Promise<number> {
  let next = from;
  let unhurt = Number.POSITIVE_INFINITY;
  const runner = async (): Promise<void> => {
    while (next < unhurt) {
      if (next > most) throw new Error(`the script has more than ${most} steps`);
      const n = next;
      next += every;
      if (!(await run(n)).struck) unhurt = Math.min(unhurt, n);
    }
  };
  await Promise.all(Array.from({ length: ahead }, runner));
  return (unhurt - from) / every;
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
