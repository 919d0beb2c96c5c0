import { z } from 'zod';
import { markerOf } from './ids.ts';
import { Post } from './native.ts';
import { type Answer, path } from './rest.ts';
import type { Session } from './session.ts';

const OVERLAP_MS = 60_000;

const List = z.object({ posts: z.record(z.string(), z.unknown()) });

/**
 * What an earlier try of this delivery has left in the channel: ids of posts by part. The server itself knows a repeated
 * request for 30 s only. `since`: when the delivery can have been tried first, in ms since 1970 here.
 */
export async function findSent(
  session: Session,
  channel: string,
  key: string,
  since: number,
  signal: AbortSignal,
): Promise<Answer<ReadonlyMap<number, string>>> {
  const there = since + session.serverNow() - session.ctx.clock.now();
  const answer = await session.rest.call({
    method: 'GET',
    path: path`/channels/${channel}/posts`,
    query: { since: String(Math.max(0, Math.floor(there - OVERLAP_MS))) },
    schema: List,
    signal,
  });
  if (!answer.ok) return answer;
  const posts = Object.values(answer.value.posts).flatMap((row) => {
    const read = Post.safeParse(row);
    return read.success && read.data.user_id === session.bot && read.data.original_id === ''
      ? [read.data]
      : [];
  });
  const found = new Map<number, string>();
  for (const post of posts.sort((a, b) => b.create_at - a.create_at)) {
    const marker = markerOf(post.props);
    // Of two posts of one part the older one counts.
    if (marker?.key === key) found.set(marker.part, post.id);
  }
  return { ok: true, value: found };
}
