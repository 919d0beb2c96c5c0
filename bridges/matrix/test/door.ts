import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Bridge, HttpAnswer, HttpFace, HttpRequest, HttpRoute } from '@brygga/contract';

/**
 * Serves the listener of whichever bridge is open, as hubs do that follow one another at one address. While none is
 * open a caller waits, so that the homeserver makes no pause of its own, but one that only asks whether somebody is
 * there; `isCut` plays a broken network.
 */
export class Door {
  readonly #server: Server;
  #face = Promise.withResolvers<HttpFace>();
  #isOpen = false;
  /** What was asked for, oldest first. */
  readonly asked: { readonly path: string; readonly body: unknown }[] = [];
  #isCut = false;

  constructor() {
    this.#server = createServer((request, response) => {
      const asks = request.url?.endsWith('/ping') === true;
      if (this.#isCut || (asks && !this.#isOpen)) response.destroy();
      else void this.#answer(request, response);
    });
  }

  async start(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  cut(isCut: boolean): void {
    this.#isCut = isCut;
    if (isCut) this.#server.closeAllConnections();
  }

  /** Open while the bridge is. */
  of<Settings>(bridge: Bridge<Settings>): Bridge<Settings> {
    const { http } = bridge;
    if (http === undefined) return bridge;
    const open = bridge.open.bind(bridge);
    const close = bridge.close.bind(bridge);
    bridge.open = async (ctx) => {
      await open(ctx);
      this.#isOpen = true;
      this.#face.resolve(http);
    };
    bridge.close = async () => {
      // Whoever waits already, waits for the next one.
      if (this.#isOpen) this.#face = Promise.withResolvers();
      this.#isOpen = false;
      await close();
    };
    return bridge;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await answer(await this.#face.promise, request, (asked) =>
      this.asked.push(asked),
    );
    if (this.#isCut) response.destroy();
    else {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(body));
    }
  }
}

async function answer(
  face: HttpFace,
  request: IncomingMessage,
  note: (asked: { readonly path: string; readonly body: unknown }) => void,
): Promise<HttpAnswer> {
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
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  note({ path: url.pathname, body });
  return match.route.handle({ ...head, body });
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
