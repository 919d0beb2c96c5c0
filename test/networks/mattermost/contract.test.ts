import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Contract, contractMissing } from './contract.ts';
import { tour } from './contract-tour.ts';
import { type MattermostServer, startMattermost } from './index.ts';

describe.each(['11.7', '12.0'] as const)('a broad session with %s, held against the contract', (version) => {
  let server: MattermostServer;
  beforeAll(async () => {
    server = await startMattermost({ version });
    await tour(server);
  });
  afterAll(() => server.stop());

  it('has requests, answers and frames as the contract has them', { meta: {} }, ({ skip }) => {
    // A reason is given to skip: the contracts lie beside the checkout.
    if (contractMissing !== null) return skip(contractMissing);
    const contract = new Contract();
    const found = [...contract.problemsOf(server.exchanges), ...contract.problemsOfFrames(server.frames)];
    console.log(`held against the contract: ${JSON.stringify(contract.counts)}`);
    expect(found).toEqual([]);
    expect(contract.counts.exchanges).toBeGreaterThan(90);
    expect(contract.counts.frames).toBeGreaterThan(30);
    expect(contract.counts.texts).toBeGreaterThan(20);
  });

  it('finds what is wrong', ({ skip }) => {
    if (contractMissing !== null) return skip(contractMissing);
    const contract = new Contract();
    const post = server.exchanges.find(
      ({ url, method }) => method === 'POST' && url.pathname.endsWith('/posts'),
    );
    if (post === undefined) throw new Error('no post was made');
    const { id: _, ...answer } = post.answer as Record<string, unknown>;
    const wrong = {
      ...post,
      body: { ...(post.body as object), mesage: 'x' },
      answer: { ...answer, type: 1 },
    };
    expect(contract.problems(wrong).sort()).toEqual([
      'POST /api/v4/posts: 201 lacks id',
      'POST /api/v4/posts: unknown property mesage',
      expect.stringContaining('/type must be string'),
    ]);
  });
});
