import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '@brygga/contract';
import type { NetworkId } from '@brygga/event';
import {
  type HttpClient,
  type HttpReply,
  httpClient,
  retryAfterMs,
  type Trouble,
  trouble,
} from '@brygga/wire';
import { LogService, setRequestFn } from '@vector-im/matrix-bot-sdk';
import { Bridge, Logger } from 'matrix-appservice-bridge';
import { errcodeOf, type Failure, type Refusal } from './errors.ts';
import { libraryRegistration } from './registration.ts';
import type { MatrixSettings } from './settings.ts';

/** One request of the client-server API. `as`: who acts; null for the application service itself. */
export interface Call {
  readonly as: string | null;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type Answer<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/** The homeserver as the rest of the bridge sees it. Calls never reject. */
export interface Homeserver {
  call(call: Call): Promise<Answer>;
  close(): Promise<void>;
}

export const CALL_MS_MAX = 30_000;

/** Builds a path, each part escaped: path`/rooms/${room}/join`. */
export function path(pieces: TemplateStringsArray, ...parts: readonly string[]): string {
  const rest = pieces.slice(1).map((piece, at) => encodeURIComponent(parts[at] ?? '') + piece);
  return `/_matrix/client${pieces[0] ?? ''}${rest.join('')}`;
}

/**
 * What the library's one global request function needs to know of the call it works for: it takes neither a signal
 * nor a client of one's own.
 */
interface Scope {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}
const scopes = new AsyncLocalStorage<Scope>();

/** Carries a failure through the library's promise. */
class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** The part of the `request` package's parameters that the library uses. */
interface RequestParams {
  readonly uri: string;
  readonly method: HttpMethod;
  readonly qs?: Readonly<Record<string, unknown>> | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly timeout?: number;
}
type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE';
interface RequestResponse {
  readonly statusCode: number;
  readonly headers: HttpReply['headers'];
  body: string;
}
type RequestDone = (error: Error | null, response?: RequestResponse, body?: string) => void;

function libraryRequest(params: RequestParams, done: RequestDone): void {
  const scope = scopes.getStore();
  if (scope === undefined) done(new CallFailed(trouble('defect', false)));
  else requestWithin(scope, params, done);
}

function requestWithin(scope: Scope, params: RequestParams, done: RequestDone): void {
  const url = new URL(params.uri);
  for (const [name, value] of Object.entries(params.qs ?? {})) {
    if (value !== undefined && value !== null) url.searchParams.append(name, String(value));
  }
  const call = {
    method: params.method,
    url,
    ...(params.headers === undefined ? {} : { headers: params.headers }),
    ...(params.body === undefined ? {} : { body: params.body }),
    ...(params.timeout === undefined ? {} : { timeoutMs: params.timeout }),
    ...(scope.signal === undefined ? {} : { signal: scope.signal }),
  };
  void scope.http.request(call).then((result: HttpReply | Trouble) => {
    if (result.kind === 'trouble') done(new CallFailed(result));
    else answer(result, done);
  });
}

function answer(reply: HttpReply, done: RequestDone): void {
  const body = reply.body.toString('utf8');
  done(null, { statusCode: reply.status, headers: reply.headers, body }, body);
}

/** Turns any answer but 2xx into our failure, also what is not JSON (a proxy's page). */
function refusalOf(response: RequestResponse, body: unknown): Error | undefined {
  if (response.statusCode >= 200 && response.statusCode < 300) return undefined;
  const now = scopes.getStore()?.clock.now() ?? 0;
  const header = retryAfterMs(response.headers['retry-after'], now);
  const refusal: Refusal = {
    kind: 'refusal',
    status: response.statusCode,
    errcode: errcodeOf(body),
    afterMs: header ?? deprecatedRetryAfter(body),
  };
  return new CallFailed(refusal);
}

/** `retry_after_ms` in the body: deprecated in favour of the header, the only form of older servers. */
function deprecatedRetryAfter(body: unknown): number | null {
  const ms =
    typeof body === 'object' && body !== null && 'retry_after_ms' in body ? body.retry_after_ms : null;
  return typeof ms === 'number' ? retryAfterMs(String(Math.max(0, ms) / 1000), 0) : null;
}

const silent = { info: quiet, warn: quiet, error: quiet, debug: quiet, trace: quiet };
function quiet(): void {}

let prepared = false;
/**
 * The library logs requests with their bodies and its HTTP function is one per process: both are set here, once.
 */
function prepareLibrary(): void {
  if (prepared) return;
  prepared = true;
  Logger.configure({ console: 'off' });
  LogService.setLogger(silent);
  setRequestFn(libraryRequest);
}

/** The homeserver through matrix-appservice-bridge; see decisions/0003-matrix-library.md for what of it is used. */
export async function openHomeserver(
  network: NetworkId,
  settings: MatrixSettings,
  clock: Clock,
): Promise<Homeserver> {
  prepareLibrary();
  const http = httpClient(clock, { timeoutMs: CALL_MS_MAX, answerBytesMax: 64 * 1024 * 1024 });
  const bridge = new Bridge({
    homeserverUrl: settings.homeserverUrl,
    domain: settings.serverName,
    registration: libraryRegistration(network, settings),
    disableStores: true,
    disableContext: true,
    logRequestOutcome: false,
    escapeUserIds: false,
    controller: { onEvent: quiet },
  });
  await bridge.initialise();
  return {
    call: (call) => scopes.run({ http, clock, signal: call.signal }, () => perform(bridge, call)),
    close: async () => {
      await bridge.close();
      await http.close();
    },
  };
}

async function perform(bridge: Bridge, call: Call): Promise<Answer> {
  const intent = call.as === null ? bridge.getIntent() : bridge.getIntent(call.as);
  const timeout = call.timeoutMs ?? CALL_MS_MAX;
  const body = call.method === 'GET' ? null : (call.body ?? {});
  try {
    const value: unknown = await intent.matrixClient.doRequest(
      call.method,
      call.path,
      { ...call.query },
      body,
      timeout,
      false,
      'application/json',
      false,
      { errorHandler: refusalOf },
    );
    return { ok: true, value };
  } catch (error) {
    // Anything else is a defect of ours or the library's; whether the request had left by then is not known.
    return { ok: false, failure: error instanceof CallFailed ? error.failure : trouble('defect', true) };
  }
}
