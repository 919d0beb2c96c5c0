import { type Delivery, done, type Outcome, refused } from '@brygga/contract';
import { type EventOf, type NativeId, nativeId } from '@brygga/event';
import { z } from 'zod';
import { customName, nameOf } from './emoji.ts';
import { type Failure, hasStatus, outcomeOf } from './errors.ts';
import { jsonOf } from './native.ts';
import { path } from './rest.ts';
import type { Session } from './session.ts';

/** Emoji names to the people of other networks who have set them. */
const Reactors = z.record(z.string(), z.array(z.string()));
type Reactors = z.infer<typeof Reactors>;

/**
 * What one person has set now. There is one bot for all: it sets what anybody has, and takes back what nobody has any
 * more; who has what is remembered with the post.
 */
export async function sendReaction(
  session: Session,
  delivery: Delivery,
  event: EventOf<'reaction'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const post = delivery.target[0]?.id;
  if (post === undefined) return refused('TARGET_UNKNOWN');
  const { store } = session.ctx;
  const entry = `reactors ${post}`;
  const reactors = readReactors(await store.get(entry));
  const person = `${event.origin.network} ${event.sender.nativeId}`;
  const wanted = new Map(event.emoji.map((emoji) => [nameOf(emoji) ?? customName(emoji), emoji]));
  const set: Record<string, NativeId> = {};
  let lost = false;
  for (const [name, emoji] of wanted) {
    const failure = name === null ? null : await react(session, post, name, 'POST', signal);
    if (failure !== null && !isUnknown(failure)) return outcomeOf(failure);
    lost ||= name === null || failure !== null;
    if (name === null || failure !== null) continue;
    reactors[name] = [...new Set([...(reactors[name] ?? []), person])];
    set[emoji] = nativeId(`${post} ${name}`);
  }
  for (const [name, people] of Object.entries(reactors)) {
    if (wanted.has(name) || !people.includes(person)) continue;
    const left = people.filter((one) => one !== person);
    const failure = left.length > 0 ? null : await react(session, post, name, 'DELETE', signal);
    if (failure !== null && !hasStatus(failure, 404)) return outcomeOf(failure);
    if (left.length > 0) reactors[name] = left;
    else delete reactors[name];
  }
  if (Object.keys(reactors).length === 0) await store.delete(entry);
  else await store.set(entry, JSON.stringify(reactors));
  return done([], { reactions: set, ...(lost ? { lost: ['reaction'] } : {}) });
}

function readReactors(text: string | null): Reactors {
  const read = Reactors.safeParse(jsonOf(text ?? undefined));
  return read.success ? read.data : {};
}

/** No emoji of that name, or too many different ones at that post. */
const isUnknown = (failure: Failure): boolean => hasStatus(failure, 404) || hasStatus(failure, 400);

/** Both ways of it may be repeated. */
async function react(
  { rest, bot }: Session,
  post: string,
  name: string,
  method: 'POST' | 'DELETE',
  signal: AbortSignal,
): Promise<Failure | null> {
  const answer = await rest.call({
    method,
    path: method === 'POST' ? '/reactions' : path`/users/${bot}/posts/${post}/reactions/${name}`,
    ...(method === 'POST' ? { body: { user_id: bot, post_id: post, emoji_name: name } } : {}),
    schema: z.unknown(),
    signal,
  });
  return answer.ok ? null : answer.failure;
}
