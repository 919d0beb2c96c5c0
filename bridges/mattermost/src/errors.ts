import { type Code, later, type Outcome, refused, unsure } from '@brygga/contract';
import type { Trouble } from '@brygga/wire';

/** The server's no. `id` as in its error JSON, '' when the answer was none (a rate limiter, a proxy). */
export interface Refusal {
  readonly kind: 'refusal';
  readonly status: number;
  readonly id: string;
  readonly afterMs: number | null;
}

/** Why a call did not give what was asked. */
export type Failure = Refusal | Trouble;

type NotDone = Exclude<Outcome, { kind: 'done' }>;
type Row = (failure: Refusal) => NotDone;

const refuse = (code: Code) => (): NotDone => refused(code);
const wait =
  (code: Code, scope: 'lane' | 'network') =>
  ({ afterMs }: Refusal): NotDone =>
    later(code, { scope, ...(afterMs === null ? {} : { afterMs }) });
const doubt = (code: Code) => (): NotDone => unsure(code);

/** Our own first attempt is still under way (`channels/app/post.go`, `deduplicateCreatePost`). */
export const PENDING = 'api.post.deduplicate_create_post.pending';
export const TIME_LIMIT = 'api.post.update_post.permissions_time_limit.app_error';

/** Ids that mean the same whatever the status (`server/i18n/en.json`); the message beside them is translated. */
const BY_ID: Readonly<Record<string, Row>> = {
  [PENDING]: doubt('NO_ANSWER'),
  'api.post.deduplicate_create_post.failed_to_get': doubt('NO_ANSWER'),
  'api.post.create_post.can_not_post_to_deleted.error': refuse('CHANNEL_GONE'),
  'app.channel.get.existing.app_error': refuse('CHANNEL_GONE'),
  'api.reaction.save.archived_channel.app_error': refuse('CHANNEL_GONE'),
  'api.reaction.delete.archived_channel.app_error': refuse('CHANNEL_GONE'),
  'model.post.is_valid.message_length.app_error': refuse('TOO_LARGE'),
  'model.post.is_valid.props.app_error': refuse('TOO_LARGE'),
  'api.post.create_post.root_id.app_error': refuse('TARGET_UNKNOWN'),
  'api.post.create_post.channel_root_id.app_error': refuse('TARGET_UNKNOWN'),
  'app.post.get.app_error': refuse('TARGET_UNKNOWN'),
  [TIME_LIMIT]: refuse('FORBIDDEN'),
  'app.reaction.save.save.too_many_reactions': refuse('NOT_ACCEPTABLE'),
};

const BY_STATUS: Readonly<Record<number, Row>> = {
  400: refuse('NOT_ACCEPTABLE'),
  401: wait('CREDENTIALS_REFUSED', 'network'),
  403: refuse('FORBIDDEN'),
  404: refuse('TARGET_UNKNOWN'),
  408: doubt('NO_ANSWER'),
  409: wait('NETWORK_ERROR', 'lane'),
  413: refuse('TOO_LARGE'),
  429: wait('NETWORK_BUSY', 'network'),
  501: refuse('FEATURE_REFUSED'),
};

const BY_TROUBLE: Readonly<Record<Trouble['reason'], Code>> = {
  refused: 'NETWORK_DOWN',
  unreachable: 'NETWORK_DOWN',
  lost: 'CONNECTION_LOST',
  timeout: 'NO_ANSWER',
  tooLarge: 'NO_ANSWER',
  aborted: 'NO_ANSWER',
  defect: 'BRIDGE_FAULT',
};

/** The one table from what the server did to what the hub is told. */
export function outcomeOf(failure: Failure): NotDone {
  if (failure.kind === 'trouble') return troubled(failure);
  const row = BY_ID[failure.id] ?? BY_STATUS[failure.status];
  if (row !== undefined) return row(failure);
  // A 500 may come after the post was made, and a proxy's word says nothing about it.
  return failure.status >= 500 ? unsure('NO_ANSWER') : refused('NOT_ACCEPTABLE');
}

function troubled({ reason, sent }: Trouble): NotDone {
  if (sent) return unsure(BY_TROUBLE[reason]);
  return later(reason === 'aborted' ? 'NETWORK_DOWN' : BY_TROUBLE[reason], { scope: 'network' });
}

/** The same for a call that changes nothing, or may be repeated: it has not been done. */
export function beforehand(failure: Failure): NotDone {
  const outcome = outcomeOf(failure);
  return outcome.kind === 'unsure' ? later('NETWORK_DOWN', { scope: 'lane' }) : outcome;
}

export const hasStatus = (failure: Failure, status: number): boolean =>
  failure.kind === 'refusal' && failure.status === status;

export const hasId = (failure: Failure, id: string): boolean =>
  failure.kind === 'refusal' && failure.id === id;

/** Not with the rights of the account, not any more, or not with this content: nothing was done. */
export const isNotAllowed = (failure: Failure): boolean => hasStatus(failure, 403) || hasStatus(failure, 400);

/** Codes and statuses only, for the log. */
export const failureFields = (failure: Failure): { reason: string; status?: number } =>
  failure.kind === 'trouble' ? { reason: failure.reason } : { reason: failure.id, status: failure.status };

/** The same for operators. */
export const wordOf = (failure: Failure): string =>
  failure.kind === 'trouble' ? failure.reason : `${failure.status} ${failure.id}`.trim();
