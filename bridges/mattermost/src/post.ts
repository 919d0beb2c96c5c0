import type { Delivery } from '@brygga/contract';
import { z } from 'zod';
import { hasStatus } from './errors.ts';
import { findSent } from './find-sent.ts';
import { MARKER, type Marker, pendingId } from './ids.ts';
import { Post } from './native.ts';
import { isSlackSyntax } from './render.ts';
import { type Answer, path } from './rest.ts';
import type { Session } from './session.ts';

/** Where a post is to stand. */
export interface Place {
  readonly delivery: Delivery;
  /** The thread; null: none. */
  readonly root: string | null;
  readonly signal: AbortSignal;
}

/** How long the websocket may take to tell of what a webhook wrote. */
const TOLD_WITHIN_MS = 10_000;

/**
 * Writes one part, by the channel's webhook under the person's name where there is one, else by the bot. `textOf` gives
 * the text, with the name in it or without. The id of the post; a failure says what is known of it.
 */
export async function writePost(
  session: Session,
  place: Place,
  part: number,
  textOf: (named: boolean) => string,
): Promise<Answer<string>> {
  await session.spacing.rest(place.delivery.channel, place.signal);
  const written = await writeOne(session, place, part, textOf);
  session.spacing.wrote(place.delivery.channel);
  return written;
}

async function writeOne(
  session: Session,
  place: Place,
  part: number,
  textOf: (named: boolean) => string,
): Promise<Answer<string>> {
  const { people } = session.ctx.settings;
  const hook = people.appear === 'webhook' ? people.webhooks[place.delivery.channel] : undefined;
  const bare = textOf(false);
  const inVain = isSlackSyntax(bare) || (place.root !== null && !session.webhooksAnswer);
  if (hook === undefined || place.delivery.persona === null || inVain)
    return asBot(session, place, part, textOf(true));
  return asHook(session, place, part, bare, hook);
}

function markOf({ ctx }: Session, { delivery }: Place, part: number): Readonly<Record<string, Marker>> {
  const { key, event } = delivery;
  return { [MARKER]: { key, part, hub: ctx.hub, hops: [...event.hops, ctx.hub] } };
}

/** A repeat within 30 s gives the first post: the pending id is the same. */
async function asBot(session: Session, place: Place, part: number, message: string): Promise<Answer<string>> {
  const { delivery, root, signal } = place;
  const answer = await session.rest.call({
    method: 'POST',
    path: '/posts',
    query: { set_online: 'false' },
    body: {
      channel_id: delivery.channel,
      message,
      root_id: root ?? '',
      props: markOf(session, place, part),
      pending_post_id: pendingId(delivery.key, part),
    },
    schema: Post,
    signal,
  });
  if (!answer.ok) return answer;
  session.sent.note(answer.value);
  return { ok: true, value: answer.value.id };
}

/** The event of a post that was made comes before the 500; a list may lag behind. */
const TOLD_BEFORE_MS = 2_000;

/**
 * A webhook answers `ok` and no more: the id comes with the event. A 500 may be for good or after the post was made, so
 * the channel is looked through, and then the bot writes.
 */
async function asHook(
  session: Session,
  place: Place,
  part: number,
  text: string,
  hook: string,
): Promise<Answer<string>> {
  const { delivery, root, signal } = place;
  const answer = await session.rest.call({
    method: 'POST',
    path: path`/hooks/${hook}`,
    outside: true,
    body: {
      text,
      username: delivery.persona?.label ?? '',
      props: markOf(session, place, part),
      ...(root === null ? {} : { root_id: root }),
    },
    schema: z.unknown(),
    signal,
  });
  if (!answer.ok && !hasStatus(answer.failure, 500)) return answer;
  const patience = answer.ok ? TOLD_WITHIN_MS : TOLD_BEFORE_MS;
  const told = await session.sent.within(delivery.key, part, patience, signal);
  if (told !== null) return { ok: true, value: told };
  const found = await findSent(session, delivery.channel, delivery.key, delivery.event.acceptedAt, signal);
  const id = found.ok ? found.value.get(part) : undefined;
  if (id !== undefined) return { ok: true, value: id };
  if (answer.ok || !found.ok)
    return { ok: false, failure: { kind: 'trouble', reason: 'timeout', sent: true } };
  return asBot(session, place, part, text);
}
