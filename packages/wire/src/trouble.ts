/**
 * Why there is no answer. `sent`: the request may have reached the server, so its effect may have happened.
 * refused: nobody listens. unreachable: name or route unknown, or the connection was not made in time. lost: the
 * connection broke. timeout: no (whole) answer in time. tooLarge: the answer exceeds the bound. aborted: we gave up.
 */
export interface Trouble {
  readonly kind: 'trouble';
  readonly reason: 'refused' | 'unreachable' | 'lost' | 'timeout' | 'tooLarge' | 'aborted' | 'defect';
  readonly sent: boolean;
}

type Reason = Trouble['reason'];

/** Node's and undici's error codes. What is not listed is taken for a lost connection: it may have been sent. */
const BY_CODE: Readonly<Record<string, readonly [Reason, boolean]>> = {
  ECONNREFUSED: ['refused', false],
  ENOTFOUND: ['unreachable', false],
  EAI_AGAIN: ['unreachable', false],
  EHOSTUNREACH: ['unreachable', false],
  EHOSTDOWN: ['unreachable', false],
  ENETUNREACH: ['unreachable', false],
  ENETDOWN: ['unreachable', false],
  EADDRNOTAVAIL: ['unreachable', false],
  UND_ERR_CONNECT_TIMEOUT: ['unreachable', false],
  CERT_HAS_EXPIRED: ['unreachable', false],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['unreachable', false],
  SELF_SIGNED_CERT_IN_CHAIN: ['unreachable', false],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['unreachable', false],
  ERR_TLS_CERT_ALTNAME_INVALID: ['unreachable', false],
  UND_ERR_CLOSED: ['aborted', false],
  UND_ERR_DESTROYED: ['aborted', true],
  UND_ERR_ABORTED: ['aborted', true],
  ABORT_ERR: ['aborted', true],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', true],
  UND_ERR_BODY_TIMEOUT: ['timeout', true],
  ETIMEDOUT: ['timeout', true],
  UND_ERR_INVALID_ARG: ['defect', false],
  ERR_INVALID_URL: ['defect', false],
};

export const trouble = (reason: Reason, sent: boolean): Trouble => ({ kind: 'trouble', reason, sent });

/** Sorts what undici threw; never reads a message text. */
export function troubleOf(error: unknown): Trouble {
  for (const code of codesOf(error)) {
    const known = BY_CODE[code];
    if (known !== undefined) return trouble(...known);
  }
  return trouble('lost', true);
}

/** The codes of an error, its cause and (for several addresses tried) its parts. */
function codesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const parts = error instanceof AggregateError ? error.errors : [];
  const named = error.name === 'AbortError' ? ['ABORT_ERR'] : [];
  return [...own, ...named, ...[error.cause, ...parts].slice(0, 8).flatMap(shallow)];
}

const shallow = (error: unknown): readonly string[] =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? [error.code] : [];
