import type { Clock } from '@brygga/contract';
import type { Faults } from './faults.ts';
import type { Hub } from './hub.ts';
import type { PendingPosts } from './pending-posts.ts';
import type { ServerSettings } from './settings.ts';
import type { Store } from './store.ts';
import type { Version } from './types.ts';

/** What every part of the server works with. */
export interface World {
  readonly version: Version;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly settings: ServerSettings;
  readonly store: Store;
  readonly hub: Hub;
  readonly faults: Faults;
  /** One cache for each node of a cluster: they share nothing (notes 2.2). */
  readonly pending: readonly PendingPosts[];
  url: string;
}

const ORDER: readonly Version[] = ['11.6', '11.7', '11.8', '11.10', '12.0'];

export const isAtLeast = (world: Pick<World, 'version'>, version: Version): boolean =>
  ORDER.indexOf(world.version) >= ORDER.indexOf(version);
