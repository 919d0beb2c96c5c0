import type { IncomingMessage } from 'node:http';
import { AppError, errorBody, sessionExpired } from './app-error.ts';
import { type Answer, type Call, needSize } from './call.ts';
import { type Found, find } from './router.ts';
import { ROUTES } from './routes.ts';
import { sessionOf } from './sessions.ts';
import type { Session } from './types.ts';
import type { World } from './world.ts';

/** What goes over the wire. */
export interface Outcome {
  readonly status: number;
  readonly type: string;
  readonly content: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** app.ParseAuthTokenFromRequest: the cookie, then the header. */
export function tokenOf({ headers }: IncomingMessage): string {
  const cookie = /(?:^|;\s*)MMAUTHTOKEN=([^;]+)/.exec(headers.cookie ?? '')?.[1];
  const header = /^(?:bearer|token)\s+(.+)$/i.exec(headers.authorization ?? '')?.[1];
  return cookie ?? header ?? '';
}

function sessionFor(world: World, request: IncomingMessage, { route }: Found): Session | null {
  const session = sessionOf(world, tokenOf(request));
  if (session === null && route[3] !== 'open') throw sessionExpired();
  return session;
}

const wire = (answer: Answer, headers: Record<string, string>): Outcome => {
  if (typeof answer.body === 'string' || Buffer.isBuffer(answer.body)) {
    const type = answer.headers?.['content-type'] ?? 'text/plain';
    return { status: answer.status, type, content: answer.body, headers: { ...headers, ...answer.headers } };
  }
  // Go's encoder ends with a line break; the type has no charset, which clients compare exactly.
  const content = answer.body === undefined ? '' : `${JSON.stringify(answer.body)}\n`;
  return {
    status: answer.status,
    type: 'application/json',
    content,
    headers: { ...headers, ...answer.headers },
  };
};

function hardened(world: World, error: AppError): AppError {
  const isHidden = world.settings.ExperimentalEnableHardenedMode && error.statusCode >= 500;
  return isHidden ? new AppError('', 500) : error;
}

/** One request, from its session to its answer. */
export async function carryOut(
  world: World,
  request: IncomingMessage,
  url: URL,
  raw: Buffer,
  node: number,
  beforeSave: () => Promise<void>,
): Promise<Outcome> {
  const requestId = world.newId();
  const headers = {
    'x-request-id': requestId,
    'x-version-id': `${world.version}.0.${world.version}.0.simulator.false`,
  };
  try {
    const method = request.method ?? 'GET';
    if ((request.url ?? '').length > world.settings.MaximumURLLength) {
      throw new AppError('basic_security_check.url.too_long_error', 414);
    }
    const found = find(ROUTES, method, url.pathname);
    const most =
      found.route[3] === 'files' ? world.settings.MaxFileSize : world.settings.MaximumPayloadSizeBytes;
    const session = sessionFor(world, request, found);
    needSize(raw.length, most);
    const { params } = found;
    const call: Call = {
      world,
      method,
      url,
      params,
      headers: request.headers,
      raw,
      session,
      node,
      beforeSave,
    };
    return wire(await found.route[2](call), headers);
  } catch (error) {
    // What is no refusal is a fault of the simulator: it must not pass for one of the network.
    const told = error instanceof AppError ? error : new AppError(`simulator.bug: ${String(error)}`, 500);
    const known = hardened(world, told);
    return wire({ status: known.statusCode, body: errorBody(known, requestId) }, headers);
  }
}
