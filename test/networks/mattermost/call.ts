import type { IncomingHttpHeaders } from 'node:http';
import { AppError, invalidParam, invalidUrlParam, sessionExpired } from './app-error.ts';
import { isId } from './ids.ts';
import type { Session } from './types.ts';
import type { World } from './world.ts';

/** One request under way. */
export interface Call {
  readonly world: World;
  readonly method: string;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  readonly session: Session | null;
  /** Which node of the cluster carries it out. */
  readonly node: number;
  /** A slow database: waits between taking the key of a post and saving it. */
  readonly beforeSave: () => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;
export type Guard = 'session' | 'open' | 'files';
export type Route = readonly [method: string, path: string, handler: Handler, guard?: Guard];

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const done = (): Answer => ok({ status: 'OK' });

/** Whoever asks; only routes without the guard 'open' may rely on it. */
export function actor(call: Call): string {
  if (call.session === null) throw sessionExpired();
  return call.session.user_id;
}

/** A person's id in the address, where `me` is allowed. */
export function userParam(call: Call): string {
  const id = call.params.user_id;
  return id === 'me' ? actor(call) : idOf(id, 'user_id');
}

export const idParam = (call: Call, name: string): string => idOf(call.params[name], name);

function idOf(id: string | undefined, name: string): string {
  if (!isId(id)) throw invalidUrlParam(name);
  return id;
}

export interface Page {
  readonly page: number;
  readonly perPage: number;
}

/** web/params.go: 60 by default, above 200 silently cut. */
export function pageOf(call: Call): Page {
  const page = Number.parseInt(call.url.searchParams.get('page') ?? '0', 10);
  const perPage = Number.parseInt(call.url.searchParams.get('per_page') ?? '60', 10);
  return {
    page: Number.isNaN(page) || page < 0 ? 0 : page,
    perPage: Number.isNaN(perPage) || perPage < 0 ? 60 : Math.min(perPage, 200),
  };
}

export const slice = <T>(list: readonly T[], { page, perPage }: Page): T[] =>
  list.slice(page * perPage, (page + 1) * perPage);

/** strconv.ParseBool */
export const isYes = (value: string | null): boolean => /^(?:1|t|true)$/i.test(value ?? '');

type Row = Readonly<Record<string, unknown>>;
const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A body as Go decodes it: null is as if absent, a value of another type spoils the whole. */
export class Body {
  readonly #row: Row;
  readonly #name: string;

  constructor(row: Row, name: string) {
    this.#row = row;
    this.#name = name;
  }

  has(key: string): boolean {
    return this.#row[key] !== undefined && this.#row[key] !== null;
  }

  text(key: string): string {
    return this.#read(key, (value) => typeof value === 'string', '');
  }

  number(key: string): number {
    return this.#read(key, (value) => typeof value === 'number', 0);
  }

  flag(key: string): boolean {
    return this.#read(key, (value) => typeof value === 'boolean', false);
  }

  texts(key: string): string[] {
    return this.#read(key, isTexts, []);
  }

  row(key: string): Record<string, unknown> {
    return { ...this.#read(key, isRow, {}) };
  }

  table(key: string): Record<string, string> {
    return this.#read(key, isTable, {});
  }

  #read<T>(key: string, isFit: (value: unknown) => value is T, absent: T): T {
    const value = this.#row[key];
    if (value === undefined || value === null) return absent;
    if (!isFit(value)) throw invalidParam(this.#name);
    return value;
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
const isTable = (value: unknown): value is Record<string, string> =>
  isRow(value) && Object.values(value).every((one) => typeof one === 'string');

function parsed(call: Call, name: string): unknown {
  try {
    return JSON.parse(call.raw.toString());
  } catch {
    throw invalidParam(name);
  }
}

/** The body as an object; `name` is what the error calls it. */
export function bodyOf(call: Call, name: string): Body {
  const value = parsed(call, name);
  if (!isRow(value)) throw invalidParam(name);
  return new Body(value, name);
}

/** The body as a list of texts. */
export function textsOf(call: Call, name: string): string[] {
  const value = parsed(call, name);
  if (!isTexts(value)) throw invalidParam(name);
  return value;
}

/** http.MaxBytesReader; Go lets bytes.MinRead more through. */
export function needSize(bytes: number, most: number): void {
  if (bytes > most + 512) throw new AppError('api.context.request_body_too_large.app_error', 413);
}
