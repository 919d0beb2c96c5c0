import { viewOf } from './post-view.ts';
import type { Post } from './types.ts';
import { userView } from './users.ts';
import type { World } from './world.ts';

/** Who follows a thread of himself: its authors, and who was named in an answer (ThreadAutoFollow). */
function followers({ store }: World, root: Post, replies: readonly Post[]): string[] {
  const named = replies.flatMap(({ id }) => store.pinged.get(id)?.userIds ?? []);
  return [...new Set([root.user_id, ...replies.map(({ user_id }) => user_id), ...named])];
}

/**
 * With collapsed threads, which are always on by default, an answer is told a second time to those who follow
 * (notification.go): also to its own author, and also to bots.
 */
export function announceThread(world: World, reply: Post): void {
  const { store, hub } = world;
  const root = store.posts.get(reply.root_id);
  if (root === undefined) return;
  const replies = store.replies(root.id, root.channel_id);
  const { team_id } = store.channel(reply.channel_id);
  const participants = [...new Set(replies.map(({ user_id }) => user_id))].map((id) => store.user(id));
  for (const userId of followers(world, root, replies)) {
    if (store.member(reply.channel_id, userId) === undefined) continue;
    const isAuthor = userId === reply.user_id;
    const isNamed = store.pinged.get(reply.id)?.userIds.includes(userId) === true;
    const { metadata: _, ...post } = viewOf(world, root);
    const thread = {
      id: root.id,
      reply_count: replies.length,
      last_reply_at: reply.create_at,
      last_viewed_at: isAuthor ? reply.create_at : 0,
      participants: participants.map((user) => userView(world, user, '')),
      post,
      unread_replies: isAuthor ? 0 : replies.length,
      unread_mentions: isNamed ? 1 : 0,
      is_urgent: false,
      delete_at: 0,
    };
    const unread = {
      previous_unread_mentions: 0,
      previous_unread_replies: Math.max(0, thread.unread_replies - 1),
    };
    hub.publish('thread_updated', { thread: JSON.stringify(thread), ...unread }, { userId, teamId: team_id });
  }
}
