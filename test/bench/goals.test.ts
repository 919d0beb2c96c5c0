import { describe, expect, it } from 'vitest';
import { goalsOf, type Results } from './goals.ts';
import type { Figures } from './job.ts';
import type { MeasureName } from './measures.ts';

const resultsOf = (...entries: readonly (readonly [MeasureName, readonly Figures[]])[]): Results =>
  new Map(entries);

describe('goalsOf', () => {
  it('divides within a repetition, then takes the median', () => {
    const results = resultsOf(
      ['jobs', [{ perSecond: 100 }, { perSecond: 10 }, { perSecond: 10 }]],
      ['hub-50', [{ deliveriesPerSecond: 300 }, { deliveriesPerSecond: 15 }, { deliveriesPerSecond: 25 }]],
    );
    const [first] = goalsOf(results);
    expect(first).toMatchObject({ reached: 2.5, goal: '>= 2', verdict: 'ok' });
  });

  it('says what was missed, what was not measured, and what is no steady state', () => {
    const cost = (messagesPerSecond: number, hubCpuMicros: number): Figures => ({
      messagesPerSecond,
      hubCpuMicros,
    });
    const missed = resultsOf(['cost-10', [cost(1000, 100)]], ['cost-2000', [cost(1000, 300)]]);
    const lagging = resultsOf(['cost-10', [cost(1000, 100)]], ['cost-2000', [cost(500, 150)]]);
    const verdictOf = (results: Results): string | undefined =>
      goalsOf(results).find(({ says }) => says.startsWith('CPU per message'))?.verdict;
    expect(verdictOf(missed)).toBe('MISSED');
    expect(verdictOf(lagging)).toBe('did not keep up');
    expect(verdictOf(resultsOf(['cost-10', [cost(1000, 100)]]))).toBe('not measured');
  });
});
