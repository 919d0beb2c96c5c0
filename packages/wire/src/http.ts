import type { Clock } from '@brygga/contract';
import { Agent, request } from 'undici';
import { type Trouble, trouble, troubleOf } from './trouble.ts';

export interface HttpCall {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH' | 'HEAD';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For the whole exchange, from the first byte out to the last byte in. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A whole answer, whatever its status. Header names are lower-case; of a repeated header the first counts. */
export interface HttpReply {
  readonly kind: 'reply';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** Makes a call. Never rejects: no answer is a value too. */
export type RequestFn = (call: HttpCall) => Promise<HttpReply | Trouble>;

export interface HttpClient {
  readonly request: RequestFn;
  /** Ends idle connections and those under way. */
  close(): Promise<void>;
}

export interface HttpBounds {
  /** Connections to one server. */
  readonly connections: number;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly answerBytesMax: number;
}

const BOUNDS: HttpBounds = {
  connections: 32,
  timeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  answerBytesMax: 16 * 1024 * 1024,
};

/** A client that keeps connections open and bounds time, size and number. Follows no redirects. */
export function httpClient(clock: Clock, bounds: Partial<HttpBounds> = {}): HttpClient {
  const limits = { ...BOUNDS, ...bounds };
  const agent = new Agent({
    connections: limits.connections,
    // More than one request on a connection would tie their fates together.
    pipelining: 1,
    connect: { timeout: limits.connectTimeoutMs },
    // Ours holds for the whole exchange; undici's two only for its halves.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    request: (call) => exchange(agent, clock, limits, call),
    close: () => agent.destroy(),
  };
}

async function exchange(
  agent: Agent,
  clock: Clock,
  limits: HttpBounds,
  call: HttpCall,
): Promise<HttpReply | Trouble> {
  if (call.signal?.aborted === true) return trouble('aborted', false);
  const late = new AbortController();
  const cancel = clock.after(call.timeoutMs ?? limits.timeoutMs, () => late.abort());
  const signal = call.signal === undefined ? late.signal : AbortSignal.any([late.signal, call.signal]);
  try {
    const { statusCode, headers, body } = await request(call.url, {
      dispatcher: agent,
      method: call.method,
      headers: call.headers ?? {},
      body: call.body ?? null,
      signal,
    });
    const bytes = await readBounded(body, limits.answerBytesMax);
    if (bytes === null) return trouble('tooLarge', true);
    return { kind: 'reply', status: statusCode, headers: flat(headers), body: bytes };
  } catch (error) {
    return late.signal.aborted ? trouble('timeout', true) : troubleOf(error);
  } finally {
    cancel();
  }
}

async function readBounded(body: AsyncIterable<Buffer>, bytesMax: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection.
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
