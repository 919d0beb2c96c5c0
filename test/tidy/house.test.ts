import { describe, expect, it } from 'vitest';
import { EXEMPTIONS, RECORDED } from './exemptions.ts';
import { broken, idle } from './judge.ts';
import { codesOf } from './laws/documents.ts';
import { LAWS } from './laws.ts';
import { readTree } from './tree.ts';

const house = readTree();

describe('the laws of the house', () => {
  it.each(LAWS.map((law) => [law.name, law.says, law] as const))('%s: %s', (_name, _says, law) => {
    expect(broken(law, house, EXEMPTIONS)).toEqual([]);
  });
});

describe('the exemptions', () => {
  it('are all still needed', () => {
    expect(idle(LAWS, house, EXEMPTIONS)).toEqual([]);
  });

  it('are as many as recorded, so that the list only shrinks', () => {
    expect(EXEMPTIONS).toHaveLength(RECORDED);
  });

  it('each say why', () => {
    expect(EXEMPTIONS.filter(({ reason }) => reason.split(' ').length < 4)).toEqual([]);
  });
});

describe('what the laws read', () => {
  it('finds the same codes in the text as the contract exports', async () => {
    const { CODES } = await import('@brygga/contract');
    expect(codesOf(house)).toEqual(Object.keys(CODES));
  });

  it('is written down law by law for those who come to work here', () => {
    const page = house.get('CONTRIBUTING.md') ?? '';
    const rows = [...page.matchAll(/^\| `([\w-]+\/[\w-]+)` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual(LAWS.map(({ name }) => name));
  });

  it('finds the house', () => {
    expect([...house.keys()]).toContain('packages/event/src/index.ts');
  });
});
