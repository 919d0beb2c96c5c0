import type { Delivery } from '@brygga/contract';
import type { Body, Inline } from '@brygga/event';
import { markdownOf } from '@brygga/text';
import { z } from 'zod';
import { hasStatus } from './errors.ts';
import { findSent } from './find-sent.ts';
import { MARKER, type Marker, pendingId } from './ids.ts';
import { Post } from './native.ts';
import { guard } from './render.ts';
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

/** The channel's webhook, where people's names may stand above what is written; null: the bot writes. */
export function hookOf({ ctx, webhooksAnswer }: Session, { delivery, root }: Place): string | null {
  const { people } = ctx.settings;
  if (people.appear !== 'webhook' || delivery.persona === null) return null;
  return root === null || webhooksAnswer ? (people.webhooks[delivery.channel] ?? null) : null;
}

/**
 * Writes one part, by that webhook under the person's name (which `text` then has not), or by the bot. The id of the
 * post; a failure says what is known of it.
 */
export async function writePost(
  session: Session,
  place: Place,
  part: number,
  text: string,
  hook: string | null,
): Promise<Answer<string>> {
  await session.spacing.rest(place.delivery.channel, place.signal);
  const written =
    hook === null ? await asBot(session, place, part, text) : await asHook(session, place, part, text, hook);
  session.spacing.wrote(place.delivery.channel);
  return written;
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
  return asBot(session, place, part, nameAbove(delivery, text));
}

/** The name, on a line of its own: before a list or code it could stand nowhere else. */
function nameAbove({ persona }: Delivery, text: string): string {
  const name: Inline = { type: 'strong', children: [{ type: 'text', value: persona?.label ?? '' }] };
  const body: Body = { type: 'root', children: [{ type: 'paragraph', children: [name] }] };
  return `${markdownOf(body, { guard })}:\n\n${text}`;
}
