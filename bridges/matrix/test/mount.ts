import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpAnswer, HttpFace, HttpRequest, HttpRoute } from '@brygga/contract';

/** Serves a bridge's own listener, as the hub does. */
export async function mount(face: HttpFace): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(face, request).then((result) => reply(response, result));
  });
  server.listen(face.port, face.host);
  await once(server, 'listening');
  return server;
}

function reply(response: ServerResponse, { status, body }: HttpAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}

export async function answer(face: HttpFace, request: IncomingMessage): Promise<HttpAnswer> {
  const url = new URL(request.url ?? '/', 'http://hub');
  const matches = face.routes.flatMap((route) => {
    const params = paramsOf(route, url.pathname);
    return params === null ? [] : [{ route, params }];
  });
  const match = matches.find(({ route }) => route.method === request.method);
  if (match === undefined) return face.unknown(matches.length > 0 ? 'method' : 'path');
  const head = {
    method: request.method ?? '',
    path: url.pathname,
    params: match.params,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers as HttpRequest['headers'],
  };
  const refused = match.route.authorize(head);
  if (refused !== null) return refused;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return match.route.handle({ ...head, body: text === '' ? undefined : JSON.parse(text) });
}

function paramsOf(route: HttpRoute, pathname: string): Record<string, string> | null {
  const wanted = route.path.split('/');
  const given = pathname.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, piece] of wanted.entries()) {
    if (piece.startsWith(':')) params[piece.slice(1)] = decodeURIComponent(given[at] ?? '');
    else if (piece !== given[at]) return null;
  }
  return params;
}
