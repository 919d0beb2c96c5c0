import { type Clock, systemClock } from '@brygga/contract';

export interface Patience {
  readonly withinMs?: number;
  readonly everyMs?: number;
  /** Said in the error when it never came true; may describe what is there instead. */
  readonly what?: string | (() => string);
  readonly clock?: Clock;
}

/** What a condition gives that is not (yet) true. */
type NotYet = undefined | null | false;

/**
 * Asks again and again until the condition gives something, and gives that. A condition that throws is not yet
 * true; its last error is told when time is up. Tests wait by condition, never for a length of time.
 */
export async function waitFor<T>(
  condition: () => T | NotYet | Promise<T | NotYet>,
  { withinMs = 3000, everyMs = 5, what = 'the condition', clock = systemClock }: Patience = {},
): Promise<T> {
  const from = clock.elapsed();
  let trouble: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) return value;
    } catch (error) {
      trouble = error;
    }
    if (clock.elapsed() - from > withinMs) break;
    await clock.sleep(everyMs);
  }
  const said = typeof what === 'string' ? what : what();
  throw new Error(`waited ${withinMs} ms in vain for: ${said}`, { cause: trouble });
}
