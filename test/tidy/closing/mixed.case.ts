import { beforeAll, describe, expect, it } from 'vitest';

it('passes', () => {
  expect(1).toBe(1);
});

it('fails', () => {
  expect(1).toBe(2);
});

it('is skipped while it runs', (ctx) => {
  ctx.skip('the kettle is cold');
});

describe.skipIf(true)('a chapter', { meta: { reason: 'the cups are gone' } }, () => {
  it('is skipped with its chapter', () => undefined);
});

describe('another chapter', () => {
  beforeAll(() => {
    throw new Error('no water');
  });

  it('is never reached', () => undefined);
});
