import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { keep } from './bounded.ts';
import { tokenOf } from './carry-out.ts';
import { Connection } from './connection.ts';
import { audience, type ServerEvent } from './events.ts';
import type { Frame } from './exchange.ts';
import { isId } from './ids.ts';
import type { Verdict } from './rate-limit.ts';
import { sessionOf } from './sessions.ts';
import { act, challenge } from './socket-actions.ts';
import { statusOffline, statusOnline } from './statuses.ts';
import type { World } from './world.ts';

/** model.SocketMaxMessageSizeKb */
const FRAME_BYTES = 8 * 1024;
const MOST_FRAMES = 50_000;

/** The refusal as it goes over the wire, since there is no response object yet. */
function limited(headers: Verdict['headers']): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 429 Too Many Requests\r\n${lines.join('')}content-type: text/plain\r\n\r\nlimit exceeded\n`;
}

/** The websocket endpoint: who comes in, and under which connection. */
export class Sockets {
  readonly frames: Frame[] = [];
  readonly #world: World;
  readonly #limit: (request: IncomingMessage) => Verdict;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES,
    perMessageDeflate: false,
  });
  /** All that have a socket, authenticated or not. */
  readonly #open = new Set<Connection>();

  constructor(world: World, limit: (request: IncomingMessage) => Verdict) {
    this.#world = world;
    this.#limit = limit;
  }

  get open(): readonly Connection[] {
    return [...this.#open];
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', this.#world.url);
    if (!/^\/api\/v4\/websocket\/?$/.test(url.pathname))
      return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    const { isLimited, headers } = this.#limit(request);
    if (isLimited) return void socket.end(limited(headers));
    const fault = this.#world.faults.meet('GET', url.pathname);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'proxyError') {
      return void socket.end(
        'HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n',
      );
    }
    if (fault !== undefined) return void socket.destroy();
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#connect(request, url, ws));
  }

  terminateAll(): void {
    for (const connection of this.#open) connection.terminate();
  }

  /** A bad token is no reason to refuse: such a connection has 5 s for a challenge (api4/websocket.go). */
  #connect(request: IncomingMessage, url: URL, ws: WebSocket): void {
    const session = sessionOf(this.#world, tokenOf(request));
    const connectionId = url.searchParams.get('connection_id') ?? '';
    const userId = session?.user_id ?? '';
    if (connectionId === '' || userId === '') return void this.#fresh(ws, userId, session?.token ?? '');
    if (!isId(connectionId)) return void ws.terminate();
    const known = this.#world.hub.takeInactive(userId, connectionId);
    if (known === undefined) return void this.#fresh(ws, userId, session?.token ?? '');
    const seq = url.searchParams.get('sequence_number') ?? '';
    if (!/^\d+$/.test(seq)) return void ws.terminate();
    known.token = session?.token ?? '';
    known.reuseCount += 1;
    this.#open.add(known);
    this.#world.hub.register(known);
    known.attach(ws, Number(seq));
    statusOnline(this.#world, userId);
  }

  #fresh(ws: WebSocket, userId: string, token: string): void {
    const { clock, newId } = this.#world;
    const connection = new Connection({
      clock,
      newId,
      hello: (one) => this.#hello(one),
      onSent: (one, text) => this.#record(one, 'sent', text),
      onMessage: (one, text) => this.#receive(one, text),
      onClosed: (one) => this.#closed(one),
    });
    connection.userId = userId;
    connection.token = token;
    this.#open.add(connection);
    connection.attach(ws, 0);
    if (token !== '') this.#enter(connection);
  }

  /** `hello` is the first of all events. */
  #enter(connection: Connection): void {
    this.#world.hub.register(connection);
    this.#world.hub.greet(connection, this.#hello(connection));
    statusOnline(this.#world, connection.userId);
  }

  #hello(connection: Connection): ServerEvent {
    const { version } = this.#world;
    const data = {
      connection_id: connection.id,
      server_hostname: 'simulator',
      server_version: `${version}.0.${version}.0.simulator.false`,
    };
    return { event: 'hello', data, broadcast: audience({ userId: connection.userId }) };
  }

  #receive(connection: Connection, text: string): void {
    if (connection.isHalfOpen) return;
    this.#record(connection, 'received', text);
    act(
      this.#world,
      connection,
      text,
      challenge((one) => this.#enter(one)),
    );
  }

  #record({ id, userId }: Connection, direction: Frame['direction'], text: string): void {
    let body: unknown = text;
    try {
      body = JSON.parse(text);
    } catch {
      // Kept as it is: what is no JSON is worth seeing too.
    }
    keep(this.frames, { connectionId: id, userId, direction, body }, MOST_FRAMES);
  }

  #closed(connection: Connection): void {
    this.#open.delete(connection);
    const { userId } = connection;
    const isLast = !this.open.some((one) => one.userId === userId);
    if (userId !== '' && isLast) statusOffline(this.#world, userId);
  }
}
