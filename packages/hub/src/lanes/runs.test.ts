import { checkedLog } from '@brygga/testkit';
import { describe, expect, it } from 'vitest';
import { Runs } from './runs.ts';

describe('runs', () => {
  it('are settled when none is under way, also of those that begin meanwhile', async () => {
    const runs = new Runs(checkedLog([]).log);
    const steps: string[] = [];
    runs.start(async () => {
      await Promise.resolve();
      runs.start(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        steps.push('second');
      });
      steps.push('first');
    });
    expect(runs.count).toBe(1);
    await runs.settled();
    expect(steps).toEqual(['first', 'second']);
    expect(runs.count).toBe(0);
  });

  it('one that fails is told of and harms nobody', async () => {
    const { log, lines } = checkedLog([]);
    const runs = new Runs(log);
    runs.start(() => Promise.reject(new TypeError('what ada wrote')));
    await runs.settled();
    expect(lines).toMatchObject([{ level: 'error', code: 'lane.fault' }]);
    expect(JSON.stringify(lines)).not.toContain('ada');
  });
});
