import { type Code, later, type Outcome, refused, unsure } from '@brygga/contract';
import type { Trouble } from '@brygga/wire';

/** The homeserver's no. `errcode` without the vendor's prefix, '' when the answer was not Matrix at all. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly status: number;
  readonly errcode: string;
  readonly afterMs: number | null;
}

/** Why a call did not give what was asked. */
export type Failure = Refusal | Trouble;

/**
 * Errcodes carry vendor prefixes until they are in the specification (`ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE`): the
 * end counts.
 */
export function errcodeOf(body: unknown): string {
  const errcode = typeof body === 'object' && body !== null && 'errcode' in body ? body.errcode : '';
  return typeof errcode === 'string' ? (/M_[A-Z_]+$/.exec(errcode)?.[0] ?? '') : '';
}

const refuse = (code: Code) => (): Outcome => refused(code);
const wait =
  (code: Code, scope: 'lane' | 'network') =>
  (failure: Refusal): Outcome =>
    later(code, { scope, ...(failure.afterMs === null ? {} : { afterMs: failure.afterMs }) });
const doubt = (code: Code) => (): Outcome => unsure(code);

/** Errcodes that mean the same whatever the status; the other ones go by status. */
const BY_ERRCODE: Readonly<Record<string, (failure: Refusal) => Outcome>> = {
  M_LIMIT_EXCEEDED: wait('NETWORK_BUSY', 'network'),
  M_RESOURCE_LIMIT_EXCEEDED: wait('NETWORK_BUSY', 'network'),
  M_UNKNOWN_TOKEN: wait('CREDENTIALS_REFUSED', 'network'),
  M_MISSING_TOKEN: wait('CREDENTIALS_REFUSED', 'network'),
  M_EXCLUSIVE: wait('CREDENTIALS_REFUSED', 'network'),
  M_TOO_LARGE: refuse('TOO_LARGE'),
  M_BAD_STATE: refuse('PERSON_BANNED'),
  M_USER_DEACTIVATED: refuse('PERSON_BANNED'),
  M_INCOMPATIBLE_ROOM_VERSION: refuse('NOT_IN_CHANNEL'),
  M_UNSUPPORTED_ROOM_VERSION: refuse('NOT_IN_CHANNEL'),
};

const BY_STATUS: Readonly<Record<number, (failure: Refusal) => Outcome>> = {
  401: wait('CREDENTIALS_REFUSED', 'network'),
  403: refuse('FORBIDDEN'),
  404: refuse('CHANNEL_GONE'),
  408: doubt('NO_ANSWER'),
  413: refuse('TOO_LARGE'),
  429: wait('NETWORK_BUSY', 'network'),
  // A proxy answers for a homeserver that may have done it; sending again is safe, see `transactionId`.
  502: doubt('NO_ANSWER'),
  503: wait('NETWORK_DOWN', 'network'),
  504: doubt('NO_ANSWER'),
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

/** The one table from what the homeserver did to what the hub is told. */
export function outcomeOf(failure: Failure): Exclude<Outcome, { kind: 'done' }> {
  const outcome = failure.kind === 'trouble' ? troubled(failure) : refusal(failure);
  return outcome.kind === 'done' ? unsure('BRIDGE_FAULT') : outcome;
}

const troubled = ({ reason, sent }: Trouble): Outcome =>
  sent ? unsure(BY_TROUBLE[reason]) : later(sent ? 'NO_ANSWER' : notSent(reason), { scope: 'network' });

/** A call that was given up before it left has the code of a network that is not there. */
const notSent = (reason: Trouble['reason']): Code =>
  reason === 'aborted' ? 'NETWORK_DOWN' : BY_TROUBLE[reason];

function refusal(failure: Refusal): Outcome {
  const row = BY_ERRCODE[failure.errcode] ?? BY_STATUS[failure.status];
  if (row !== undefined) return row(failure);
  return failure.status >= 500 ? later('NETWORK_ERROR', { scope: 'lane' }) : refused('NOT_ACCEPTABLE');
}

/** The same for a step before the message itself (registering, joining): the message has not been sent. */
export function beforehand(failure: Failure): Exclude<Outcome, { kind: 'done' }> {
  const outcome = outcomeOf(failure);
  return outcome.kind === 'unsure' ? later('NETWORK_DOWN', { scope: 'lane' }) : outcome;
}

export const isRefusal = (failure: Failure, errcode: string): boolean =>
  failure.kind === 'refusal' && failure.errcode === errcode;

export const hasStatus = (failure: Failure, status: number): boolean =>
  failure.kind === 'refusal' && failure.status === status;

/** Nobody was reached: time to look whether the homeserver is there at all. */
export const isDown = (failure: Failure): boolean =>
  failure.kind === 'trouble'
    ? ['refused', 'unreachable', 'lost', 'timeout'].includes(failure.reason)
    : [502, 503, 504].includes(failure.status);

/** Codes and statuses only, for the log. */
export const failureFields = (failure: Failure): { reason: string; status?: number } =>
  failure.kind === 'trouble'
    ? { reason: failure.reason }
    : { reason: failure.errcode, status: failure.status };

/** The same for operators. */
export const wordOf = (failure: Failure): string =>
  failure.kind === 'trouble' ? failure.reason : `${failure.status} ${failure.errcode}`.trim();
