import { expect, it } from 'vitest';
import { plotOf } from './random.ts';

it('a seed gives the same history every time, and another seed another one', () => {
  expect(plotOf(7)).toEqual(plotOf(7));
  expect(plotOf(7).steps).not.toEqual(plotOf(8).steps);
});

it('histories are of the size they are said to be, with troubles of every kind among them', () => {
  const plots = Array.from({ length: 60 }, (_, seed) => plotOf(seed + 1));
  for (const { steps } of plots) {
    expect(steps.filter((step) => 'do' in step)).toHaveLength(200);
    expect(steps.filter((step) => 'trouble' in step).length).toBeGreaterThanOrEqual(10);
  }
  const kinds = new Set(
    plots.flatMap(({ steps }) => steps.map((one) => ('do' in one ? one.do : one.trouble))),
  );
  expect([...kinds].sort()).toEqual(
    [
      ...['cutOff', 'dateJumps', 'die', 'edit', 'freeze', 'hangUp', 'join', 'leave', 'networkDown', 'react'],
      ...['redisDies', 'remove', 'say', 'stop', 'strike'],
    ].sort(),
  );
});
