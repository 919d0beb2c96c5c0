import { RedisFull } from './scripts.ts';

/** Whether Redis has memory for what comes, as far as the last that came tells. */
export class Memory {
  #full = false;
  readonly #onError: (code: string) => void;

  constructor(onError: (code: string) => void) {
    this.#onError = onError;
  }

  /** The last that came was not accepted for want of memory. */
  get full(): boolean {
    return this.#full;
  }

  /** Tells of `step`, which accepts something, and rejects as it does. */
  async watch<Result>(step: Promise<Result>): Promise<Result> {
    try {
      const result = await step;
      this.#full = false;
      return result;
    } catch (error) {
      this.#full = error instanceof RedisFull;
      if (this.#full) this.#onError('REDIS_FULL');
      throw error;
    }
  }
}
