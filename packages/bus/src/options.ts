import type { Clock } from '@brygga/contract';
import type { RedisPlace } from './connect.ts';
import type { Seal } from './seal.ts';

/** How much a lane may hold, in items and in bytes as Redis counts them. */
export interface LaneBounds {
  readonly laneItemsMax: number;
  readonly laneBytesMax: number;
}

export interface BusOptions extends RedisPlace, LaneBounds {
  /** Names this process among those on the same Redis; new at every start. */
  readonly owner: string;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly knownSeconds: number;
  readonly mapSeconds: number;
  readonly deadLetterMs: number;
  /** Items read from a lane at once. */
  readonly batch: number;
  /** Without an answer for that long, Redis counts as gone. */
  readonly silentMs: number;
  /** Of all that carries people's words, names and files. */
  readonly seal: Seal;
  /** A connection to Redis failed and is tried again by itself; or something kept in the id map cannot be read. */
  readonly onError: (code: string) => void;
}
