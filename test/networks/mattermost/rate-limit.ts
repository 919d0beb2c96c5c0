import type { Clock } from '@brygga/contract';
import type { RateLimitSettings } from './settings.ts';

export interface Verdict {
  readonly isLimited: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** app/ratelimit.go over throttled's GCRA: one cell each 1/perSec seconds, `maxBurst` more at once. */
export class RateLimiter {
  /** The theoretical arrival time of the next request, by key. */
  readonly #arrival = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(key: string, { perSec, maxBurst }: RateLimitSettings): Verdict {
    const now = this.#clock.now();
    const spacing = 1000 / perSec;
    const tolerance = spacing * (maxBurst + 1);
    const next = Math.max(now, this.#arrival.get(key) ?? now) + spacing;
    const isLimited = next - tolerance > now;
    const arrival = isLimited ? next - spacing : next;
    this.#arrival.set(key, arrival);
    const remaining = Math.max(0, Math.floor((tolerance - (arrival - now)) / spacing));
    const headers = {
      'x-ratelimit-limit': String(maxBurst + 1),
      'x-ratelimit-remaining': String(isLimited ? 0 : remaining),
      'x-ratelimit-reset': String(Math.ceil((arrival - now) / 1000)),
    };
    if (!isLimited) return { isLimited, headers };
    return {
      isLimited,
      headers: { ...headers, 'retry-after': String(Math.ceil((next - tolerance - now) / 1000)) },
    };
  }
}
