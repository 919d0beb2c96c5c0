import type { Clock } from '@brygga/contract';
import { type HttpClient, retryAfterMs } from '@brygga/wire';
import type { z } from 'zod';
import type { Failure } from './errors.ts';
import { jsonOf, textField } from './native.ts';

/** An answer whose body was read by its schema, or why there is none. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

export interface Call<T> {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Behind `/api/v4`, made by `path`. */
  readonly path: string;
  /** Not behind `/api/v4`, and without the token: the address itself is the secret. */
  readonly outside?: boolean;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly schema: z.ZodType<T>;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** A path whose changing parts are encoded. */
export const path = (parts: TemplateStringsArray, ...values: readonly string[]): string =>
  parts.map((part, at) => part + (at < values.length ? encodeURIComponent(values[at] ?? '') : '')).join('');

/** One account's calls of the REST interface, version 4. Never rejects. */
export class Rest {
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #base: string;
  readonly #token: string;
  readonly #refused: () => void;

  /** `refused` is called each time that the server does not take the token. */
  constructor(http: HttpClient, clock: Clock, url: string, token: string, refused: () => void = () => {}) {
    this.#http = http;
    this.#clock = clock;
    this.#base = url.replace(/\/+$/, '');
    this.#token = token;
    this.#refused = refused;
  }

  async call<T>(call: Call<T>): Promise<Answer<T>> {
    const outside = call.outside === true;
    const url = new URL(`${this.#base}${outside ? '' : '/api/v4'}${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const reply = await this.#http.request({
      method: call.method,
      url,
      headers: {
        ...(outside ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      ...(call.timeoutMs === undefined ? {} : { timeoutMs: call.timeoutMs }),
    });
    if (reply.kind === 'trouble') return { ok: false, failure: reply };
    const text = reply.body.toString('utf8');
    const json = outside && text === 'ok' ? text : jsonOf(text);
    if (reply.status === 401 && !outside) this.#refused();
    if (reply.status < 200 || reply.status > 299) {
      const afterMs = retryAfterMs(reply.headers['retry-after'], this.#clock.now());
      return {
        ok: false,
        failure: { kind: 'refusal', status: reply.status, id: textField(json, 'id') ?? '', afterMs },
      };
    }
    const read = call.schema.safeParse(json);
    if (read.success) return { ok: true, value: read.data };
    // Something else answered (a login page, a proxy): nobody knows what was done.
    return { ok: false, failure: { kind: 'trouble', reason: 'lost', sent: true } };
  }
}
