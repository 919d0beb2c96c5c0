import {
  type BridgeContext,
  type Clock,
  type Delivery,
  done,
  type Losses,
  type NativeMessage,
  type Outcome,
} from '@brygga/contract';
import { nativeId } from '@brygga/event';
import { type Marker, messageContent, type Part, type Place } from './content.ts';
import { type Failure, hasStatus } from './errors.ts';
import type { Ghosts } from './ghosts.ts';
import type { Homeserver } from './homeserver.ts';
import type { Actor, Put, Result, Write } from './put.ts';
import { noticePart, type RenderSpace } from './render.ts';
import type { Room } from './rooms.ts';

export interface SendParts {
  readonly hub: string;
  readonly clock: Clock;
  readonly language: BridgeContext<unknown>['language'];
  readonly homeserver: Homeserver;
  readonly ghosts: Ghosts;
  readonly put: Put;
  readonly space: RenderSpace;
}

/** One delivery on its way: what every kind of it needs. */
export interface Job<E = Delivery['event']> {
  readonly parts: SendParts;
  readonly delivery: Delivery;
  readonly event: E;
  readonly room: Room;
  /** Who is to say it: the person's ghost, or the bot. */
  readonly actor: Actor;
  readonly bot: Actor;
  readonly marker: Marker;
  readonly signal: AbortSignal;
}

export const messageOf = (eventId: string): NativeMessage => ({ id: nativeId(eventId) });

/** A write of this delivery; `salt` tells its requests apart. */
export const writeAs = (job: Job, actor: Actor, salt: string): Write => ({
  actor,
  room: job.room,
  key: job.delivery.key,
  salt,
  signal: job.signal,
});

/** Sends one native message in its place in the conversation. */
export async function sendPart(
  job: Job,
  part: Part,
  place: Place,
  salt: string,
  sentAt?: number,
): Promise<Result<string>> {
  const put = (where: Place, how: string): Promise<Result<string>> => {
    const content = messageContent(part, job.marker, where);
    return job.parts.put.event(writeAs(job, job.actor, how), 'm.room.message', content, sentAt);
  };
  const result = await put(place, salt);
  if (result.ok || place.thread === null || !isBadRelation(result.failure)) return result;
  // The root has itself a relation, or is gone: said outside the thread rather than not at all.
  return put({ replyTo: place.replyTo, thread: null }, `${salt} loose`);
}

const isBadRelation = (failure: Failure): boolean => hasStatus(failure, 400) || hasStatus(failure, 404);

/** The bot says it, in place of what cannot be carried as it is. */
export async function sendNotice(job: Job, words: string, lost: Losses): Promise<Outcome> {
  const nowhere = { replyTo: null, thread: null };
  const said = { ...job, actor: job.bot };
  const result = await sendPart(said, noticePart(words), nowhere, 'notice', job.delivery.event.sentAt);
  return result.ok ? done([messageOf(result.value)], { lost }) : result.outcome;
}
