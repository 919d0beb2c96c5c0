import type { Clock } from '@brygga/contract';
import { backoffMs } from '@brygga/wire';
import { WebSocket } from 'ws';
import { field, jsonOf, SocketEvent, SocketReply, textField } from './native.ts';

/** How long a socket may say nothing to a ping of ours, and how often it is asked. */
const PING_MS = 30_000;
const PONG_WITHIN_MS = 10_000;
const CONNECT_WITHIN_MS = 15_000;
const PAUSES = { firstMs: 1000, mostMs: 60_000 };
/** Larger than any event: a post of 16,383 characters with its properties, as JSON within JSON. */
const FRAME_BYTES_MAX = 16 * 1024 * 1024;

export interface SocketListener {
  /** Comes in the order of the server, without gaps since `up`. */
  event(event: SocketEvent): void;
  /** Events come now. `resumed`: none was missed since `down`. `serverTime`: ms since 1970 there. */
  up(resumed: boolean, serverTime: number): void;
  /** No event comes until the next `up`. */
  down(why: SocketEnd): void;
}

/**
 * Why a connection ended. `refused`: the server does not take the token (any more). `deaf`: it is open, but nothing
 * answers; so it stays when the session behind it ends (`channels/app/platform/web_conn.go`, `ShouldSendEvent`).
 */
export type SocketEnd = 'closed' | 'unreachable' | 'deaf' | 'gap' | 'refused';

export interface SocketParts {
  /** `https://chat.example.org`, maybe with a path behind. */
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly listener: SocketListener;
}

/**
 * One account's websocket (`/api/v4/websocket`), for as long as it is wanted: comes back by itself, resumes where the
 * server still knows the connection, asks regularly whether it is still heard, and never says what is on the screen (a
 * bridge that did would get fewer events).
 */
export class Socket {
  readonly #parts: SocketParts;
  readonly #stop = new AbortController();
  #connection = '';
  /** Number of the next event. */
  #next = 0;
  #resumed = false;
  #tries = 0;
  #current: Connected | null = null;
  #running: Promise<void> | null = null;

  constructor(parts: SocketParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#current?.end('closed');
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, random, listener } = this.#parts;
    while (!this.#stop.signal.aborted) {
      const why = await this.#connected();
      if (this.#stop.signal.aborted) return;
      // What was said to a deaf connection, or while the account was not let in, is in no queue: nothing to resume.
      if (why !== 'closed' && why !== 'gap') this.#connection = '';
      listener.down(why);
      await clock.sleep(backoffMs(this.#tries, PAUSES, random), this.#stop.signal);
      this.#tries += 1;
    }
  }

  #address(): URL {
    const url = new URL(`${this.#parts.url.replace(/\/+$/, '').replace(/^http/, 'ws')}/api/v4/websocket`);
    if (this.#connection === '') return url;
    url.searchParams.set('connection_id', this.#connection);
    url.searchParams.set('sequence_number', String(this.#next));
    return url;
  }

  #connected(): Promise<SocketEnd> {
    const { clock, token, listener } = this.#parts;
    this.#resumed = this.#connection !== '';
    return new Promise((resolve) => {
      const connected = new Connected(this.#address(), token, clock, {
        event: (event) => this.#event(event, connected),
        up: (serverTime) => {
          this.#tries = 0;
          listener.up(this.#resumed, serverTime);
        },
        end: resolve,
      });
      this.#current = connected;
    });
  }

  /** False when an event is missing. */
  #event(event: SocketEvent, connected: Connected): boolean {
    const id = event.event === 'hello' ? textField(event.data, 'connection_id') : undefined;
    if (id !== undefined && id !== this.#connection) this.#begin(id, event.seq, connected);
    if (event.seq !== this.#next) return event.seq < this.#next;
    this.#next += 1;
    if (event.event !== 'hello') this.#parts.listener.event(event);
    return true;
  }

  /** Under another name nothing is resumed: it counts from the beginning. This may be told after the first pong. */
  #begin(connection: string, seq: number, { serverTime }: Connected): void {
    this.#connection = connection;
    this.#next = seq;
    const told = this.#resumed && serverTime !== null;
    this.#resumed = false;
    if (told) this.#parts.listener.up(false, serverTime);
  }
}

interface ConnectedListener {
  event(event: SocketEvent): boolean;
  up(serverTime: number): void;
  end(why: SocketEnd): void;
}

/** One connection, from its opening to its end. */
class Connected {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #listener: ConnectedListener;
  /** Of the timer that runs: the next ping, or how long its answer may take. */
  #cancel: () => void;
  #action = 0;
  #asked = 0;
  #serverTime: number | null = null;
  #ended = false;

  constructor(url: URL, token: string, clock: Clock, listener: ConnectedListener) {
    this.#clock = clock;
    this.#listener = listener;
    this.#socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${token}` },
      handshakeTimeout: CONNECT_WITHIN_MS,
      maxPayload: FRAME_BYTES_MAX,
      perMessageDeflate: false,
    });
    this.#cancel = clock.after(CONNECT_WITHIN_MS, () => this.end('unreachable'));
    this.#socket.on('open', () => this.#ping());
    this.#socket.on('message', (data) => this.#message(String(data)));
    this.#socket.on('unexpected-response', (_request, response) => {
      response.destroy();
      this.end(response.statusCode === 401 ? 'refused' : 'unreachable');
    });
    this.#socket.on('error', () => this.end(this.#serverTime !== null ? 'closed' : 'unreachable'));
    this.#socket.on('close', () => this.end(this.#serverTime !== null ? 'closed' : 'unreachable'));
  }

  /** What the server's clock said last, in ms since 1970; null before it has answered. */
  get serverTime(): number | null {
    return this.#serverTime;
  }

  end(why: SocketEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancel();
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => undefined); // it may still have something to say
    this.#socket.terminate();
    this.#listener.end(why);
  }

  #ping(): void {
    this.#action += 1;
    this.#asked = this.#action;
    this.#socket.send(JSON.stringify({ action: 'ping', seq: this.#asked }));
    this.#cancel();
    this.#cancel = this.#clock.after(PONG_WITHIN_MS, () => this.end('deaf'));
  }

  #message(text: string): void {
    const json = jsonOf(text);
    const reply = SocketReply.safeParse(json);
    if (reply.success) return void this.#answer(reply.data, json);
    const event = SocketEvent.safeParse(json);
    if (!event.success || this.#ended) return;
    if (!this.#listener.event(event.data)) this.end('gap');
  }

  #answer(reply: SocketReply, json: unknown): void {
    if (reply.seq_reply !== this.#asked || this.#ended) return;
    if (reply.status !== 'OK') return void this.end('refused');
    this.#cancel();
    this.#cancel = this.#clock.after(PING_MS, () => this.#ping());
    const first = this.#serverTime === null;
    const said = field(field(json, 'data'), 'server_time');
    this.#serverTime = typeof said === 'number' ? said : this.#clock.now();
    if (first) this.#listener.up(this.#serverTime);
  }
}
