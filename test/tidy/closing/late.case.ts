import { it } from 'vitest';

it('passes, and something throws behind its back', async () => {
  setTimeout(() => {
    throw new Error('late');
  }, 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
});
