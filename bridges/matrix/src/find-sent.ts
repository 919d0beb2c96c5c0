import { MARKER } from './content.ts';
import { path } from './homeserver.ts';
import type { Job } from './job.ts';
import { eventsOf, field, textField } from './native.ts';

/** Synapse forgets transaction ids after 24 hours; from then on a repeat would double the message. */
const REMEMBERED_MS = 23 * 60 * 60 * 1000;
const LOOKED_THROUGH = 100;

/**
 * What an earlier try of this delivery may have left in the room, in order: the events with our marker. Looked up
 * only when the homeserver would not know the transaction any more.
 */
export async function findSent(job: Job): Promise<readonly string[]> {
  const { delivery, parts, room, actor, signal } = job;
  const age = parts.clock.now() - delivery.event.acceptedAt;
  if (!delivery.maybeSent || age < REMEMBERED_MS) return [];
  const answer = await parts.homeserver.call({
    as: parts.ghosts.bot,
    method: 'GET',
    path: path`/v3/rooms/${room.channel}/messages`,
    query: { dir: 'b', limit: String(LOOKED_THROUGH) },
    signal,
  });
  if (!answer.ok) return [];
  return eventsOf(field(answer.value, 'chunk'))
    .filter(({ sender, content }) => sender === actor.user && isMarked(content, delivery.key))
    .map((event) => event.event_id)
    .toReversed();
}

const isMarked = (content: unknown, key: string): boolean => textField(field(content, MARKER), 'key') === key;
