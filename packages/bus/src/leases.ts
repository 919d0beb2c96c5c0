import type { Clock, Lease } from '@brygga/contract';
import type { Scripts } from './scripts.ts';

interface Held {
  readonly own: string;
  readonly lose: () => void;
  /** Until when (clock.elapsed) the lease surely lasts. */
  until: number;
  asking: boolean;
}

/**
 * Leases of this process, renewed at a third of their term. One that could not be renewed in time, because
 * somebody took it or because Redis did not answer, counts as lost: whoever holds it is told.
 */
export class Leases {
  readonly #scripts: Scripts;
  readonly #clock: Clock;
  readonly #owner: string;
  readonly #leaseMs: number;
  readonly #held = new Map<string, Held>();
  #stop: (() => void) | null = null;

  constructor(scripts: Scripts, clock: Clock, owner: string, leaseMs: number) {
    this.#scripts = scripts;
    this.#clock = clock;
    this.#owner = owner;
    this.#leaseMs = leaseMs;
  }

  /** Keeps renewing `key`, which some script has just set to `own`, until `drop`. */
  hold(key: string, own: string, lose: () => void): void {
    this.#held.set(key, { own, lose, until: this.#clock.elapsed() + this.#leaseMs, asking: false });
    this.#stop ??= this.#schedule();
  }

  drop(key: string, own: string): void {
    if (this.#held.get(key)?.own === own) this.#held.delete(key);
  }

  /** Waits for a lease of its own; null when `signal` aborts first. */
  async take(keys: readonly [string, string], signal: AbortSignal): Promise<Lease | null> {
    while (!signal.aborted) {
      const token = await this.#try(keys);
      if (token > 0) return this.#lease(keys[0], token);
      await this.#clock.sleep(this.#leaseMs / 8, signal);
    }
    return null;
  }

  /** Forgets all leases without giving them up: they end by themselves. */
  close(): void {
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

  #lease(key: string, token: number): Lease {
    const own = `${this.#owner}:${token}`;
    const lost = new AbortController();
    this.hold(key, own, () => lost.abort());
    return {
      token,
      lost: lost.signal,
      release: async () => {
        this.drop(key, own);
        await this.#scripts.run('unlease', [key], [own]);
      },
    };
  }

  #schedule(): () => void {
    return this.#clock.after(this.#leaseMs / 3, () => {
      const now = this.#clock.elapsed();
      for (const [key, held] of this.#held) {
        if (now > held.until) this.#lose(key, held);
        else if (!held.asking) void this.#renew(key, held);
      }
      this.#stop = this.#held.size > 0 ? this.#schedule() : null;
    });
  }

  async #renew(key: string, held: Held): Promise<void> {
    const asked = this.#clock.elapsed();
    held.asking = true;
    try {
      const answer = (await this.#scripts.run('renew', [key], [held.own, this.#leaseMs])) as number;
      if (answer === -1) this.#lose(key, held);
      else held.until = asked + this.#leaseMs;
    } catch {
      // Redis did not answer: `until` decides.
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
