/** How many begin in one turn of the event loop. */
const AT_ONCE = 4;

/**
 * Lets some begin in each turn of the event loop, the others in the turns that follow, in the order in which they
 * came. Whoever comes while few are there begins at once. Nobody waits for another to be through.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #begun = 0;
  #turning = false;

  async next(): Promise<void> {
    this.#turn();
    if (this.#begun < AT_ONCE && this.#waiting.length === 0) {
      this.#begun += 1;
      return;
    }
    await new Promise<void>((begin) => this.#waiting.push(begin));
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => {
      this.#turning = false;
      const first = this.#waiting.splice(0, AT_ONCE);
      this.#begun = first.length;
      for (const begin of first) begin();
      if (this.#waiting.length > 0) this.#turn();
    });
  }
}
