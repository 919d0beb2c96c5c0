import { expect, it } from 'vitest';
import { wishOf } from './options.ts';

it('plays all of a tier when nothing else is said, and less of the slower one', () => {
  expect(wishOf([])).toMatchObject({ tier: 'tincan', cases: '' });
  expect(wishOf([])).toHaveProperty('seeds.length', 300);
  expect(wishOf(['--tier', 'real'])).toMatchObject({ tier: 'real', cases: '', every: 5 });
  expect(wishOf(['--tier', 'real'])).toHaveProperty('seeds.length', 20);
  expect(wishOf(['--tier', 'real', '--seed', '7'])).toMatchObject({ cases: null, seeds: [7] });
});

it.each([
  [['--tier', 'other'], '--tier takes one of tincan, real'],
  [['--every', '0'], '--every takes a whole number from 1 to 1000'],
  [['--seeds', 'x'], '--seeds takes a whole number'],
])('refuses %j', (words, reason) => {
  expect(() => wishOf(words)).toThrow(reason);
});
