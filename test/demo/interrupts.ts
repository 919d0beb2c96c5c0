const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** npm passes on to us what the terminal has sent us already: one Ctrl-C may come twice. */
const SAME_MS = 500;
export const INTERRUPTED_EXIT = 130;

/** The user asked to stop before there was a result. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** The first request to stop is kept, the second ends the process at once: with it all it has started. */
export class Interrupts {
  readonly asked: Promise<void>;

  constructor(say: (line: string) => void) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.asked = promise;
    let first: number | null = null;
    const heard = (): void => {
      const now = performance.now();
      if (first === null) {
        first = now;
        resolve();
      } else if (now - first > SAME_MS) {
        say('ended at once');
        process.exit(INTERRUPTED_EXIT);
      }
    };
    for (const signal of SIGNALS) process.on(signal, heard);
  }

  /** The work's result, unless the user asks to stop before. @throws Interrupted */
  async unless<T>(work: Promise<T>): Promise<T> {
    const stop = this.asked.then(() => {
      throw new Interrupted('interrupted');
    });
    return Promise.race([work, stop]);
  }
}
