import { type Delivery, done, type NativeMessage, type Outcome, refused } from '@brygga/contract';
import type { EventOf } from '@brygga/event';
import { editContent, type Marker, type Part, type Place } from './content.ts';
import { beforehand, hasStatus } from './errors.ts';
import { findSent } from './find-sent.ts';
import { versionId } from './ids.ts';
import { type Job, messageOf, type SendParts, sendNotice, sendPart, writeAs } from './job.ts';
import type { Actor, Result } from './put.ts';
import { render } from './render.ts';
import type { Room } from './rooms.ts';
import { sendChannel } from './send-channel.ts';
import { sendReaction } from './send-reaction.ts';
import { sendStatus } from './send-status.ts';
import { wordsIn } from './words.ts';

/** Carries out a delivery in a room the bot has entered. */
export function send(
  parts: SendParts,
  delivery: Delivery,
  room: Room,
  signal: AbortSignal,
): Promise<Outcome> {
  if (room.state.encrypted) return Promise.resolve(refused('CHANNEL_ENCRYPTED'));
  const { event, persona, key } = delivery;
  const marker: Marker = { key, hub: parts.hub, hops: [...event.hops, parts.hub] };
  const bot: Actor = { user: parts.ghosts.bot, persona: null };
  const actor = persona === null ? bot : { user: parts.ghosts.idOf(persona), persona };
  const job = { parts, delivery, room, actor, bot, marker, signal };
  switch (event.kind) {
    case 'message':
      return sendMessage({ ...job, event });
    case 'edit':
      return sendEdit({ ...job, event });
    case 'delete':
      return sendDelete({ ...job, event });
    case 'reaction':
      return sendReaction({ ...job, event });
    case 'membership':
      return sendMembership({ ...job, event });
    case 'channel':
      return sendChannel({ ...job, event });
  }
}

async function sendMessage(job: Job<EventOf<'message'>>): Promise<Outcome> {
  const { delivery, event } = job;
  const place: Place = { replyTo: delivery.replyTo, thread: delivery.thread };
  const rendered = render(event, {
    space: job.parts.space,
    persona: delivery.persona,
    replyKnown: delivery.replyTo !== null,
    threadKnown: delivery.thread !== null,
    answered: delivery.targetAuthor,
  });
  const sent: NativeMessage[] = (await findSent(job)).map(messageOf);
  for (const [at, part] of rendered.parts.entries()) {
    if (at < sent.length) continue;
    // The reply stands with the first part only; the thread with all.
    const here = at === 0 ? place : { ...place, replyTo: null };
    const result = await sendPart(job, part, here, `part ${at}`, event.sentAt);
    if (!result.ok) return result.outcome;
    sent.push(messageOf(result.value));
  }
  const shown = await sendStatus(job);
  // The notice stands; a server that does not allow the sign beside it is not asked again.
  if (shown !== null && !shown.ok && shown.outcome.kind !== 'refused') return shown.outcome;
  return done(sent, rendered.lost.length > 0 ? { lost: rendered.lost } : {});
}

/** Whose ghost (or the bot) wrote the message meant; null when a person of this network did. */
function writerOf({ delivery, parts, actor }: Job): Actor | null {
  const { targetAuthor } = delivery;
  if (targetAuthor === null) return actor;
  if (targetAuthor.native) return null;
  const user = parts.ghosts.idOf(targetAuthor);
  return user === actor.user ? actor : { user, persona: null };
}

/**
 * An edit changes part by part; new parts are added behind, parts too many are removed. The ghost that wrote the
 * message must be the one that edits it: clients ignore another's edit, though the homeserver accepts it.
 */
async function sendEdit(job: Job<EventOf<'edit'>>): Promise<Outcome> {
  const { delivery, event } = job;
  if (delivery.target.length === 0) return refused('TARGET_UNKNOWN');
  if (writerOf(job)?.user !== job.actor.user) return refused('FORBIDDEN');
  const context = { replyKnown: true, threadKnown: true, answered: null };
  const rendered = render(event, { ...context, space: job.parts.space, persona: delivery.persona });
  const now: NativeMessage[] = [];
  for (const [at, part] of rendered.parts.entries()) {
    const target = delivery.target[at];
    const result = await (target === undefined
      ? sendPart(job, part, { replyTo: null, thread: null }, `part ${at}`)
      : replacePart(job, part, target, `part ${at}`));
    if (!result.ok) return result.outcome;
    now.push(target === undefined ? messageOf(result.value) : withVersion(target, result.value));
  }
  for (const surplus of delivery.target.slice(now.length)) {
    const gone = await job.parts.put.redact(writeAs(job, job.actor, surplus.id), surplus.id);
    if (!gone.ok) return gone.outcome;
  }
  return done(now, rendered.lost.length > 0 ? { lost: rendered.lost } : {});
}

/** Some clients answer the newest version in place of the first, so it is known as well. */
const withVersion = (message: NativeMessage, replacement: string): NativeMessage => ({
  ...message,
  roles: { ...message.roles, version: versionId(replacement) },
});

/**
 * Carries no time of its own: of several replacements the one dated last counts, so one dated back would be lost
 * behind an earlier one. The homeserver's clock keeps their order.
 */
const replacePart = (job: Job, part: Part, target: NativeMessage, salt: string): Promise<Result<string>> =>
  job.parts.put.event(
    writeAs(job, job.actor, salt),
    'm.room.message',
    editContent(part, job.marker, target.id),
  );

async function sendDelete(job: Job<EventOf<'delete'>>): Promise<Outcome> {
  const { delivery } = job;
  if (delivery.target.length === 0) return refused('TARGET_UNKNOWN');
  for (const target of delivery.target) {
    const result = await remove(job, target);
    if (!result.ok) return hasStatus(result.failure, 404) ? refused('TARGET_UNKNOWN') : result.outcome;
  }
  return done([]);
}

/** The author's own ghost removes; what a moderator removes the bot does, where it has the right. */
async function remove(job: Job, target: NativeMessage): Promise<Result<null>> {
  const writer = writerOf(job);
  const own = writer?.user === job.actor.user;
  const first = await job.parts.put.redact(writeAs(job, own ? job.actor : job.bot, target.id), target.id);
  if (first.ok || own || writer === null || !hasStatus(first.failure, 403)) return first;
  // The bot has no right to, but the message is one of ours.
  return job.parts.put.redact(writeAs(job, writer, target.id), target.id);
}

/** Said by the bot; a ghost whose person is gone goes too. */
async function sendMembership(job: Job<EventOf<'membership'>>): Promise<Outcome> {
  const { event, delivery, room, parts } = job;
  const { persona } = delivery;
  const own = persona !== null && event.sender.nativeId === event.subject.nativeId;
  const ghost = parts.ghosts.idOf({ network: event.origin.network, person: event.subject.nativeId });
  if (event.change !== 'join' && event.change !== 'rename' && room.state.isJoined(ghost)) {
    const left = await parts.ghosts.leave(ghost, room.channel, room.state);
    if (left !== null) return beforehand(left);
  }
  const who = own ? persona.label : event.subject.displayName;
  const words = wordsIn(parts, room.channel).membership(event.change, who, event.before ?? who);
  return sendNotice(job, words, ['membership']);
}
