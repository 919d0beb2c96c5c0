import { type Delivery, done, type Feature, type Outcome, refused } from '@brygga/contract';
import { z } from 'zod';
import { beforehand, type Failure, hasId, hasStatus, isNotAllowed } from './errors.ts';
import { Post } from './native.ts';
import { type Answer, path } from './rest.ts';
import type { Session } from './session.ts';
import { wordsIn } from './words.ts';

/** Removes a message with all its parts; what is gone already is as good as removed. */
export async function sendRemoval(
  session: Session,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<Outcome> {
  if (delivery.target.length === 0) return refused('TARGET_UNKNOWN');
  let isWhole = true;
  for (const { id } of delivery.target) {
    const removed = await removePost(session, delivery, id, signal);
    if (!removed.ok) return beforehand(removed.failure);
    isWhole &&= removed.value === 'gone';
  }
  const feature: Feature = delivery.event.sender.kind === 'moderator' ? 'deleteByModerator' : 'deleteOwn';
  return done([], isWhole ? {} : { lost: [feature] });
}

/**
 * Removes one post. A root takes its answers along, everybody's (`channels/app/post.go`, `DeletePost`): one that has any
 * loses its words instead, and stands. Where that is not allowed it is removed for all that, and so are the answers: here
 * alone, since nobody has taken those back.
 */
export async function removePost(
  session: Session,
  delivery: Delivery,
  id: string,
  signal: AbortSignal,
): Promise<Answer<'gone' | 'emptied'>> {
  const answers = await answersTo(session, id, signal);
  if (!answers.ok) return answers;
  if (answers.value === null) return GONE;
  if (answers.value.length > 0) {
    const emptied = await patchPost(session, id, wordsIn(session.ctx, delivery.channel).removed, signal);
    if (emptied.ok) return { ok: true, value: 'emptied' };
    if (!isNotAllowed(emptied.failure)) return emptied;
  }
  const doomed = [id, ...answers.value];
  await session.sent.removing(doomed);
  const call = { method: 'DELETE', path: path`/posts/${id}`, schema: z.unknown(), signal } as const;
  const answer = await session.rest.call(call);
  if (answer.ok || isGone(answer.failure)) return GONE;
  if (isNotAllowed(answer.failure)) await session.sent.notRemoved(doomed);
  return answer;
}

const GONE = { ok: true, value: 'gone' } as const;

const Thread = z.object({ posts: z.record(z.string(), Post.pick({ id: true, delete_at: true })) });

/** The ids of what would go with the post; null: it is gone itself. */
async function answersTo(
  session: Session,
  id: string,
  signal: AbortSignal,
): Promise<Answer<readonly string[] | null>> {
  const call = { method: 'GET', signal } as const;
  const post = await session.rest.call({ ...call, path: path`/posts/${id}`, schema: Post });
  if (!post.ok) return isGone(post.failure) ? { ok: true, value: null } : post;
  if (post.value.delete_at > 0) return { ok: true, value: null };
  if (post.value.root_id !== '' || post.value.reply_count === 0) return { ok: true, value: [] };
  const thread = await session.rest.call({ ...call, path: path`/posts/${id}/thread`, schema: Thread });
  if (!thread.ok) return thread;
  const others = Object.values(thread.value.posts).filter((one) => one.id !== id && one.delete_at === 0);
  return { ok: true, value: others.map((one) => one.id) };
}

/** `props` are left out of the patch: given, they would be replaced as a whole. */
export async function patchPost(
  session: Session,
  id: string,
  message: string,
  signal: AbortSignal,
): Promise<Answer<string>> {
  const answer = await session.rest.call({
    method: 'PUT',
    path: path`/posts/${id}/patch`,
    body: { message },
    schema: Post,
    signal,
  });
  return answer.ok ? { ok: true, value: answer.value.id } : answer;
}

/** Gone, or never there: so the server says it of posts. */
export const isGone = (failure: Failure): boolean =>
  hasStatus(failure, 404) || hasId(failure, 'app.post.get.app_error');
