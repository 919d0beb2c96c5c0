import type { HttpFace, HttpRequest, HttpRoute } from '@brygga/contract';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

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

const requestOf = (request: FastifyRequest): Omit<HttpRequest, 'body'> => ({
  method: request.method,
  path: request.url.split('?')[0] ?? '/',
  params: strings(request.params),
  query: strings(request.query),
  headers: headersOf(request),
});

async function answer(
  reply: FastifyReply,
  {
    status,
    headers = {},
    body,
  }: { status: number; headers?: Readonly<Record<string, string>>; body: unknown },
): Promise<void> {
  await reply.code(status).headers(headers).send(body);
}

/** The listeners that bridges ask for: one port each, JSON only, bodies bounded, authorised before they are read. */
export class HttpListeners {
  readonly #open = new Map<string, FastifyInstance>();

  async open(name: string, face: HttpFace): Promise<void> {
    const server = Fastify({ logger: false, bodyLimit: 1024, forceCloseConnections: true });
    for (const route of face.routes) mount(server, route);
    const known = new Set(face.routes.map((route) => route.path));
    server.setNotFoundHandler(async (request, reply) => {
      const path = request.url.split('?')[0] ?? '/';
      await answer(reply, face.unknown(matchesAny(known, path) ? 'method' : 'path'));
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

function matchesAny(routes: ReadonlySet<string>, path: string): boolean {
  return [...routes].some((route) => new RegExp(`^${route.replace(/:[^/]+/g, '[^/]+')}$`).test(path));
}

function mount(server: FastifyInstance, route: HttpRoute): void {
  server.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyBytesMax,
    onRequest: async (request, reply) => {
      const refusal = route.authorize(requestOf(request));
      if (refusal !== null) await answer(reply, refusal);
    },
    handler: async (request, reply) => {
      await answer(reply, await route.handle({ ...requestOf(request), body: request.body }));
    },
  });
}

export interface StatusPages {
  readonly host: string;
  readonly port: number;
  /** What is not ready, by name; empty when the hub can do its work. */
  readonly unready: () => Promise<Readonly<Record<string, string>>>;
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** `/healthz` (the process lives), `/readyz` (it can work), `/metrics` (Prometheus). */
export async function openStatus(
  pages: StatusPages,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = Fastify({ logger: false, bodyLimit: 1024, forceCloseConnections: true });
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const unready = await pages.unready();
    const ready = Object.keys(unready).length === 0;
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', waitingFor: unready });
  });
  server.get('/metrics', async (_request, reply) => {
    const { type, text } = await pages.metrics();
    return reply.type(type).send(text);
  });
  const url = await server.listen({ host: pages.host, port: pages.port });
  return { url, close: () => server.close() };
}
