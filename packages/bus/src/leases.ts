import type { Clock, Lease } from '@brygga/contract';
import type { ScriptRunner } from './scripts.ts';

/** When something was asked for, by both clocks: only the date goes on while the machine is suspended. */
export interface Moment {
  readonly elapsed: number;
  readonly date: number;
}

interface Held {
  readonly own: string;
  readonly lose: () => void;
  /** When that was asked for by which the lease lasts in Redis now. */
  since: Moment;
  asking: boolean;
  /** Whether it was asked for again since then. */
  tried: boolean;
}

/**
 * Leases of this process, renewed once a quarter of their term is over: most lanes are empty again by then. One that
 * could not be renewed, because somebody took it or because Redis did not answer, counts as lost a quarter before it
 * ends: whoever holds it is told while nobody else can have it yet. When the timers of this process come that late,
 * it is asked for once before.
 */
export class Leases {
  readonly #scripts: ScriptRunner;
  readonly #clock: Clock;
  readonly #owner: string;
  readonly #leaseMs: number;
  readonly #held = new Map<string, Held>();
  #stop: (() => void) | null = null;
  #closed = false;

  constructor(scripts: ScriptRunner, clock: Clock, owner: string, leaseMs: number) {
    this.#scripts = scripts;
    this.#clock = clock;
    this.#owner = owner;
    this.#leaseMs = leaseMs;
  }

  /**
   * Keeps renewing `key`, which some script has just set to `own`, until `drop`. `since`: `moment` before that
   * script was sent.
   */
  hold(key: string, own: string, since: Moment, lose: () => void): void {
    if (this.#closed) return;
    this.#held.set(key, { own, lose, since, asking: false, tried: false });
    this.#stop ??= this.#schedule();
  }

  moment(): Moment {
    return { elapsed: this.#clock.elapsed(), date: this.#clock.now() };
  }

  drop(key: string, own: string): void {
    if (this.#held.get(key)?.own === own) this.#held.delete(key);
  }

  /** Whether `own` is surely still held: nobody else can have it. */
  has(key: string, own: string): boolean {
    const held = this.#held.get(key);
    return held?.own === own && this.#left(held) > 0;
  }

  /** Waits for a lease of its own; null when `signal` aborts first. */
  async take(keys: readonly [string, string], signal: AbortSignal): Promise<Lease | null> {
    while (!signal.aborted) {
      const asked = this.moment();
      const token = await this.#try(keys);
      if (token > 0 && !signal.aborted) return this.#lease(keys[0], token, asked);
      if (token > 0) await this.#release(keys[0], `${this.#owner}:${token}`).catch(() => undefined);
      await this.#clock.sleep(this.#leaseMs / 8, signal);
    }
    return null;
  }

  /** Forgets all leases without giving them up: they end by themselves. */
  close(): void {
    this.#closed = true;
    this.#stop?.();
    this.#stop = null;
    this.#held.clear();
  }

  async #try(keys: readonly [string, string]): Promise<number> {
    try {
      return (await this.#scripts.run('lease', keys, [this.#owner, this.#leaseMs])) as number;
    } catch {
      return 0; // Redis is away: tried again like a lease that somebody else holds
    }
  }

  async #release(key: string, own: string): Promise<void> {
    await this.#scripts.run('unlease', [key], [own]);
  }

  #lease(key: string, token: number, asked: Moment): Lease {
    const own = `${this.#owner}:${token}`;
    const lost = new AbortController();
    this.hold(key, own, asked, () => lost.abort());
    return {
      token,
      lost: lost.signal,
      release: async () => {
        this.drop(key, own);
        await this.#release(key, own);
      },
    };
  }

  #schedule(afterMs = this.#leaseMs / 4): () => void {
    const turn = this.#leaseMs / 4;
    return this.#clock.after(afterMs, () => {
      let next = turn;
      for (const [key, held] of this.#held) {
        const left = this.#left(held);
        if (left <= 0 || (left <= turn && held.tried)) this.#lose(key, held);
        else if (left <= this.#leaseMs - turn && !held.asking) void this.#renew(key, held);
        if (left > 0 && left <= turn) next = Math.min(next, left / 2);
      }
      this.#stop = this.#held.size > 0 ? this.#schedule(next) : null;
    });
  }

  /** ms the lease surely lasts. A date put forward loses it for nothing, which costs a new start of the lane. */
  #left({ since: { elapsed, date } }: Held): number {
    return this.#leaseMs - Math.max(this.#clock.elapsed() - elapsed, this.#clock.now() - date);
  }

  async #renew(key: string, held: Held): Promise<void> {
    const asked = this.moment();
    held.asking = true;
    held.tried = true;
    try {
      const answer = (await this.#scripts.run('renew', [key], [held.own, this.#leaseMs])) as number;
      if (answer === -1) this.#lose(key, held);
      else {
        held.since = asked;
        held.tried = false;
      }
    } catch {
      // Redis did not answer: time decides.
    } finally {
      held.asking = false;
    }
  }

  #lose(key: string, held: Held): void {
    if (this.#held.get(key) !== held) return;
    this.#held.delete(key);
    held.lose();
  }
}
