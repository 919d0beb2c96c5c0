import { type Delivery, done, type NativeMessage, type Outcome, refused } from '@brygga/contract';
import { type EventOf, nativeId } from '@brygga/event';
import { beforehand, type Failure, hasId, hasStatus, outcomeOf, TIME_LIMIT } from './errors.ts';
import { findSent } from './find-sent.ts';
import { Post } from './native.ts';
import { hookOf, type Place, writePost } from './post.ts';
import { isGone, patchPost, removePost, sendRemoval } from './remove.ts';
import { isSlackSyntax, render } from './render.ts';
import { type Answer, path } from './rest.ts';
import { sendReaction } from './send-reaction.ts';
import { sendTopic } from './send-topic.ts';
import type { Session } from './session.ts';
import { wordsIn } from './words.ts';

type NotDone = Exclude<Outcome, { kind: 'done' }>;

/** Carries out a delivery. */
export function send(session: Session, delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
  const { event } = delivery;
  switch (event.kind) {
    case 'message':
      return sendMessage(session, delivery, event, signal);
    case 'edit':
      return sendEdit(session, delivery, event, signal);
    case 'delete':
      return sendRemoval(session, delivery, signal);
    case 'reaction':
      return sendReaction(session, delivery, event, signal);
    case 'channel':
      return sendTopic(
        session,
        delivery,
        event,
        (message, instead) => sendMessage(session, instead, message, signal),
        signal,
      );
    default:
      return Promise.resolve(refused('FEATURE_REFUSED'));
  }
}

const ROOTS: readonly string[] = [
  'api.post.create_post.root_id.app_error',
  'api.post.create_post.channel_root_id.app_error',
];
const isRootGone = (failure: Failure): boolean => ROOTS.some((id) => hasId(failure, id));

async function sendMessage(
  session: Session,
  delivery: Delivery,
  event: EventOf<'message'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const earlier = await sentBefore(session, delivery, signal);
  if (!earlier.ok) return beforehand(earlier.failure);
  const root = await rootOf(session, delivery, signal);
  if (root !== null && typeof root === 'object') return root;
  return sendParts(session, delivery, event, { root, sent: earlier.value }, signal);
}

/** What an earlier try has left there, by part; nothing is looked for where there can have been none. */
function sentBefore(
  session: Session,
  { key, channel, maybeSent, event }: Delivery,
  signal: AbortSignal,
): Promise<Answer<ReadonlyMap<number, string>>> {
  if (maybeSent) return findSent(session, channel, key, event.acceptedAt, signal);
  return Promise.resolve({ ok: true, value: new Map() });
}

/** The post of a part, where an earlier try has made it: just now, for all that is known. */
function known(
  session: Session,
  { key, channel }: Delivery,
  sent: ReadonlyMap<number, string>,
  part: number,
): NativeMessage | undefined {
  const id = sent.get(part) ?? session.sent.id(key, part);
  if (id === undefined) return undefined;
  session.spacing.wrote(channel);
  return { id: nativeId(id) };
}

interface Begun {
  readonly root: string | null;
  readonly sent: ReadonlyMap<number, string>;
}

async function sendParts(
  session: Session,
  delivery: Delivery,
  event: EventOf<'message'>,
  { root, sent }: Begun,
  signal: AbortSignal,
): Promise<Outcome> {
  const place: Place = { delivery, root, signal };
  const { hook, parts, lost } = spoken(session, place, event);
  const messages: NativeMessage[] = [];
  for (const [part, text] of parts.entries()) {
    const there = known(session, delivery, sent, part);
    if (there !== undefined) {
      messages.push(there);
      continue;
    }
    const written = await writePost(session, place, part, text, hook);
    if (written.ok) messages.push({ id: nativeId(written.value) });
    else if (root !== null && part === 0 && isRootGone(written.failure))
      return sendParts(session, delivery, event, { root: null, sent }, signal);
    else return outcomeOf(written.failure);
  }
  return done(messages, lost.length > 0 ? { lost } : {});
}

/** What a webhook may leave to the bot has room for the name above it. */
const NAME_CHARS_MAX = 600;

/** The posts of a message: by a webhook where there is one, and it changes no letter of them. */
function spoken(session: Session, place: Place, event: EventOf<'message'>) {
  const { delivery, root } = place;
  const hook = hookOf(session, place);
  if (hook !== null) {
    const bare = partsOf(session, delivery, event, root, false);
    if (!bare.parts.some(isSlackSyntax)) return { hook, ...bare };
  }
  return { hook: null, ...partsOf(session, delivery, event, root, true) };
}

/** `named`: with the person's name in the text. */
function partsOf(
  session: Session,
  delivery: Delivery,
  event: EventOf<'message'> | EventOf<'edit'>,
  root: string | null,
  named: boolean,
) {
  return render(event, {
    space: {
      network: session.ctx.network,
      username: (person) => session.people.user(person)?.username ?? null,
    },
    nameLine: named ? delivery.persona : null,
    replyKnown: event.kind === 'edit' || root !== null,
    threadKnown: event.kind === 'edit' || root !== null,
    postCharsMax: session.postCharsMax - (named ? 0 : NAME_CHARS_MAX),
  });
}

/** The post that a thread hangs on; an answer to an answer stands in the thread of its root. */
async function rootOf(
  session: Session,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<string | null | NotDone> {
  const meant = delivery.thread?.root.id ?? delivery.replyTo?.id;
  if (meant === undefined) return null;
  const answer = await session.rest.call({
    method: 'GET',
    path: path`/posts/${meant}`,
    schema: Post,
    signal,
  });
  if (answer.ok) return answer.value.delete_at > 0 ? null : answer.value.root_id || answer.value.id;
  return isOutOfReach(answer.failure) ? null : beforehand(answer.failure);
}

const isOutOfReach = (failure: Failure): boolean => isGone(failure) || hasStatus(failure, 403);

/**
 * Changes part by part. `props` are left out of the patch: given, they would be replaced as a whole. The name stands in
 * the text where it did before.
 */
async function sendEdit(
  session: Session,
  delivery: Delivery,
  event: EventOf<'edit'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const [first] = delivery.target;
  if (first === undefined) return refused('TARGET_UNKNOWN');
  const standing = await session.rest.call({
    method: 'GET',
    path: path`/posts/${first.id}`,
    schema: Post,
    signal,
  });
  if (!standing.ok)
    return isOutOfReach(standing.failure) ? refused('TARGET_UNKNOWN') : beforehand(standing.failure);
  const post = standing.value;
  if (post.user_id !== session.bot) return refused('FORBIDDEN');
  const isHooks = post.props.from_webhook === 'true';
  const { parts, lost } = partsOf(session, delivery, event, null, !isHooks);
  const place: Place = { delivery, root: post.root_id === '' ? null : post.root_id, signal };
  const hook = isHooks ? hookOf(session, place) : null;
  const earlier = await sentBefore(session, delivery, signal);
  if (!earlier.ok) return beforehand(earlier.failure);
  const now: NativeMessage[] = [];
  for (const [at, message] of parts.entries()) {
    const target = delivery.target[at] ?? known(session, delivery, earlier.value, at);
    const written =
      target === undefined
        ? await writePost(session, place, at, message, hook)
        : await patchPost(session, target.id, message, signal);
    if (!written.ok) {
      if (hasId(written.failure, TIME_LIMIT)) return sayAnew(session, delivery, event, place);
      return outcomeOf(written.failure);
    }
    now.push(target ?? { id: nativeId(written.value) });
  }
  for (const surplus of delivery.target.slice(now.length)) {
    const removed = await removePost(session, delivery, surplus.id, signal);
    if (!removed.ok) return outcomeOf(removed.failure);
  }
  return done(now, lost.length > 0 ? { lost } : {});
}

/** Too late for an edit: the new text is a message of its own, by the bot. */
async function sayAnew(
  session: Session,
  delivery: Delivery,
  event: EventOf<'edit'>,
  place: Place,
): Promise<Outcome> {
  const words = wordsIn(session.ctx, delivery.channel);
  const root = place.root ?? delivery.target[0]?.id ?? null;
  const earlier = await sentBefore(session, delivery, place.signal);
  if (!earlier.ok) return beforehand(earlier.failure);
  const { parts } = partsOf(session, delivery, event, null, true);
  for (const [at, message] of parts.entries()) {
    if (earlier.value.has(at)) continue;
    const said = at === 0 ? `${words.edited}\n\n${message}` : message;
    const written = await writePost(session, { ...place, root }, at, said, null);
    if (!written.ok) return outcomeOf(written.failure);
  }
  return done(delivery.target, { lost: ['edit'] });
}
