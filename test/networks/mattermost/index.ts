import { type Clock, systemClock } from '@brygga/contract';
import { Faults } from './faults.ts';
import { Hub } from './hub.ts';
import { newId } from './ids.ts';
import { PendingPosts } from './pending-posts.ts';
import { defaultRoles } from './roles.ts';
import { MattermostServer } from './server.ts';
import { sessionOf } from './sessions.ts';
import { DEFAULT_SETTINGS, type ServerSettings } from './settings.ts';
import { Store } from './store.ts';
import type { Version } from './types.ts';
import { isAtLeast, type World } from './world.ts';

export type { Exchange, Frame } from './exchange.ts';
export type { Fault, Faults, Selection } from './faults.ts';
export type { MattermostServer } from './server.ts';
export type { ServerSettings } from './settings.ts';
export type { Pinged } from './store.ts';
export type * from './types.ts';

export interface MattermostOptions {
  /** 11.7 is the long-term release. */
  readonly version?: Version;
  readonly clock?: Clock;
  /** Ids, and which rows an overlong list with `since` shows. */
  readonly random?: () => number;
  readonly settings?: Partial<ServerSettings>;
  readonly port?: number;
}

/** A fresh server: the first user made becomes its administrator. */
export async function startMattermost(options: MattermostOptions = {}): Promise<MattermostServer> {
  const { version = '11.7', clock = systemClock, random = Math.random } = options;
  const store = new Store();
  const faults = new Faults();
  const settings: ServerSettings = {
    ...DEFAULT_SETTINGS,
    ...options.settings,
    RateLimit: { ...DEFAULT_SETTINGS.RateLimit, ...options.settings?.RateLimit },
  };
  const isSession = (token: string): boolean => sessionOf({ store, clock, settings }, token) !== null;
  const isScoped = isAtLeast({ version }, '11.10');
  const world: World = {
    version,
    clock,
    random,
    newId: () => newId(random),
    settings,
    store,
    faults,
    hub: new Hub({ clock, store, faults, isScoped, isSession }),
    pending: [new PendingPosts(clock), new PendingPosts(clock)],
    url: 'http://127.0.0.1',
  };
  for (const role of defaultRoles(world.newId, clock.now())) store.roles.set(role.id, role);
  const server = new MattermostServer(world);
  await server.listen(options.port ?? 0);
  return server;
}
