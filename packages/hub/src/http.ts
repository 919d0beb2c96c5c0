import type { ConnectionState, HttpAnswer, HttpFace, HttpRequest, HttpRoute } from '@brygga/contract';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

/** Longest parameter in a path: ids of people and messages are long where they are percent-encoded. */
const PARAM_CHARS_MAX = 2048;

const headersOf = (request: FastifyRequest): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries((value ?? {}) as Record<string, unknown>).flatMap(([name, one]) =>
      typeof one === 'string' ? [[name, one]] : [],
    ),
  );

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0] ?? '/';

const requestOf = (request: FastifyRequest): Omit<HttpRequest, 'body'> => ({
  method: request.method,
  path: pathOf(request),
  params: strings(request.params),
  query: strings(request.query),
  headers: headersOf(request),
});

const answer = (reply: FastifyReply, { status, headers = {}, body }: HttpAnswer): FastifyReply =>
  reply.code(status).headers(headers).send(body);

/** The listeners that bridges ask for: one port each, JSON only, bodies bounded, authorised before they are read. */
export class HttpListeners {
  readonly #open = new Map<string, FastifyInstance>();

  async open(name: string, face: HttpFace): Promise<void> {
    const server = bare();
    for (const route of face.routes) mount(server, route);
    const known = face.routes.map(({ path }) => patternOf(path));
    // Answered before a body is read: what is not there takes none.
    server.addHook('onRequest', async (request, reply) => {
      if (!request.is404) return;
      const path = pathOf(request);
      return answer(reply, face.unknown(known.some((pattern) => pattern.test(path)) ? 'method' : 'path'));
    });
    await server.listen({ host: face.host, port: face.port });
    this.#open.set(name, server);
  }

  async close(name: string): Promise<void> {
    const server = this.#open.get(name);
    this.#open.delete(name);
    await server?.close();
  }
}

/** A server that says nothing of its own errors, whose messages may hold what was sent. */
function bare(): FastifyInstance {
  const routerOptions = { maxParamLength: PARAM_CHARS_MAX };
  const server = Fastify({ logger: false, bodyLimit: 1024, forceCloseConnections: true, routerOptions });
  server.setErrorHandler((error: { readonly statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    return reply.code(status).send({ error: status >= 500 ? 'internal' : 'refused' });
  });
  return server;
}

const patternOf = (route: string): RegExp =>
  new RegExp(`^${route.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[^/]+/g, '[^/]+')}$`);

function mount(server: FastifyInstance, route: HttpRoute): void {
  server.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyBytesMax,
    onRequest: async (request, reply) => {
      const refusal = route.authorize(requestOf(request));
      return refusal === null ? undefined : answer(reply, refusal);
    },
    handler: async (request, reply) =>
      answer(reply, await route.handle({ ...requestOf(request), body: request.body })),
  });
}

export interface StatusPages {
  readonly host: string;
  readonly port: number;
  /** What is not ready, by name; empty when the hub can do its work. */
  readonly unready: () => Promise<Readonly<Record<string, string>>>;
  /** The state of each network, as this process has it. */
  readonly networks: () => Readonly<Record<string, ConnectionState | 'standby'>>;
  /** Links to and from which nothing is carried, by name, and why. */
  readonly cut: () => Readonly<Record<string, string>>;
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** `/healthz` (the process lives), `/readyz` (it can work), `/metrics` (Prometheus). */
export async function openStatus(
  pages: StatusPages,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = bare();
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const unready = await pages.unready();
    const ready = Object.keys(unready).length === 0;
    const status = ready ? 'ready' : 'not ready';
    const cut = pages.cut();
    const beside = Object.keys(cut).length === 0 ? {} : { cut };
    const networks = pages.networks();
    return reply.code(ready ? 200 : 503).send({ status, waitingFor: unready, networks, ...beside });
  });
  server.get('/metrics', async (_request, reply) => {
    const { type, text } = await pages.metrics();
    return reply.type(type).send(text);
  });
  const url = await server.listen({ host: pages.host, port: pages.port });
  return { url, close: () => server.close() };
}
