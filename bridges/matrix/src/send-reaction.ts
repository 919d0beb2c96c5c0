import { done, type Outcome, refused } from '@brygga/contract';
import { type EventOf, type NativeId, nativeId } from '@brygga/event';
import { reactionContent } from './content.ts';
import { hasStatus, isRefusal } from './errors.ts';
import { path } from './homeserver.ts';
import { type Job, writeAs } from './job.ts';
import { field, listField, textField } from './native.ts';
import type { Result } from './put.ts';

/** One event per person and emoji; what is set on this link is brought to what it should be. */
export async function sendReaction(job: Job<EventOf<'reaction'>>): Promise<Outcome> {
  const { delivery, event } = job;
  const target = delivery.target[0];
  if (target === undefined) return refused('TARGET_UNKNOWN');
  const wanted = new Set(event.emoji);
  const now: Record<string, NativeId> = {};
  for (const [emoji, native] of Object.entries(delivery.reactions)) {
    if (wanted.has(emoji)) now[emoji] = native;
    else {
      const gone = await job.parts.put.redact(writeAs(job, job.actor, native), native);
      if (!gone.ok && !hasStatus(gone.failure, 404)) return gone.outcome;
    }
  }
  for (const emoji of wanted) {
    if (now[emoji] !== undefined) continue;
    const result = await react(job, target.id, emoji);
    if (!result.ok) return hasStatus(result.failure, 400) ? refused('TARGET_UNKNOWN') : result.outcome;
    now[emoji] = nativeId(result.value);
  }
  return done([], { reactions: now });
}

async function react(job: Job, target: string, emoji: string): Promise<Result<string>> {
  const content = reactionContent(target, emoji, job.marker);
  const result = await job.parts.put.event(writeAs(job, job.actor, emoji), 'm.reaction', content);
  if (result.ok || !isRefusal(result.failure, 'M_DUPLICATE_ANNOTATION')) return result;
  // Set before, by a try whose answer was lost: as good, but its id is needed for the removal.
  const earlier = await find(job, target, emoji);
  return earlier === null ? result : { ok: true, value: earlier };
}

/** How many reactions are looked through. */
const LOOKED_THROUGH = 100;

async function find(job: Job, target: string, emoji: string): Promise<string | null> {
  const { homeserver, ghosts } = job.parts;
  const answer = await homeserver.call({
    as: ghosts.bot,
    method: 'GET',
    path: path`/v1/rooms/${job.room.channel}/relations/${target}/m.annotation/m.reaction`,
    query: { limit: String(LOOKED_THROUGH) },
    signal: job.signal,
  });
  if (!answer.ok) return null;
  const sender = job.actor.user;
  const mine = listField(answer.value, 'chunk').find(
    (event) =>
      textField(event, 'sender') === sender &&
      textField(field(field(event, 'content'), 'm.relates_to'), 'key') === emoji,
  );
  return textField(mine, 'event_id') ?? null;
}
