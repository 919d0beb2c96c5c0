import { done, type Outcome } from '@brygga/contract';
import type { EventOf } from '@brygga/event';
import { hasStatus, outcomeOf } from './errors.ts';
import { path } from './homeserver.ts';
import { type Job, sendNotice } from './job.ts';
import { textField } from './native.ts';
import { wordsIn } from './words.ts';

/** The bot sets the topic, where it may and only when it differs; else it says it. Names are always said. */
export async function sendChannel(job: Job<EventOf<'channel'>>): Promise<Outcome> {
  const { topic } = job.event;
  if (topic === undefined) return sendNotice(job, inWords(job), ['channelName']);
  const { homeserver, ghosts } = job.parts;
  const call = {
    as: ghosts.bot,
    path: path`/v3/rooms/${job.room.channel}/state/m.room.topic`,
    signal: job.signal,
  };
  const current = await homeserver.call({ ...call, method: 'GET' });
  if (!current.ok && !hasStatus(current.failure, 404)) return outcomeOf(current.failure);
  if (current.ok && textField(current.value, 'topic') === topic) return done([]);
  const set = await homeserver.call({ ...call, method: 'PUT', body: { topic } });
  if (set.ok) return done([]);
  if (!hasStatus(set.failure, 403)) return outcomeOf(set.failure);
  return sendNotice(job, inWords(job), ['channelTopic']);
}

function inWords({ event: { name, topic }, parts, room }: Job<EventOf<'channel'>>): string {
  const words = wordsIn(parts, room.channel);
  const said = [name === undefined ? [] : words.name(name), topic === undefined ? [] : words.topic(topic)];
  return said.flat().join('\n');
}
