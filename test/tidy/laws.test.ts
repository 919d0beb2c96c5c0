import { describe, expect, it } from 'vitest';
import { broken, idle } from './judge.ts';
import { LAWS } from './laws.ts';
import { type Planted, treeOf } from './planted.ts';
import { HOUSE_CASES } from './planted-house.ts';
import { IMPORT_CASES } from './planted-imports.ts';
import { PAPER_CASES } from './planted-papers.ts';

const CASES: readonly Planted[] = [...IMPORT_CASES, ...HOUSE_CASES, ...PAPER_CASES];

const placesOf = ({ law, files }: Planted): string[] =>
  LAWS.filter(({ name }) => name === law)
    .flatMap(({ check }) => check(treeOf(files)))
    .map(({ place }) => place);

describe('each law, in a planted house', () => {
  const breaking = CASES.filter(({ at }) => at.length > 0);
  const holding = CASES.filter(({ at }) => at.length === 0);

  it.each(breaking.map((planted) => [planted.law, planted.what, planted] as const))(
    '%s is broken: %s',
    (_law, _what, planted) => {
      expect(placesOf(planted)).toEqual(planted.at);
    },
  );

  it.each(holding.map((planted) => [planted.law, planted.what, planted] as const))(
    '%s holds: %s',
    (_law, _what, planted) => {
      expect(placesOf(planted)).toEqual([]);
    },
  );

  it.each(LAWS.map(({ name }) => name))('%s is tried both ways', (name) => {
    const tried = CASES.filter(({ law }) => law === name).map(({ at }) => at.length > 0);
    expect(new Set(tried)).toEqual(new Set([true, false]));
  });
});

describe('an exemption', () => {
  const [law] = LAWS.filter(({ name }) => name === 'size/file');
  const tree = treeOf({ 'packages/hub/src/a.ts': 'x;\n'.repeat(500) });
  const exemption = { law: 'size/file', place: 'packages/hub/src/a.ts', reason: 'planted' };

  it('covers its place only', () => {
    if (law === undefined) throw new Error('no such law');
    expect(broken(law, tree, [exemption])).toEqual([]);
    expect(broken(law, tree, [{ ...exemption, place: 'packages/hub/src/b.ts' }])).toHaveLength(1);
    expect(broken(law, tree, [{ ...exemption, law: 'size/function' }])).toHaveLength(1);
  });

  it('is idle when the law holds without it', () => {
    expect(idle(LAWS, tree, [exemption])).toEqual([]);
    expect(idle(LAWS, treeOf({}), [exemption])).toEqual([exemption]);
  });
});
