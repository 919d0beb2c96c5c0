/** What may befall a call of a client. Commit: what was asked for happens all the same. */
export type CallFault =
  | { readonly kind: 'lag'; readonly ms: number }
  /** It happens and is told to everybody, but the answer takes its time. */
  | { readonly kind: 'lateAnswer'; readonly ms: number }
  | { readonly kind: 'hangUp'; readonly commit: boolean }
  /** It happens, and no answer ever comes over a line that stays open. */
  | { readonly kind: 'loseAnswer' }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'throttle'; readonly afterMs: number }
  | { readonly kind: 'internal' };

/** What may befall a notification on its way to a client. */
export type NoticeFault =
  | { readonly kind: 'lag'; readonly ms: number }
  | { readonly kind: 'duplicate' }
  /** It comes after the next one. */
  | { readonly kind: 'reorder' }
  | { readonly kind: 'forget' };

/** A fault for the n-th of something from now on. */
interface Scripted<F> {
  at: number;
  readonly fault: F;
}

/**
 * Faults of one kind, scripted or by chance. Costs one look when there are none. A script counts only what
 * `matches`.
 */
export class Faults<F, About> {
  #scripted: { readonly matches: (about: About) => boolean; readonly script: Scripted<F> }[] = [];
  #always: {
    readonly matches: (about: About) => boolean;
    readonly draw: (about: About) => F | undefined;
  }[] = [];
  #any = false;

  /** The n-th (from 1) matching one from now meets the fault. */
  nth(n: number, fault: F, matches: (about: About) => boolean = () => true): void {
    this.#scripted.push({ matches, script: { at: n, fault } });
    this.#any = true;
  }

  /** The next one meets the fault. */
  next(fault: F, matches?: (about: About) => boolean): void {
    this.nth(1, fault, matches);
  }

  /** Each one may meet a fault: `draw` decides, with chance it brings along. */
  always(draw: (about: About) => F | undefined, matches: (about: About) => boolean = () => true): void {
    this.#always.push({ matches, draw });
    this.#any = true;
  }

  clear(): void {
    this.#scripted = [];
    this.#always = [];
    this.#any = false;
  }

  /** Whether nothing can meet a fault now. */
  get none(): boolean {
    return !this.#any;
  }

  /** The fault this one meets, if any. */
  meet(about: About): F | undefined {
    if (!this.#any) return undefined;
    for (const one of this.#scripted) if (one.matches(about)) one.script.at -= 1;
    const due = this.#scripted.findIndex(({ script }) => script.at <= 0);
    if (due >= 0) return this.#scripted.splice(due, 1)[0]?.script.fault;
    for (const { matches, draw } of this.#always) {
      const fault = matches(about) ? draw(about) : undefined;
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}
