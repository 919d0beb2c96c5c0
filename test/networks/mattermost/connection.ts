import type { Clock } from '@brygga/contract';
import { WebSocket } from 'ws';
import type { ServerEvent } from './events.ts';

/** app/platform/web_conn.go */
export const SEND_QUEUE = 256;
const DEAD_QUEUE = 128;
const PING_EVERY_MS = 60_000;
const PONG_WAIT_MS = 100_000;
const AUTH_CHECK_MS = 5_000;
/** What the kernel would still take from a client that does not read. */
const SOCKET_BUFFER_BYTES = 1024 * 1024;
/** Turns in which a pong that lies on the wire is let in, when a manual clock has jumped past it. */
const TURNS_FOR_A_PONG = 100;

/** Shown by a connection that never said what is on its screen. */
export const UNSET_PRESENCE = '<>';

export interface Outgoing {
  readonly event?: ServerEvent;
  readonly reply?: object;
  /** Counted and kept for a resume, but lost on the way. */
  readonly isLost?: boolean;
}

interface Sent {
  readonly seq: number;
  readonly text: string;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly hello: (connection: Connection) => ServerEvent;
  readonly onSent: (connection: Connection, text: string) => void;
  readonly onMessage: (connection: Connection, text: string) => void;
  readonly onClosed: (connection: Connection) => void;
}

/** One client's websocket as the server sees it; it outlives the socket, for a resume. */
export class Connection {
  id: string;
  userId = '';
  /** Empty: not authenticated, or not any more. */
  token = '';
  isActive = true;
  reuseCount = 0;
  lastUserActivityAt: number;
  activeChannel = UNSET_PRESENCE;
  activeThread = UNSET_PRESENCE;
  /** The peer has gone without a word: nothing leaves, nothing comes, TCP says nothing. */
  isHalfOpen = false;
  /** The peer does not read: what is sent piles up. */
  isStalled = false;
  #seq = 0;
  #queue: Outgoing[] = [];
  #dead: Sent[] = [];
  #socket: WebSocket | null = null;
  #timers: (() => void)[] = [];
  #inFlight = 0;
  #lastPongAt = 0;
  readonly #options: ConnectionOptions;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.id = options.newId();
    this.lastUserActivityAt = options.clock.now();
  }

  get isOpen(): boolean {
    return this.#socket !== null;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** What was handed to the socket and has not yet left. */
  get inFlight(): number {
    return this.isHalfOpen ? 0 : this.#inFlight;
  }

  /** A socket takes over; with `seq` above 0 the client asks for what it missed. */
  attach(socket: WebSocket, seq: number): void {
    this.#socket = socket;
    this.#seq = seq;
    this.isActive = true;
    this.isHalfOpen = false;
    this.isStalled = false;
    this.lastUserActivityAt = this.#options.clock.now();
    socket.on('message', (data: Buffer) => this.#options.onMessage(this, data.toString()));
    socket.on('close', () => this.#detach(socket));
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => {
      this.#lastPongAt = this.#options.clock.now();
    });
    this.#startTimers(socket);
    if (seq !== 0) this.#resume(seq);
    this.pump();
  }

  /** False: the queue is full and the server must give the connection up. */
  offer(item: Outgoing): boolean {
    if (this.#queue.length >= SEND_QUEUE) return false;
    this.#queue.push(item);
    this.pump();
    return true;
  }

  pump(): void {
    while (this.#queue.length > 0 && this.#canWrite()) {
      const item = this.#queue.shift();
      if (item !== undefined) this.#send(item);
    }
  }

  forgetDeadQueue(): void {
    this.#dead = [];
  }

  /** What a proxy or a dying node does: no closing handshake. */
  terminate(): void {
    this.#socket?.terminate();
  }

  /** As the server closes: an empty close frame. */
  close(): void {
    this.#socket?.close();
  }

  halfOpen(): void {
    this.isHalfOpen = true;
    this.#socket?.pause();
  }

  #canWrite(): boolean {
    const socket = this.#socket;
    if (socket === null || this.isStalled) return false;
    return this.isHalfOpen || socket.bufferedAmount < SOCKET_BUFFER_BYTES;
  }

  #send({ event, reply, isLost }: Outgoing): void {
    if (event === undefined) return void this.#write(JSON.stringify(reply));
    const data = { ...event.data, ...event.dataFor?.(this.userId) };
    const text = JSON.stringify({
      event: event.event,
      data,
      broadcast: event.broadcast,
      seq: this.#seq,
    });
    this.#remember({ seq: this.#seq, text });
    this.#seq += 1;
    if (isLost !== true) this.#write(text);
  }

  #remember(sent: Sent): void {
    this.#dead.push(sent);
    if (this.#dead.length > DEAD_QUEUE) this.#dead.shift();
  }

  #write(text: string): void {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== WebSocket.OPEN || this.isHalfOpen) return;
    this.#options.onSent(this, text);
    this.#inFlight += 1;
    socket.send(text, () => {
      this.#inFlight -= 1;
      this.pump();
    });
  }

  /** writePump: replay from the dead queue, or lose everything under a new id, or nothing was missed. */
  #resume(seq: number): void {
    const at = this.#dead.findIndex((sent) => sent.seq === seq);
    if (at >= 0) {
      for (const sent of this.#dead.slice(at)) {
        this.#write(sent.text);
        this.#seq += 1;
      }
      return;
    }
    const last = this.#dead.at(-1);
    if (last === undefined || last.seq === seq - 1) return;
    this.#dead = [];
    this.id = this.#options.newId();
    this.#seq = 0;
    this.#send({ event: this.#options.hello(this) });
  }

  #startTimers(socket: WebSocket): void {
    const { clock } = this.#options;
    this.#lastPongAt = clock.now();
    const every = (): void => {
      if (!this.isHalfOpen && socket.readyState === WebSocket.OPEN) socket.ping();
      this.#timers[0] = clock.after(PING_EVERY_MS, every);
    };
    this.#timers = [
      clock.after(PING_EVERY_MS, every),
      clock.after(AUTH_CHECK_MS, () => {
        if (this.token === '') socket.terminate();
      }),
      clock.after(PONG_WAIT_MS, () => this.#deadline(socket)),
    ];
  }

  /** readPump's deadline, which only a pong moves. */
  async #expire(socket: WebSocket): Promise<void> {
    for (let turn = 0; turn < TURNS_FOR_A_PONG; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.#socket !== socket) return;
    const left = this.#lastPongAt + PONG_WAIT_MS - this.#options.clock.now();
    if (left <= 0) socket.terminate();
    else this.#timers[2] = this.#options.clock.after(left, () => this.#deadline(socket));
  }

  #deadline(socket: WebSocket): void {
    this.#expire(socket).catch(() => socket.terminate());
  }

  #detach(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
    this.#socket = null;
    this.#inFlight = 0;
    this.isActive = false;
    this.#options.onClosed(this);
  }
}
