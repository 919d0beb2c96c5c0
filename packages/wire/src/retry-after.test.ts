import { describe, expect, test } from 'vitest';
import { RETRY_AFTER_MS_MAX, retryAfterMs } from './retry-after.ts';

const now = Date.UTC(2026, 0, 5, 12, 0, 0);

describe('retryAfterMs', () => {
  test.each([
    ['3', 3000],
    [' 0 ', 0],
    ['0.25', 250],
    ['1.0001', 1001],
    ['Mon, 05 Jan 2026 12:00:07 GMT', 7000],
    ['Mon, 05 Jan 2026 11:00:00 GMT', 0],
    ['999999999', RETRY_AFTER_MS_MAX],
    ['Tue, 05 Jan 2027 12:00:00 GMT', RETRY_AFTER_MS_MAX],
  ])('%s is %i ms', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });

  test.each([undefined, null, '', '  ', 'soon', '-', '1e3 s'])('%s is unreadable', (header) => {
    expect(retryAfterMs(header, now)).toBeNull();
  });
});
