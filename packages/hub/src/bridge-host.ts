import { type Bus, Unreadable } from '@brygga/bus';
import {
  type Accepted,
  type Bridge,
  type BridgeContext,
  type Clock,
  type ConnectionState,
  faultOf,
  type HubNotice,
  type Intake,
  LANGUAGES,
  type Lease,
  type Log,
  type LogFields,
} from '@brygga/contract';
import type { ChannelId, NetworkId, Signal } from '@brygga/event';
import type { HttpListeners } from './http.ts';
import type { MaybeSent } from './lanes/maybe-sent.ts';
import type { Metrics } from './metrics.ts';
import type { OtherHubs } from './other-hubs/other-hubs.ts';
import type { Link } from './rooms.ts';

export interface HostedNetwork {
  readonly id: NetworkId;
  readonly bridge: Bridge;
  readonly settings: unknown;
  readonly links: readonly Link[];
}

export interface HostParts {
  readonly bus: Pick<Bus, 'lease' | 'store' | 'cursor'> & {
    readonly signals: Pick<Bus['signals'], 'publish'>;
  };
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly hub: string;
  readonly newId: () => string;
  readonly random: () => number;
  readonly listeners: HttpListeners;
  readonly stop: AbortSignal;
  readonly accept: (network: NetworkId, intake: Intake) => Promise<Accepted>;
  /** The network is up (again): lanes that wait for it go on. */
  readonly up: (network: NetworkId) => void;
  /** This process begins to speak to the network. */
  readonly attended: (network: NetworkId) => Promise<void> | void;
  readonly unattended: (network: NetworkId) => Promise<void>;
  readonly maybeSent: Pick<MaybeSent, 'begins'>;
  readonly otherHubs: Pick<OtherHubs, 'begins' | 'notice' | 'heard'>;
}

/** Channels attached at once: each costs the network some requests. */
const ATTACH_AT_ONCE = 8;
/** Pause before a network that could not be begun is tried again. */
const BEGIN_AGAIN_MS = 5000;

/**
 * Runs one bridge: opens it while this process holds the network's lease, so that of all hub processes one
 * speaks to a network, and opens it anew should the lease be lost and won again.
 */
export class BridgeHost {
  readonly network: HostedNetwork;
  readonly #parts: HostParts;
  #state: ConnectionState = 'connecting';
  /** Whether this process holds the network's lease, and whether the bridge may be used. */
  #serving = false;
  #open = false;

  constructor(network: HostedNetwork, parts: HostParts) {
    this.network = network;
    this.#parts = parts;
  }

  /** `standby`: another process speaks to this network. */
  get state(): ConnectionState | 'standby' {
    return this.#serving ? this.#state : 'standby';
  }

  get bridge(): Bridge | null {
    return this.#open ? this.network.bridge : null;
  }

  /** Resolves after the stop, when the bridge is closed. */
  async run(): Promise<void> {
    const { stop, bus } = this.#parts;
    while (!stop.aborted) {
      const lease = await bus.lease(`network:${this.network.id}`, stop);
      if (lease === null) return;
      await this.#serve(lease);
      await lease.release().catch(() => undefined); // Redis is away: the lease ends by itself
    }
  }

  async #serve(lease: Lease): Promise<void> {
    const end = AbortSignal.any([this.#parts.stop, lease.lost]);
    this.#serving = true;
    this.#state = 'connecting';
    this.#parts.otherHubs.begins(this.network.bridge, this.network.links);
    const begun = await this.#guarded(() => this.#begin(end));
    if (begun && !end.aborted)
      await new Promise<void>((resolve) => end.addEventListener('abort', () => resolve(), { once: true }));
    await this.#end();
    if (!begun) {
      this.#state = 'down';
      await this.#parts.clock.sleep(BEGIN_AGAIN_MS, end);
    }
    this.#serving = false;
  }

  async #begin(end: AbortSignal): Promise<void> {
    const { bridge, id } = this.network;
    await this.#reseal();
    if (bridge.http !== undefined) await this.#parts.listeners.open(id, bridge.http);
    this.#mayHaveSent();
    await bridge.open(this.#context());
    if (end.aborted) return;
    this.#open = true;
    this.#mayHaveSent(); // from now on it is found out: the opening may have taken long
    await this.#parts.attended(id);
    await this.#attachAll(end);
    if (!end.aborted) this.#parts.up(id); // lanes that came to rest before this process spoke to the network
  }

  /**
   * What lies in the store under a key that is not the first any more would be lost with that key. A bridge does not
   * speak while it cannot know what it remembers: it would take what it wrote for news. @throws Unreadable
   */
  async #reseal(): Promise<void> {
    const { bus, log } = this.#parts;
    const network = this.network.id;
    const done = await bus
      .store(network)
      .reseal()
      .catch((error: unknown) => {
        log.warn('store.not-resealed', { network, fault: faultOf(error) }); // Redis is away: the next time
        return null;
      });
    if (done === null) return;
    const { resealed, unreadable, keys } = done;
    if (resealed > 0) log.info('store.resealed', { network, count: resealed });
    if (unreadable === 0) return;
    const [key] = keys;
    log.error('store.unreadable', { network, count: unreadable, key: keys.join(' ') });
    if (key !== undefined) throw new Unreadable('KEY_UNKNOWN', key);
  }

  /** Whoever spoke to the network before may not have recorded what they sent. */
  #mayHaveSent(): void {
    for (const link of this.network.links) this.#parts.maybeSent.begins(link);
  }

  /** A channel that cannot be attached is told of, and does not keep the others waiting. */
  async #attachAll(end: AbortSignal): Promise<void> {
    const waiting = [...this.network.links];
    const attach = async (): Promise<void> => {
      for (let link = waiting.shift(); link !== undefined && !end.aborted; link = waiting.shift()) {
        const { id, room, channel } = link;
        await this.#guarded(
          async () => {
            this.network.bridge.announce?.(channel, this.#parts.otherHubs.notice(link));
            await this.network.bridge.attach(channel);
          },
          { room, link: id },
        );
      }
    };
    await Promise.all(Array.from({ length: ATTACH_AT_ONCE }, attach));
  }

  /** Nothing more is sent from here on; what is under way is settled by the bridge's close. */
  async #end(): Promise<void> {
    const { id, bridge } = this.network;
    this.#open = false;
    this.#parts.metrics.up.set({ network: id }, 0);
    await Promise.all([
      this.#guarded(() => this.#parts.unattended(id)),
      this.#guarded(() => this.#parts.listeners.close(id)),
      this.#guarded(() => bridge.close()),
    ]);
  }

  /** False when it failed, which the log tells. */
  async #guarded(run: () => Promise<void>, place: LogFields = {}): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      const network = this.network.id;
      this.#parts.log.error('network.fault', { network, ...place, fault: faultOf(error) });
      return false;
    }
  }

  #context(): BridgeContext<unknown> {
    const { bus, clock, log, hub, newId, random, accept } = this.#parts;
    const { id, settings, links } = this.network;
    const byChannel = new Map(links.map((link) => [link.channel, link]));
    const hubs = (channel: ChannelId, notices: readonly HubNotice[]): void => {
      const link = byChannel.get(channel);
      if (link !== undefined && this.#serving) this.#parts.otherHubs.heard(link, notices);
    };
    return {
      network: id,
      settings,
      hub,
      clock,
      log: withNetwork(log, id),
      store: bus.store(id),
      accept: (intake) => accept(id, intake),
      signal: (signal: Signal) => bus.signals.publish(signal),
      cursor: async (channel) => {
        const link = byChannel.get(channel);
        return link === undefined ? null : bus.cursor(link.room, link.id);
      },
      language: (channel) => byChannel.get(channel)?.language ?? LANGUAGES[0],
      state: (state, code) => this.#changed(state, code),
      hubs,
      lease: (name, signal) => bus.lease(`bridge:${id}:${name}`, signal),
      newId,
      random,
    };
  }

  #changed(state: ConnectionState, code: string | undefined): void {
    const { log, metrics, stop } = this.#parts;
    const { id } = this.network;
    if (!this.#serving) return; // a bridge that still speaks after its close
    const news = state !== this.#state;
    if (news) {
      const fields = { network: id, outcome: state, ...(code === undefined ? {} : { reason: code }) };
      // To be down because the hub was told to stop is no trouble.
      if (state === 'up' || state === 'connecting' || stop.aborted) log.info('network.state', fields);
      else log.warn('network.state', fields);
    }
    this.#state = state;
    metrics.up.set({ network: id }, state === 'up' ? 1 : 0);
    if (news && state === 'up') this.#parts.up(id);
  }
}

function withNetwork(log: Log, network: NetworkId): Log {
  return {
    debug: (code, fields) => log.debug(code, { network, ...fields }),
    info: (code, fields) => log.info(code, { network, ...fields }),
    warn: (code, fields) => log.warn(code, { network, ...fields }),
    error: (code, fields) => log.error(code, { network, ...fields }),
  };
}
