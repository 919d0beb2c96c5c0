import { CODES } from '@brygga/contract';
import { describe, expect, test } from 'vitest';
import { beforehand, errcodeOf, type Failure, isDown, outcomeOf } from '../src/errors.ts';
import { refusal } from './fake-homeserver.ts';

const lost: Failure = { kind: 'trouble', reason: 'lost', sent: true };
const unreached: Failure = { kind: 'trouble', reason: 'refused', sent: false };

describe('what the homeserver did, in the hub’s words', () => {
  test.each([
    [
      refusal(429, 'M_LIMIT_EXCEEDED', 1500),
      { kind: 'later', code: 'NETWORK_BUSY', scope: 'network', afterMs: 1500 },
    ],
    [refusal(429, ''), { kind: 'later', code: 'NETWORK_BUSY', scope: 'network' }],
    [refusal(401, 'M_UNKNOWN_TOKEN'), { kind: 'later', code: 'CREDENTIALS_REFUSED', scope: 'network' }],
    [refusal(401, 'M_MISSING_TOKEN'), { kind: 'later', code: 'CREDENTIALS_REFUSED', scope: 'network' }],
    [refusal(400, 'M_EXCLUSIVE'), { kind: 'later', code: 'CREDENTIALS_REFUSED', scope: 'network' }],
    [refusal(403), { kind: 'refused', code: 'FORBIDDEN' }],
    [refusal(403, 'M_BAD_STATE'), { kind: 'refused', code: 'PERSON_BANNED' }],
    [refusal(403, 'M_USER_DEACTIVATED'), { kind: 'refused', code: 'PERSON_BANNED' }],
    [refusal(404, 'M_NOT_FOUND'), { kind: 'refused', code: 'CHANNEL_GONE' }],
    [refusal(413, 'M_TOO_LARGE'), { kind: 'refused', code: 'TOO_LARGE' }],
    [refusal(413, ''), { kind: 'refused', code: 'TOO_LARGE' }],
    [refusal(400, 'M_BAD_JSON'), { kind: 'refused', code: 'NOT_ACCEPTABLE' }],
    [refusal(418, ''), { kind: 'refused', code: 'NOT_ACCEPTABLE' }],
    [refusal(500, 'M_UNKNOWN'), { kind: 'later', code: 'NETWORK_ERROR', scope: 'lane' }],
    [refusal(502, ''), { kind: 'unsure', code: 'NO_ANSWER' }],
    [refusal(503, ''), { kind: 'later', code: 'NETWORK_DOWN', scope: 'network' }],
    [refusal(504, ''), { kind: 'unsure', code: 'NO_ANSWER' }],
    [unreached, { kind: 'later', code: 'NETWORK_DOWN', scope: 'network' }],
    [lost, { kind: 'unsure', code: 'CONNECTION_LOST' }],
    [{ kind: 'trouble', reason: 'timeout', sent: true } as const, { kind: 'unsure', code: 'NO_ANSWER' }],
    [{ kind: 'trouble', reason: 'aborted', sent: true } as const, { kind: 'unsure', code: 'NO_ANSWER' }],
    [
      { kind: 'trouble', reason: 'aborted', sent: false } as const,
      { kind: 'later', code: 'NETWORK_DOWN', scope: 'network' },
    ],
  ])('%o', (failure, outcome) => {
    expect(outcomeOf(failure)).toEqual(outcome);
  });

  test('what may have been sent is never called not sent', () => {
    for (const status of [400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504]) {
      const outcome = outcomeOf(refusal(status, ''));
      const { certainty } = CODES[outcome.code];
      if (outcome.kind === 'unsure') expect(certainty).toBe('maybeSent');
      else expect(certainty).toBe('notSent');
    }
  });

  test('before the message was sent nothing is unsure', () => {
    expect(beforehand(lost)).toEqual({ kind: 'later', code: 'NETWORK_DOWN', scope: 'lane' });
    expect(beforehand(refusal(403))).toEqual({ kind: 'refused', code: 'FORBIDDEN' });
  });
});

test('errcodes with and without a vendor’s prefix', () => {
  expect(errcodeOf({ errcode: 'ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE' })).toBe('M_UNKNOWN_DEVICE');
  expect(errcodeOf({ errcode: 'M_FORBIDDEN' })).toBe('M_FORBIDDEN');
  expect([errcodeOf('<html>'), errcodeOf(null), errcodeOf({ errcode: 7 })]).toEqual(['', '', '']);
});

test('when to look whether anybody is there', () => {
  expect([lost, unreached, refusal(503), refusal(502)].map(isDown)).toEqual([true, true, true, true]);
  expect([refusal(500), refusal(403), refusal(429)].map(isDown)).toEqual([false, false, false]);
});
