import type { Clock } from '@brygga/contract';
import { type Connection, SEND_QUEUE, UNSET_PRESENCE } from './connection.ts';
import { type Audience, audience, type ServerEvent } from './events.ts';
import type { Faults } from './faults.ts';
import { hasPermission } from './permissions.ts';
import type { Store } from './store.ts';

/** Dropped for a connection whose queue is half full; its seq stays without a gap. */
const LOW_VALUE = new Set(['typing', 'status_change', 'multiple_channels_viewed']);
/** From 11.10 on only for those who have the channel or thread open, or never said (CL 11.10). */
const SCOPED = new Set(['typing', 'reaction_added', 'reaction_removed']);
const REAP_EVERY_MS = 300_000;

export interface HubOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly faults: Faults;
  readonly isScoped: boolean;
  readonly isSession: (token: string) => boolean;
}

/** All registered connections: those with a socket, and those kept for a resume (web_hub.go). */
export class Hub {
  readonly #connections = new Set<Connection>();
  readonly #options: HubOptions;
  #stopReaper: () => void;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#stopReaper = this.#reapLater();
  }

  get connections(): readonly Connection[] {
    return [...this.#connections];
  }

  register(connection: Connection): void {
    this.#connections.add(connection);
  }

  /** Hands the connection back if the server already knows that its socket is gone. */
  takeInactive(userId: string, connectionId: string): Connection | undefined {
    const found = this.connections.find(
      (one) => one.userId === userId && one.id === connectionId && !one.isActive,
    );
    if (found !== undefined) this.#connections.delete(found);
    return found;
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** A restart: nobody is known any more. */
  clear(): void {
    this.#connections.clear();
  }

  stop(): void {
    this.#stopReaper();
    this.clear();
  }

  publish(event: string, data: ServerEvent['data'], to: Audience, dataFor?: ServerEvent['dataFor']): void {
    const message = { event, data, broadcast: audience(to), ...(dataFor === undefined ? {} : { dataFor }) };
    for (const connection of this.connections) {
      if (this.#shouldSend(connection, message)) this.#deliver(connection, message);
    }
  }

  /** Only to connections that are registered: who never authenticated gets no answer. */
  reply(connection: Connection, body: object): void {
    if (this.#connections.has(connection)) this.#offer(connection, { reply: body });
  }

  greet(connection: Connection, hello: ServerEvent): void {
    this.#offer(connection, { event: hello });
  }

  /** IsAuthenticated: once the session cannot be read, the connection is deaf for good, and stays open. */
  isAuthenticated(connection: Connection): boolean {
    if (connection.token !== '' && this.#options.isSession(connection.token)) return true;
    connection.token = '';
    return false;
  }

  noteActivity(userId: string): void {
    for (const connection of this.#connections) {
      if (connection.userId === userId && connection.isActive)
        connection.lastUserActivityAt = this.#options.clock.now();
    }
  }

  /** All that was written has left this process. */
  async flushed(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) {
      if (this.connections.every((one) => one.inFlight === 0)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What a fault holds back for this user may go now. */
  release(userId: string): void {
    for (const connection of this.connections.filter((one) => one.userId === userId)) {
      for (const item of this.#options.faults.sockets.released(connection.id)) this.#offer(connection, item);
    }
  }

  #deliver(connection: Connection, event: ServerEvent): void {
    const items = this.#options.faults.sockets.shape(connection.userId, connection.id, { event });
    for (const item of items) this.#offer(connection, item);
  }

  #offer(connection: Connection, item: Parameters<Connection['offer']>[0]): void {
    if (connection.offer(item)) return;
    connection.close();
    this.forget(connection);
  }

  /** ShouldSendEvent, in its order. */
  #shouldSend(connection: Connection, message: ServerEvent): boolean {
    const { event, broadcast } = message;
    const { store, faults } = this.#options;
    const { userId } = connection;
    if (!this.isAuthenticated(connection) || faults.sockets.isDeaf(userId)) return false;
    if (connection.queued >= SEND_QUEUE / 2 && LOW_VALUE.has(event)) return false;
    const isAdmin = hasPermission(store, userId, 'manage_system');
    if (broadcast.contains_sanitized_data === true && isAdmin) return false;
    if (broadcast.contains_sensitive_data === true && !isAdmin) return false;
    if (broadcast.user_id !== '') return userId === broadcast.user_id;
    if (broadcast.omit_users?.[userId] === true) return false;
    if (broadcast.channel_id !== '') return this.#hears(connection, message);
    if (broadcast.team_id !== '') return store.teamMember(broadcast.team_id, userId) !== undefined;
    return true;
  }

  #hears(connection: Connection, message: ServerEvent): boolean {
    const { event } = message;
    const channelId = message.broadcast.channel_id;
    const { store, faults, isScoped } = this.#options;
    const isMember = store.member(channelId, connection.userId) !== undefined;
    if (!isMember && !faults.sockets.takeStale(connection.userId, channelId, message)) return false;
    if (!isScoped || !SCOPED.has(event)) return true;
    const { activeChannel, activeThread } = connection;
    const isElsewhere = activeChannel !== UNSET_PRESENCE && activeChannel !== channelId;
    return !isElsewhere || activeThread === channelId;
  }

  /** Inactive connections of people who did nothing for five minutes are forgotten. */
  #reapLater(): () => void {
    return this.#options.clock.after(REAP_EVERY_MS, () => {
      const limit = this.#options.clock.now() - REAP_EVERY_MS;
      for (const one of this.connections) {
        if (!one.isActive && one.lastUserActivityAt < limit) this.forget(one);
      }
      this.#stopReaper = this.#reapLater();
    });
  }
}
