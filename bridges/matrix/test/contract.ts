import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Exchange } from '../../../test/servers/http-relay.ts';

/** Matrix's own description of its interfaces, kept beside the checkout and not in it. */
const FOLDER = join(import.meta.dirname, '../../../../shared/contracts/matrix');

/** Why the contract tests cannot run, or null. */
export const contractMissing = existsSync(join(FOLDER, 'client-server.openapi.json'))
  ? null
  : 'the contracts are not beside this checkout (../shared/contracts/matrix)';

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Not in the OpenAPI: set by the application service API, or understood by Synapse under this name. */
const EXTENSION_PARAMETERS = new Set(['user_id', 'device_id', 'ts']);

const json = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
const pointer = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** Holds requests and answers against the contract. */
export class Contract {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #documents = new Map<string, Document>();
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor() {
    // CommonJS: what is exported is both the function and a namespace that holds it.
    formats.default(this.#ajv);
    for (const name of Object.keys(json('string-formats.json') as object)) this.#ajv.addFormat(name, true);
    for (const name of ['int64', 'int32', 'binary', 'byte']) this.#ajv.addFormat(name, true);
    for (const name of ['client-server', 'application-service']) {
      const document = json(`${name}.openapi.json`) as Document;
      this.#documents.set(name, document);
      this.#ajv.addSchema(document, name);
    }
    this.#addEventSchemas('event-schemas');
  }

  #addEventSchemas(folder: string): void {
    for (const entry of readdirSync(join(FOLDER, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) this.#addEventSchemas(`${folder}/${entry.name}`);
      else if (entry.name.endsWith('.json')) this.#ajv.addSchema(json(`${folder}/${entry.name}`) as object);
    }
  }

  /** What is wrong with exchanges whose answers came through; each problem once. */
  problemsOf(exchanges: readonly Exchange[]): string[] {
    const whole = exchanges.filter(({ status }) => status !== 0);
    return [...new Set(whole.flatMap((exchange) => this.problems(exchange)))];
  }

  /** What is wrong with an exchange of the client-server API; empty when nothing is. */
  problems({ method, url, body, status, answer }: Exchange): string[] {
    const found = this.#operation('client-server', method, url.pathname);
    if (found === null) return [`${method} ${url.pathname}: no such operation`];
    const { operation, at } = found;
    const known = new Set(
      (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name),
    );
    const unknown = [...url.searchParams.keys()].filter(
      (name) => !known.has(name) && !EXTENSION_PARAMETERS.has(name),
    );
    const request = `${at}/requestBody/content/${pointer('application/json')}/schema`;
    const response = `${at}/responses/${status}/content/${pointer('application/json')}/schema`;
    return [
      ...unknown.map((name) => `${method} ${found.path}: unknown parameter ${name}`),
      ...(operation.requestBody === undefined ? [] : this.check(request, body)),
      ...(operation.responses[String(status)]?.content === undefined ? [] : this.check(response, answer)),
      ...this.#event(url, method, body),
    ];
  }

  /** The content of a sent event against the schema of its kind. */
  #event(url: URL, method: string, content: unknown): string[] {
    const type = /\/send\/([^/]+)\//.exec(decodeURIComponent(url.pathname))?.[1];
    if (type === undefined || method !== 'PUT') return [];
    const msgtype = (content as { msgtype?: string }).msgtype;
    const name = msgtype === undefined ? type : `${type}%24${msgtype}`;
    const event = { type, content, event_id: '$e', room_id: '!r:s', sender: '@u:s', origin_server_ts: 1 };
    return this.check(`https://contracts.invalid/matrix/event-schemas/${name}.json`, event);
  }

  check(schema: string, value: unknown): string[] {
    const known = this.#compiled.get(schema) ?? this.#ajv.compile({ $ref: schema });
    this.#compiled.set(schema, known);
    if (known(value)) return [];
    return (known.errors ?? []).map((error) => `${schema}: ${error.instancePath} ${error.message}`);
  }

  /** What is wrong with what the homeserver would send us by that operation of the application service API. */
  pushProblems(path: string, body: unknown): string[] {
    const found = this.#operation('application-service', 'PUT', path);
    if (found === null) return [`${path}: no such operation`];
    return this.check(`${found.at}/requestBody/content/${pointer('application/json')}/schema`, body);
  }

  #operation(name: string, method: string, pathname: string) {
    const given = pathname.split('/');
    for (const [path, methods] of Object.entries(this.#documents.get(name)?.paths ?? {})) {
      const wanted = path.trim().split('/');
      const fits =
        wanted.length === given.length &&
        wanted.every((part, at) => part.startsWith('{') || part === given[at]);
      const operation = methods[method.toLowerCase()];
      if (fits && operation !== undefined) {
        return { operation, path, at: `${name}#/paths/${pointer(path)}/${method.toLowerCase()}` };
      }
    }
    return null;
  }
}
