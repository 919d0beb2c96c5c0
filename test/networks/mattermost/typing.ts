import type { World } from './world.ts';

/** PublishUserTyping: to the channel without who types; nothing says that he stopped. */
export function publishTyping(world: World, userId: string, channelId: string, parentId: string): void {
  const data = { parent_id: parentId, user_id: userId };
  world.hub.publish('typing', data, { channelId, omit: [userId] });
}
