import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** One exchange that went through. `status` 0: the answer was withheld. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
  status: number;
  answer: unknown;
}

/**
 * `refuse`: the connection breaks and the server never sees it. `loseAnswer`: it is carried out, and the connection
 * breaks before the answer comes through. `hang`: nobody sees it and nobody answers. `silence`: it is carried out,
 * and nobody answers. Otherwise the relay answers in place of the server.
 */
export type RequestFault =
  | 'refuse'
  | 'loseAnswer'
  | 'hang'
  | 'silence'
  | { readonly status: number; readonly body: object; readonly headers?: object };

/** Stands between the bridge and the homeserver: writes down what is said, and can go wrong on order. */
export class Relay {
  readonly exchanges: Exchange[] = [];
  /** Asked for every request before it is passed on. */
  meet: ((exchange: Exchange) => RequestFault | undefined) | null = null;
  readonly #faults: { readonly path: RegExp; readonly fault: RequestFault }[] = [];
  readonly #server: Server;
  #isCut = false;
  target: string;

  constructor(target: string) {
    this.target = target;
    this.#server = createServer((request, response) => {
      if (this.#isCut) return void response.destroy();
      this.#pass(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  /** From now on nobody gets through; what was open is broken. */
  cut(): void {
    this.#isCut = true;
    this.#server.closeAllConnections();
  }

  mend(): void {
    this.#isCut = false;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** The next request whose path matches goes wrong. */
  next(path: RegExp, fault: RequestFault): void {
    this.#faults.push({ path, fault });
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.target);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const exchange: Exchange = { method: request.method ?? '', url, body, status: 0, answer: undefined };
    this.exchanges.push(exchange);
    const fault = this.#faultOf(exchange);
    if (fault === 'hang') return;
    if (fault === 'refuse') return void response.destroy();
    if (typeof fault === 'object') return send(response, exchange, fault.status, fault.body, fault.headers);
    const answer = await fetch(url, {
      method: exchange.method,
      headers: { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' },
      ...(text === '' ? {} : { body: text }),
    });
    const said = await answer.json();
    if (fault === 'silence') return;
    if (this.#isCut || fault === 'loseAnswer') response.destroy();
    else send(response, exchange, answer.status, said);
  }

  #faultOf(exchange: Exchange): RequestFault | undefined {
    const at = this.#faults.findIndex(({ path }) => path.test(exchange.url.pathname));
    return at < 0 ? this.meet?.(exchange) : this.#faults.splice(at, 1)[0]?.fault;
  }
}

function send(
  response: ServerResponse,
  exchange: Exchange,
  status: number,
  body: unknown,
  headers: object = {},
): void {
  exchange.status = status;
  exchange.answer = body;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
