import { done, type Outcome, unsure } from '@brygga/contract';
import { ManualClock } from '@brygga/testkit';
import { describe, expect, it } from 'vitest';
import { type SendWindow, SendWindows } from './send-window.ts';

const late = unsure('NO_ANSWER');

function opened() {
  const clock = new ManualClock();
  return { clock, windows: new SendWindows(clock, () => late) };
}

/** What a window came to, once it did. */
async function result(window: SendWindow): Promise<readonly Outcome[] | 'under way'> {
  return Promise.race([
    window.outcomes,
    new Promise<'under way'>((resolve) => setImmediate(resolve, 'under way')),
  ]);
}

describe('a window', () => {
  it('is over when each of its sends is settled, in their order', async () => {
    const { windows } = opened();
    const window = windows.begin(2, 1000);
    window.settle(1, late);
    expect(await result(window)).toBe('under way');
    window.settle(0, done([]));
    expect(await result(window)).toEqual([done([]), late]);
    expect(await result(windows.begin(0, 1000))).toEqual([]);
  });

  it('is aborted when its time is over, and some time later settled with what is late', async () => {
    const { clock, windows } = opened();
    const window = windows.begin(2, 1000);
    window.settle(0, done([]));
    await clock.advance(1000);
    expect(window.signal.aborted).toBe(false);
    await clock.advance(50);
    expect(window.signal.aborted).toBe(true);
    expect(await result(window)).toBe('under way');
    await clock.advance(2000);
    expect(await result(window)).toEqual([done([]), late]);
    window.settle(1, done([]));
    expect(await result(window)).toEqual([done([]), late]);
  });

  it('has its whole time also when it began later than those it shares its limit with', async () => {
    const { clock, windows } = opened();
    const first = windows.begin(1, 1000);
    await clock.advance(49);
    const second = windows.begin(1, 1000);
    expect(second.signal).toBe(first.signal);
    first.settle(0, done([]));
    await clock.advance(999);
    expect(second.signal.aborted).toBe(false);
    await clock.advance(2);
    expect(second.signal.aborted).toBe(true);
  });

  it('shares no limit with one that began long before, or has another time', async () => {
    const { clock, windows } = opened();
    const first = windows.begin(1, 1000);
    expect(windows.begin(1, 2000).signal).not.toBe(first.signal);
    await clock.advance(50);
    const second = windows.begin(1, 1000);
    expect(second.signal).not.toBe(first.signal);
    await clock.advance(1000);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false]);
  });

  it('leaves no timer behind', async () => {
    const { clock, windows } = opened();
    const early = windows.begin(1, 1000);
    early.settle(0, done([]));
    await clock.advance(50);
    const lasting = windows.begin(1, 1000);
    await clock.advance(50);
    lasting.settle(0, done([]));
    expect(clock.waiting).toBe(0);
  });
});

describe('when all are cut', () => {
  it('those under way are aborted, and those that begin later', async () => {
    const { clock, windows } = opened();
    const before = windows.begin(1, 1000);
    windows.cut();
    const after = windows.begin(1, 1000);
    expect([before.signal.aborted, after.signal.aborted]).toEqual([true, true]);
    await clock.advance(2000);
    expect(await result(before)).toEqual([late]);
    expect(await result(after)).toEqual([late]);
    expect(clock.waiting).toBe(0);
  });
});
