/** No server makes us wait longer than this in one go; after it we ask again. */
export const RETRY_AFTER_MS_MAX = 60 * 60 * 1000;

const SECONDS = /^\d{1,9}(?:\.\d{1,9})?$/;

/**
 * Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds or an HTTP date. Fractions of a second are outside the
 * RFC but sent by some servers. Null when absent or unreadable; never negative, never above the bound.
 */
export function retryAfterMs(header: string | null | undefined, now: number): number | null {
  const value = header?.trim() ?? '';
  if (value === '') return null;
  if (SECONDS.test(value)) return bounded(Number(value) * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : bounded(date - now);
}

const bounded = (ms: number): number => Math.ceil(Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX));
