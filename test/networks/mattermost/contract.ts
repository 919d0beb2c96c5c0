import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { type Floor, floorOf, type Schema } from './contract-floor.ts';
import type { Exchange, Frame } from './exchange.ts';

/** The vendor's description of its interface and our own of its websocket, kept beside the checkout. */
const FOLDER = join(import.meta.dirname, '../../../../shared/contracts/mattermost');

/** Why the contract tests cannot run, or null. */
export const contractMissing = existsSync(join(FOLDER, 'openapi.json'))
  ? null
  : 'the contracts are not beside this checkout (../shared/contracts/mattermost)';

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly $ref?: string;
}
interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface Found {
  readonly operation: Operation;
  readonly path: string;
  readonly at: string;
}
interface EventSchema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, { readonly 'x-holds'?: string }>>;
}

/** Read by the server though the file does not say so (public/model, api4). */
const UNDOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  'POST /api/v4/posts': ['pending_post_id', 'type', 'create_at', 'silent'],
  'GET /api/v4/channels/{channel_id}/posts': ['skipFetchThreads', 'collapsedThreads'],
  'POST /api/v4/hooks/incoming': ['user_id', 'channel_locked'],
  'GET /api/v4/system/ping': ['get_server_status', 'use_rest_semantics'],
  'GET /api/v4/config/client': ['format'],
  'GET /api/v4/posts/{post_id}': ['include_deleted'],
  'POST /api/v4/files': ['client_id'],
  'POST /api/v4/users': ['locale'],
};
/** Where the file has one object and the server answers with a list of them (api4/emoji.go). */
const WRONG_THERE = new Set(['GET /api/v4/emoji']);
/** A nil slice of Go: null where the file has a list (api4/file.go, uploadFileSimple). */
const NULL_THERE = /~1files\/post\/.*: \/client_ids must be array$/;
/** Served, and not in this excerpt of the file. */
const BEYOND =
  /^\/(?:hooks\/|api\/v4\/(?:config(?:\/patch)?$|roles\/[^/]+\/patch$|users\/[^/]+\/channel_members$))/;
const HOOK_FIELDS = [
  'text',
  'channel',
  'username',
  'icon_url',
  'icon_emoji',
  'attachments',
  'props',
  'type',
  'priority',
  'root_id',
];
const ACTION_DATA: Readonly<Record<string, readonly string[]>> = {
  authentication_challenge: ['token'],
  ping: [],
  user_typing: ['channel_id', 'parent_id'],
  user_update_active_status: ['user_is_active', 'manual'],
  get_statuses: [],
  get_statuses_by_ids: ['user_ids'],
  presence: ['channel_id', 'team_id', 'thread_channel_id', 'is_thread_view'],
};

const json = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
const pointer = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');
const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];

/** Holds requests, answers and frames against the contract; counts what it has held. */
export class Contract {
  readonly counts = { exchanges: 0, bodies: 0, answers: 0, frames: 0, texts: 0 };
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  readonly #document = json('openapi.json') as Document;
  readonly #floor: Floor;
  readonly #events: Readonly<Record<string, EventSchema>>;
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor() {
    // CommonJS: what is exported is both the function and a namespace that holds it.
    formats.default(this.#ajv);
    for (const name of ['int64', 'int32', 'binary', 'byte']) this.#ajv.addFormat(name, true);
    this.#ajv.addSchema(this.#document as object, 'api');
    const events = json('websocket.schema.json') as { definitions: Record<string, EventSchema> };
    this.#events = events.definitions;
    this.#ajv.addSchema(events as object, 'ws');
    this.#floor = floorOf(json('model-fields.json'), this.#document.components.schemas);
  }

  /** What is wrong with exchanges whose answers came through; each problem once. */
  problemsOf(exchanges: readonly Exchange[]): string[] {
    const whole = exchanges.filter(({ status }) => status !== 0);
    return [...new Set(whole.flatMap((exchange) => this.problems(exchange)))];
  }

  problemsOfFrames(frames: readonly Frame[]): string[] {
    return [...new Set(frames.flatMap((frame) => this.#frame(frame)))];
  }

  problems(exchange: Exchange): string[] {
    const { method, url } = exchange;
    this.counts.exchanges += 1;
    const found = this.#operation(method, url.pathname);
    if (found === null) return this.#beyond(exchange);
    const where = `${method} ${found.path}`;
    const asked = [...this.#request(where, found, exchange), ...this.#query(where, found, url)];
    return [...asked, ...this.#answer(where, found, exchange)];
  }

  #beyond({ method, url, body, status, answer }: Exchange): string[] {
    if (status === 404 && BEYOND.test(url.pathname) === false) return this.#error(method, answer);
    if (!BEYOND.test(url.pathname)) return [`${method} ${url.pathname}: no such operation`];
    if (!url.pathname.startsWith('/hooks/')) return [];
    const unknown = keysOf(body).filter((key) => !HOOK_FIELDS.includes(key));
    return unknown.map((key) => `POST /hooks/: unknown property ${key}`);
  }

  #query(where: string, { operation }: Found, url: URL): string[] {
    const declared = (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name);
    const known = new Set([...declared, ...(UNDOCUMENTED[where] ?? [])]);
    return [...url.searchParams.keys()]
      .filter((name) => !known.has(name))
      .map((name) => `${where}: unknown parameter ${name}`);
  }

  /** A body the server refused may be as wrong as it likes; unknown properties never are right. */
  #request(where: string, { operation, at }: Found, { body, status, headers }: Exchange): string[] {
    const schema = operation.requestBody?.content?.['application/json']?.schema;
    const isJson = !/multipart|octet-stream|^image/.test(headers['content-type'] ?? '');
    if (schema === undefined || body === undefined || !isJson) return [];
    this.counts.bodies += 1;
    const known = new Set([...this.#floor.properties(schema), ...(UNDOCUMENTED[where] ?? [])]);
    const isOpen = known.size === 0;
    const unknown = isOpen ? [] : keysOf(body).filter((key) => !known.has(key));
    const reference = `${at}/requestBody/content/${pointer('application/json')}/schema`;
    return [
      ...unknown.map((key) => `${where}: unknown property ${key}`),
      ...(status < 400 ? this.check(`api#${reference}`, body) : []),
    ];
  }

  #answer(where: string, { operation, at }: Found, exchange: Exchange): string[] {
    const { status, answer, answerHeaders } = exchange;
    const type = answerHeaders['content-type'] ?? '';
    if (!type.startsWith('application/json') || status === 204) return [];
    if (type !== 'application/json') return [`${where}: content type ${type}`];
    if (status >= 400) return this.#error(where, answer);
    this.counts.answers += 1;
    // The vendor's file often has another code of success than the server.
    const code = [String(status), '200', '201'].find(
      (one) => operation.responses[one]?.content !== undefined,
    );
    if (code === undefined) return [];
    const schema = operation.responses[code]?.content?.['application/json']?.schema;
    if (schema === undefined || answer === null || WRONG_THERE.has(where)) return [];
    const reference = `${at}/responses/${code}/content/${pointer('application/json')}/schema`;
    const missing = this.#floor.missing(schema, answer).map((path) => `${where}: ${status} lacks ${path}`);
    return [
      ...this.check(`api#${reference}`, answer).filter((problem) => !NULL_THERE.test(problem)),
      ...missing,
    ];
  }

  #error(where: string, answer: unknown): string[] {
    const wanted = ['id', 'message', 'detailed_error', 'request_id', 'status_code'];
    return wanted.filter((key) => !keysOf(answer).includes(key)).map((key) => `${where}: error lacks ${key}`);
  }

  #frame({ direction, body }: Frame): string[] {
    this.counts.frames += 1;
    if (direction === 'received') return this.#action(body);
    const { event, data } = body as { event?: string; data?: Readonly<Record<string, unknown>> };
    const envelope = this.check('ws#/definitions/serverMessage', body);
    if (event === undefined || this.#events[`data.${event}`] === undefined) return envelope;
    const schema = this.#events[`data.${event}`];
    const name = schema?.$ref?.split('/').at(-1) ?? `data.${event}`;
    const texts = Object.entries(this.#events[name]?.properties ?? {}).flatMap(([key, property]) =>
      this.#text(`${event}.${key}`, property['x-holds'], data?.[key]),
    );
    return [...envelope, ...this.check(`ws#/definitions/${name}`, data), ...texts];
  }

  /** An object inside an event: a JSON text, to be held against the component it is. */
  #text(where: string, holds: string | undefined, value: unknown): string[] {
    const isKnown = holds !== undefined && holds in this.#document.components.schemas;
    if (!isKnown || value === undefined) return [];
    this.counts.texts += 1;
    const whole: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    const schema = { $ref: `#/components/schemas/${holds}` };
    const missing = this.#floor.missing(schema, whole).map((path) => `${where} lacks ${path}`);
    return [...this.check(`api#/components/schemas/${holds}`, whole), ...missing];
  }

  #action(body: unknown): string[] {
    const { action = '', data } = body as { action?: string; data?: unknown };
    const known = ACTION_DATA[action];
    if (known === undefined) return [`action ${action}: not known`];
    const extra = keysOf(body).filter((key) => !['seq', 'action', 'data'].includes(key));
    const strange = keysOf(data).filter((key) => !known.includes(key));
    const unknown = [...extra, ...strange].map((key) => `action ${action}: unknown property ${key}`);
    return [...this.check('ws#/definitions/request', body), ...unknown];
  }

  check(schema: string, value: unknown): string[] {
    const known = this.#compiled.get(schema) ?? this.#ajv.compile({ $ref: schema });
    this.#compiled.set(schema, known);
    if (known(value)) return [];
    return (known.errors ?? []).map((error) => `${schema}: ${error.instancePath} ${error.message}`);
  }

  #operation(method: string, pathname: string): Found | null {
    const given = pathname.split('/');
    const fits = (path: string): boolean => {
      const wanted = path.split('/');
      return (
        wanted.length === given.length &&
        wanted.every((part, at) => part.startsWith('{') || part === given[at])
      );
    };
    const verb = method.toLowerCase();
    const paths = Object.keys(this.#document.paths).filter((path) => fits(path));
    // A path without parameters is meant before one with.
    paths.sort((a, b) => a.split('{').length - b.split('{').length);
    for (const path of paths) {
      const operation = this.#document.paths[path]?.[verb];
      if (operation !== undefined) return { operation, path, at: `/paths/${pointer(path)}/${verb}` };
    }
    return null;
  }
}
