import { describe, expect, it } from 'vitest';
import {
  CODES,
  capabilityTable,
  done,
  FEATURES,
  faultOf,
  full,
  graded,
  later,
  type Manifest,
  refused,
  systemClock,
  unsure,
} from './index.ts';

describe('codes', () => {
  const rows = Object.entries(CODES);
  it.each(rows)('%s tells the operator what to do, and people in both languages or not at all', (_, row) => {
    expect(row.operator.length).toBeGreaterThan(10);
    if (row.people !== null) {
      expect(row.people.en).toMatch(/\.$/);
      expect(row.people.sv).toMatch(/\.$/);
    }
  });
});

describe('outcomes', () => {
  const message = { id: 'm1' as Parameters<typeof done>[0][number]['id'] };
  it('are what they are called', () => {
    expect(done([message], { lost: ['table'] })).toEqual({
      kind: 'done',
      messages: [message],
      lost: ['table'],
    });
    expect(later('NETWORK_BUSY', { afterMs: 5 })).toEqual({
      kind: 'later',
      code: 'NETWORK_BUSY',
      afterMs: 5,
    });
    expect(refused('FORBIDDEN')).toEqual({ kind: 'refused', code: 'FORBIDDEN' });
    expect(unsure('NO_ANSWER')).toEqual({ kind: 'unsure', code: 'NO_ANSWER' });
  });
});

describe('the capability table', () => {
  const features = Object.fromEntries(FEATURES.map((feature) => [feature, full()])) as Manifest['features'];
  const manifest: Manifest = {
    protocol: 'x',
    title: 'X',
    specifications: [],
    features: { ...features, edit: graded('partial', 'dropped', 'Not after a day.') },
    limits: {
      textBytes: 1,
      partsMax: 1,
      editAgeMs: null,
      fileBytes: 0,
      reactions: 'any',
      sendWindow: 1,
      sendWindowOf: 'person',
      sendTimeoutMs: 1,
    },
    idempotency: 'key',
    people: 'ghosts',
  };
  it('has a row for each feature, with its note', () => {
    const lines = capabilityTable(manifest).split('\n');
    expect(lines).toHaveLength(FEATURES.length + 2);
    expect(lines).toContain('| edit | partial | dropped | Not after a day. |');
    expect(lines).toContain('| reply | full | full |  |');
  });
});

describe('a fault', () => {
  it('is told by class and place, never by its message', () => {
    const told = faultOf(new TypeError('Ada said: tea'));
    expect(told).toMatch(/^TypeError at [\w.-]+\.ts:\d+$/);
    expect(faultOf('Ada said: tea')).toBe('string');
    expect(faultOf(undefined)).toBe('undefined');
  });
});

describe('the system clock', () => {
  it('wakes a sleeper when it is called', async () => {
    const stop = new AbortController();
    const sleeping = systemClock.sleep(60_000, stop.signal);
    stop.abort();
    await sleeping;
    await systemClock.sleep(60_000, stop.signal);
    await systemClock.sleep(1);
  });
  it('does not call what was called off', async () => {
    let called = 0;
    systemClock.after(1, () => {
      called += 1;
    });
    systemClock.after(1, () => {
      called += 10;
    })();
    await systemClock.sleep(20);
    expect(called).toBe(1);
    expect(systemClock.elapsed()).toBeGreaterThan(0);
  });
});
