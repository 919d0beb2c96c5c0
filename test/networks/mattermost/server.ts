import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection } from './connection.ts';
import type { Exchange, Frame } from './exchange.ts';
import type { Faults } from './faults.ts';
import { Gate } from './gate.ts';
import { RateLimiter } from './rate-limit.ts';
import type { ServerSettings } from './settings.ts';
import { Sockets } from './sockets.ts';
import type { Pinged } from './store.ts';
import type { Post, Reaction, User } from './types.ts';
import type { World } from './world.ts';

/** The running server, as tests hold it. */
export class MattermostServer {
  readonly #world: World;
  readonly #gate: Gate;
  readonly #sockets: Sockets;
  readonly #tcp = new Set<Socket>();
  #http: Server;

  constructor(world: World) {
    this.#world = world;
    this.#gate = new Gate(world, new RateLimiter(world.clock));
    this.#sockets = new Sockets(world, (request) => this.#gate.limit(request));
    this.#http = this.#makeHttp();
  }

  get url(): string {
    return this.#world.url;
  }

  get exchanges(): readonly Exchange[] {
    return this.#gate.exchanges;
  }

  get frames(): readonly Frame[] {
    return this.#sockets.frames;
  }

  get faults(): Faults {
    return this.#world.faults;
  }

  get settings(): ServerSettings {
    return this.#world.settings;
  }

  /** How many sockets are open; `who`, here and below, is a user, a connection, or everybody. */
  connections(who?: string): number {
    return this.#of(who).length;
  }

  /** Every row of a channel, oldest first: tombstones and edit history too. */
  posts(channelId: string): readonly Post[] {
    return this.#world.store.rowsOf(channelId).toSorted((a, b) => a.create_at - b.create_at);
  }

  /** What people see in a channel, oldest first. */
  livePosts(channelId: string): readonly Post[] {
    return this.posts(channelId).filter(
      ({ delete_at, type }) => delete_at === 0 && !type.startsWith('system_'),
    );
  }

  post(id: string): Post | undefined {
    return this.#world.store.posts.get(id);
  }

  reactions(postId: string): readonly Reaction[] {
    return this.#world.store.reactions.get(postId) ?? [];
  }

  user(id: string): User | undefined {
    return this.#world.store.users.get(id);
  }

  fileBytes(fileId: string): Buffer | undefined {
    return this.#world.store.files.get(fileId)?.bytes;
  }

  /** Whom this post pinged when it was made. */
  pinged(postId: string): Pinged {
    return this.#world.store.pinged.get(postId) ?? { userIds: [], channelWide: false };
  }

  /** Sockets break; the server knows it at once and keeps them for a resume. */
  dropSockets(who?: string): void {
    for (const connection of this.#of(who)) connection.terminate();
  }

  /** Nothing comes through any more and nobody is told; pings find out after 100 s. */
  halfOpen(who?: string): void {
    for (const connection of this.#of(who)) connection.halfOpen();
  }

  /** The client seems not to read: events pile up until the queue is full. */
  stall(who?: string): void {
    for (const connection of this.#of(who)) connection.isStalled = true;
  }

  unstall(who?: string): void {
    for (const connection of this.#of(who)) {
      connection.isStalled = false;
      connection.pump();
    }
  }

  /** One failed read of the session: the sockets stay open and are deaf for good. */
  loseAuthentication(who?: string): void {
    for (const connection of this.#of(who)) connection.token = '';
  }

  /** A resume finds nothing to resume. */
  forgetConnections(userId: string): void {
    for (const one of this.#world.hub.connections) if (one.userId === userId) this.#world.hub.forget(one);
  }

  /** What has been sent is no longer kept: a resume from before now on is a loss. */
  forgetSent(userId: string): void {
    for (const one of this.#world.hub.connections) if (one.userId === userId) one.forgetDeadQueue();
  }

  /** Lets out what `faults.sockets.hold` keeps. */
  release(userId: string): void {
    this.#world.faults.sockets.unhold(userId);
    this.#world.hub.release(userId);
  }

  /** `since` lists with one clock for all: what time it is for the server. */
  now(): number {
    return this.#world.clock.now();
  }

  async listen(port: number): Promise<void> {
    this.#http.listen({ port, host: '127.0.0.1', backlog: 4096 });
    await once(this.#http, 'listening');
    const address = this.#http.address();
    const at = typeof address === 'object' && address !== null ? address.port : port;
    this.#world.url = `http://127.0.0.1:${at}`;
    if (this.settings.SiteURL === '') this.settings.SiteURL = this.url;
  }

  /** Posts stay; sockets, keys of pending posts and what was kept for a resume are gone. */
  async restart({ downMs = 0 }: { readonly downMs?: number } = {}): Promise<void> {
    const port = Number(new URL(this.url).port);
    await this.#close();
    for (const pending of this.#world.pending) pending.clear();
    this.#world.hub.clear();
    if (downMs > 0) await this.#world.clock.sleep(downMs);
    this.#http = this.#makeHttp();
    await this.listen(port);
  }

  async stop(): Promise<void> {
    await this.#close();
    this.#world.hub.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #of(who?: string): readonly Connection[] {
    return this.#sockets.open.filter((one) => who === undefined || one.userId === who || one.id === who);
  }

  #makeHttp(): Server {
    const http = createServer((request, response) => {
      this.#gate.pass(request, response).catch(() => response.destroy());
    });
    // ServiceSettings.IdleTimeout
    http.keepAliveTimeout = 60_000;
    http.on('upgrade', (request, socket, head) => this.#sockets.upgrade(request, socket, head));
    http.on('connection', (socket) => {
      this.#tcp.add(socket);
      socket.on('close', () => this.#tcp.delete(socket));
    });
    return http;
  }

  /** Nobody comes in any more before those who are there are put out: clients come back at once. */
  async #close(): Promise<void> {
    const closed = this.#http.listening ? once(this.#http, 'close') : Promise.resolve();
    if (this.#http.listening) this.#http.close();
    this.#sockets.terminateAll();
    for (const socket of this.#tcp) socket.destroy();
    while (this.#sockets.open.length > 0) await new Promise((resolve) => setImmediate(resolve));
    await closed;
  }
}
