import type { RoomId } from '@brygga/event';
import type { LaneName } from './keys.ts';

/**
 * A lane this process owns for now. `own` fences every script; `items` are the first items, parsed, and
 * `fromRedis` tells that they were read there: somebody may have begun with them before.
 */
export interface Claim<Item> {
  readonly room: RoomId;
  readonly lane: LaneName;
  readonly own: string;
  readonly items: Item[];
  readonly fromRedis: boolean;
}

/** Somebody else owns the lane now: stop at once, nothing was written. */
export const LOST = Symbol('lost');
export type Lost = typeof LOST;

/** What is left in a lane after a step; with 0 left the lease is gone. */
export interface Left<Item> {
  readonly left: number;
  readonly next: Item[];
}
