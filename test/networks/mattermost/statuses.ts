import type { Status } from './types.ts';
import type { World } from './world.ts';

export function statusOf({ store }: World, userId: string): Status {
  const offline = { user_id: userId, status: 'offline', manual: false, last_activity_at: 0, dnd_end_time: 0 };
  return store.statuses.get(userId) ?? offline;
}

/** platform/status.go: a change is told to the user himself, and to nobody else. */
export function setStatus(world: World, userId: string, status: string, manual: boolean): Status {
  const before = statusOf(world, userId);
  const row = { ...before, status, manual, last_activity_at: world.clock.now() };
  world.store.statuses.set(userId, row);
  if (before.status !== status) world.hub.publish('status_change', { status, user_id: userId }, { userId });
  return row;
}

/** SetStatusOnline: what a person chose himself stays. */
export function statusOnline(world: World, userId: string): void {
  world.hub.noteActivity(userId);
  if (!statusOf(world, userId).manual) setStatus(world, userId, 'online', false);
}

export function statusOffline(world: World, userId: string): void {
  if (!statusOf(world, userId).manual) setStatus(world, userId, 'offline', false);
}
