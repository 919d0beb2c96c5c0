import { markerOf } from './ids.ts';
import { ChannelLists } from './lists.ts';
import type { Answer } from './rest.ts';
import type { Session } from './session.ts';

const OVERLAP_MS = 60_000;

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
  const answer = await new ChannelLists(session.rest, channel, signal).changedSince(there - OVERLAP_MS);
  if (!answer.ok) return answer;
  const posts = [...answer.value.posts.values()].filter(
    ({ user_id, original_id }) => user_id === session.bot && original_id === '',
  );
  const found = new Map<number, string>();
  for (const post of posts.sort((a, b) => b.create_at - a.create_at)) {
    const marker = markerOf(post.props);
    // Of two posts of one part the older one counts.
    if (marker?.key === key) found.set(marker.part, post.id);
  }
  return { ok: true, value: found };
}
