import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpAnswer, HttpFace, HttpRequest, HttpRoute } from '@brygga/contract';
import { field } from './native.ts';
import type { MatrixSettings } from './settings.ts';

/** 100 events of 64 KiB and as many ephemeral ones are legal; a smaller limit would block the queue for ever. */
export const TRANSACTION_BYTES_MAX = 32 * 1024 * 1024;
const SMALL_BYTES_MAX = 64 * 1024;

/** What the homeserver hands over in one transaction. */
export interface Transaction {
  /** Synapse numbers them. */
  readonly id: string;
  readonly events: readonly unknown[];
  readonly ephemeral: readonly unknown[];
}

export interface Callee {
  /** Resolves when all of it is durable; false: not now, come again. */
  transaction(transaction: Transaction): Promise<boolean>;
  /** Whether that user of our namespace exists. */
  user(userId: string): Promise<boolean>;
}

const answer = (status: number, body: unknown): HttpAnswer => ({ status, body });
const ok = answer(200, {});
const error = (status: number, errcode: string, words: string): HttpAnswer =>
  answer(status, { errcode, error: words });

/** Events under the stable key and under the one Synapse used before 1.156. */
function listOf(body: unknown, ...keys: readonly string[]): unknown[] {
  return keys.flatMap((key) => {
    const list = field(body, key);
    return Array.isArray(list) ? list : [];
  });
}

/** Equal length by hashing first, then a comparison that takes the same time wherever they differ. */
function same(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** `Authorization: Bearer`; the query parameter is an old form, and where both come both must be right. */
function authorizer(hsToken: string): HttpRoute['authorize'] {
  const refusal = error(403, 'M_FORBIDDEN', 'wrong or missing hs_token');
  return ({ headers, query }) => {
    const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    const given = [bearer, query.access_token].filter((token) => token !== undefined);
    return given.length > 0 && given.every((token) => same(token, hsToken)) ? null : refusal;
  };
}

/**
 * What the homeserver calls us by (https://spec.matrix.org/v1.19/application-service-api/#homeserver---application-service-api).
 * `callee` is null while the bridge is not open: the homeserver keeps everything and comes again.
 */
export function httpFace(settings: MatrixSettings, callee: () => Callee | null): HttpFace {
  const authorize = authorizer(settings.hsToken);
  const route = (
    method: HttpRoute['method'],
    path: string,
    handle: (request: HttpRequest, callee: Callee) => Promise<HttpAnswer>,
    bodyBytesMax = SMALL_BYTES_MAX,
  ): HttpRoute => ({
    method,
    path: `/_matrix/app/v1${path}`,
    bodyBytesMax,
    authorize,
    handle: async (request) => {
      const open = callee();
      return open === null ? error(503, 'M_UNKNOWN', 'not open') : handle(request, open);
    },
  });
  return {
    ...settings.listen,
    routes: [
      route('PUT', '/transactions/:txnId', transaction, TRANSACTION_BYTES_MAX),
      route('POST', '/ping', () => Promise.resolve(ok)),
      route('GET', '/users/:userId', async ({ params }, open) =>
        (await open.user(params.userId ?? '')) ? ok : error(404, 'M_NOT_FOUND', 'no such user'),
      ),
      route('GET', '/rooms/:roomAlias', () => Promise.resolve(error(404, 'M_NOT_FOUND', 'no such room'))),
    ],
    unknown: (kind) => error(kind === 'path' ? 404 : 405, 'M_UNRECOGNIZED', 'unknown request'),
  };
}

async function transaction(request: HttpRequest, callee: Callee): Promise<HttpAnswer> {
  const events = listOf(request.body, 'events');
  const ephemeral = listOf(request.body, 'ephemeral', 'de.sorunome.msc2409.ephemeral');
  const kept = await callee.transaction({ id: request.params.txnId ?? '', events, ephemeral });
  return kept ? ok : error(503, 'M_UNKNOWN', 'not stored, send again');
}
