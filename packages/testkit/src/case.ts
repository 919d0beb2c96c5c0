import type { Feature, Grade, Manifest } from '@brygga/contract';
import { Lacking, type Scene } from './scene.ts';

/** One thing the suite asks of a bridge. */
export interface Case {
  /** A sentence; skips name it. */
  readonly name: string;
  /** Whether the manifest calls for it; always, when left out. */
  readonly wanted?: (manifest: Manifest) => boolean;
  /** Whether the case opens the bridge itself. */
  readonly closed?: true;
  run(scene: Scene): Promise<void>;
}

export const carried = (grade: Grade): boolean => grade === 'full' || grade === 'partial';

export const carriedIn =
  (...features: Feature[]) =>
  ({ features: all }: Manifest): boolean =>
    features.every((feature) => carried(all[feature].in));

export const carriedOut =
  (...features: Feature[]) =>
  ({ features: all }: Manifest): boolean =>
    features.every((feature) => carried(all[feature].out));

/** What the harness gives, or the error that tells its author what to do. */
export function given<T>(what: T | undefined, name: string): T {
  if (what !== undefined) return what;
  throw new Lacking(`the harness gives no ${name}: give it, or skip this case with the reason`);
}
