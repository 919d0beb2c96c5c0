import type { Manifest } from '@brygga/contract';
import { FEATURES } from '@brygga/contract';
import { describe, expect, it } from 'vitest';
import type { Case } from './case.ts';
import { CHANGED } from './cases/changed.ts';
import { HEARD } from './cases/heard.ts';
import { KEPT } from './cases/kept.ts';
import { LIFE } from './cases/life.ts';
import { LONG } from './cases/long.ts';
import { SENT } from './cases/sent.ts';
import type { Harness } from './harness.ts';
import { Scene } from './scene.ts';

/** Every case there is. */
export const CASES: readonly Case[] = [...LIFE, ...HEARD, ...SENT, ...CHANGED, ...LONG, ...KEPT];

/**
 * The one suite of all bridges. The manifest chooses the cases; each runs on a network of its own. Call it in a
 * test file: `conformance(harness)`.
 */
export function conformance(harness: Harness): void {
  const { name, skips = {} } = harness;
  describe(`conformance: ${name}`, () => {
    it('its manifest is sound', () => expect(manifestFaults(harness.manifest)).toEqual([]));
    it('its skips are sound', () => expect(skipFaults(harness)).toEqual([]));
    for (const one of wantedBy(harness.manifest)) {
      const reason = skips[one.name];
      const timeout = harness.caseMs ?? (harness.patienceMs ?? 3000) * 10;
      it(one.name, { timeout }, async ({ skip }) => {
        if (reason !== undefined) skip(reason);
        await runCase(harness, one);
      });
    }
  });
}

/** The cases a manifest calls for. */
export const wantedBy = (manifest: Manifest): Case[] =>
  CASES.filter(({ wanted }) => wanted?.(manifest) ?? true);

/** Runs one case on a network of its own; rejects when the bridge fails it or broke a law on the way. */
export async function runCase(harness: Harness, { run, closed }: Case): Promise<void> {
  const scene = new Scene(harness, await harness.make());
  try {
    if (closed !== true) await scene.open();
    await run(scene);
    expect(scene.ctx.problems).toEqual([]);
  } finally {
    await scene.close();
  }
}

/** Runs the case of that name. */
export async function runNamed(harness: Harness, name: string): Promise<void> {
  const one = CASES.find((other) => other.name === name);
  if (one === undefined) throw new Error(`there is no case "${name}"`);
  await runCase(harness, one);
}

/** What is wrong with a harness's skips, in words. */
export function skipFaults({ skips = {}, manifest }: Pick<Harness, 'skips' | 'manifest'>): string[] {
  const wanted = new Set(wantedBy(manifest).map(({ name }) => name));
  return Object.entries(skips).flatMap(([name, reason]) => [
    ...(wanted.has(name) ? [] : [`there is no case "${name}" for this manifest`]),
    ...(/\S+\s+\S+\s+\S+/.test(reason) ? [] : [`the skip of "${name}" says no reason`]),
  ]);
}

/** What is wrong with a manifest, in words. */
export function manifestFaults({ features, limits }: Manifest): string[] {
  const noteless = FEATURES.filter((feature) => {
    const { in: in_, out, note = '' } = features[feature];
    return (in_ !== 'full' || out !== 'full') && !/\S+\s+\S+/.test(note);
  });
  const bounds = [
    [limits.textBytes >= 100, 'limits.textBytes is too small to say anything'],
    [limits.partsMax >= 1, 'limits.partsMax is below 1'],
    [limits.sendWindow >= 1, 'limits.sendWindow is below 1'],
    [limits.sendTimeoutMs >= 1, 'limits.sendTimeoutMs is below 1'],
  ] as const;
  return [
    ...noteless.map((feature) => `${feature} is not full and says in no note why`),
    ...bounds.flatMap(([fine, fault]) => (fine ? [] : [fault])),
  ];
}
