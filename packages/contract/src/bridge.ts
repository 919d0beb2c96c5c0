import type { ChannelId, IncomingEvent, NetworkId, PersonId, Signal } from '@brygga/event';
import type { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Delivery, Persona } from './delivery.ts';
import type { HubNotice } from './hub-notice.ts';
import type { Language } from './language.ts';
import type { Log } from './log.ts';
import type { Manifest } from './manifest.ts';
import type { NativeMessage, Outcome } from './outcome.ts';

/**
 * Events of one channel, in the channel's order, with the cursor up to which they reach. Events may be empty:
 * then only the cursor is saved.
 */
export interface Intake {
  readonly channel: ChannelId;
  readonly events: readonly IncomingEvent[];
  readonly cursor?: string;
}

/** `fresh`: events that were not there before. `unlinked`: the channel belongs to no room; nothing was kept. */
export interface Accepted {
  readonly fresh: number;
  readonly unlinked: boolean;
}

/** A connection that may exist once. `token` grows with every holder. */
export interface Lease {
  readonly token: number;
  /** Aborts when the lease is lost: stop at once whatever it allowed. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** What a bridge remembers beside cursors: small durable facts by name (a granted nick, a registered ghost). */
export interface BridgeStore {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
}

/** The state of the network's connection, for `/readyz`, metrics and the lanes that wait for it. */
export type ConnectionState = 'connecting' | 'up' | 'down' | 'refused';

export interface BridgeContext<Settings> {
  readonly network: NetworkId;
  readonly settings: Settings;
  /** The hub's own id, for markers and hop lists. */
  readonly hub: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: BridgeStore;
  /**
   * Writes events durably, once. Resolves when they are: only then may the bridge acknowledge to its network.
   * Call it in channel order, one call per channel at a time. Rejects when the hub cannot store, or the room
   * holds as much as it may (then do not acknowledge; let the network send again, or catch up from the cursor).
   */
  accept(intake: Intake): Promise<Accepted>;
  /** Hands over a passing signal (typing, read). Never waits, may be dropped. */
  signal(signal: Signal): void;
  /** The cursor saved with the last accept of that channel, or null. */
  cursor(channel: ChannelId): Promise<string | null>;
  /** In which language the bridge says something of its own in that channel. */
  language(channel: ChannelId): Language;
  /** Tells the state of the connection; `up` wakes the lanes that wait. */
  state(state: ConnectionState, code?: string): void;
  /** Waits until this process may hold `name` (unique in this network), or `signal` aborts (then null). */
  lease(name: string, signal: AbortSignal): Promise<Lease | null>;
  /**
   * Tells which notices of hubs stand in a channel, our own among them: once it is known, before the first events
   * from there are accepted, and whenever it changes. Only where the bridge has `announce`.
   */
  hubs(channel: ChannelId, notices: readonly HubNotice[]): void;
  /** An unguessable id. */
  newId(): string;
  /** Uniform in [0, 1): jitter. */
  random(): number;
}

/** One line of what `brygga check` prints. `remedy`: what to do, demanded for warn and fail. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly remedy?: string;
}

export interface CheckContext<Settings> {
  readonly network: NetworkId;
  readonly settings: Settings;
  readonly channels: readonly ChannelId[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}
/** `path` in the manner of fastify (`/transactions/:id`). JSON bodies only, refused above `bodyBytesMax`. */
export interface HttpRoute {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly bodyBytesMax: number;
  /** Called before the body is read; a status here ends the request. */
  authorize(request: Omit<HttpRequest, 'body'>): HttpAnswer | null;
  handle(request: HttpRequest): Promise<HttpAnswer>;
}
/** A listener of the bridge's own: the hub opens it while the bridge is open. */
export interface HttpFace {
  readonly host: string;
  readonly port: number;
  readonly routes: readonly HttpRoute[];
  /** Answer for a path or a method that is not there. */
  unknown(kind: 'path' | 'method'): HttpAnswer;
}

export interface BridgeCore<Settings> {
  readonly manifest: Manifest;
  /**
   * Begins. Does not wait for the network: it keeps trying (with growing, jittered pauses) and tells the state
   * by `ctx.state`. Rejects only on a defect or on settings that can never work.
   */
  open(ctx: BridgeContext<Settings>): Promise<void>;
  /** Ends the connection in good order; `send`s under way are settled before it resolves. */
  close(): Promise<void>;
  /**
   * Begins to receive from a channel, catching up from the cursor first, as soon as the network is up. Without a
   * cursor it begins now, and saves a cursor at once (an intake without events): that opens the link.
   */
  attach(channel: ChannelId): Promise<void>;
  /** Stops receiving from a channel. */
  detach(channel: ChannelId): Promise<void>;
  /** Carries out a delivery. Never rejects for what a network does; `signal` aborts at the time limit. */
  send(delivery: Delivery, signal: AbortSignal): Promise<Outcome>;
  /** Permissions, versions, limits, without `open`. Reads only. */
  check(ctx: CheckContext<Settings>): Promise<readonly Finding[]>;
}

/** Optional faces, found by presence. */
export interface TypingFace {
  typing(channel: ChannelId, persona: Persona, active: boolean): Promise<void>;
}
export interface ReadFace {
  markRead(channel: ChannelId, persona: Persona, message: NativeMessage): Promise<void>;
}
export interface PeopleFace {
  people(channel: ChannelId): Promise<readonly { readonly person: PersonId; readonly displayName: string }[]>;
}
export interface DescribeFace {
  describe(channel: ChannelId): Promise<{ readonly name?: string; readonly topic?: string }>;
}
export interface HubsFace {
  /**
   * From now on, whenever the bridge is in the channel, this notice stands there in place of the one before, where
   * other hubs see it and `ctx.hubs` tells of theirs. Comes before `attach`. Does not wait for the network.
   */
  announce(channel: ChannelId, notice: HubNotice): void;
}

export type Bridge<Settings = unknown> = BridgeCore<Settings> &
  Partial<TypingFace & ReadFace & PeopleFace & DescribeFace & HubsFace & { readonly http: HttpFace }>;

/** What the composition root lists: one per protocol. */
export interface BridgeKind<Settings> {
  readonly manifest: Manifest;
  /** Schema of `networks[].settings`. Fields that are secrets carry `.meta({ secret: true })`. */
  readonly settings: z.ZodType<Settings>;
  /** Checks a channel as written in the settings; null when it is right, else what is wrong and the remedy. */
  channelProblem(channel: string, settings: Settings): string | null;
  /**
   * The one name of a channel wherever it is reached from, however it is spelt; null when that cannot be told. Of two
   * links whose channels have the same one, the settings are refused.
   */
  channelAddress?(channel: string, settings: Settings): string | null;
  create(network: NetworkId, settings: Settings): Bridge<Settings>;
  /** The file an administrator gives to the network's server, where there is one (`brygga registration`). */
  registration?(network: NetworkId, settings: Settings): string;
}
