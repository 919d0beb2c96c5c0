import type { Bus } from '@brygga/bus';
import {
  type Accepted,
  type Bridge,
  type BridgeContext,
  type Clock,
  type ConnectionState,
  faultOf,
  type Intake,
  type Lease,
  type Log,
} from '@brygga/contract';
import type { NetworkId, Signal } from '@brygga/event';
import type { HttpListeners } from './http.ts';
import type { Metrics } from './metrics.ts';
import type { Link } from './rooms.ts';

export interface HostedNetwork {
  readonly id: NetworkId;
  readonly bridge: Bridge;
  readonly settings: unknown;
  readonly links: readonly Link[];
}

export interface HostParts {
  readonly bus: Bus;
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
  readonly attended: (network: NetworkId) => Promise<void>;
  readonly unattended: (network: NetworkId) => Promise<void>;
}

/** Channels attached at once: each costs the network some requests. */
const ATTACH_AT_ONCE = 8;

/**
 * Runs one bridge: opens it while this process holds the network's lease, so that of all hub processes one
 * speaks to a network, and opens it anew should the lease be lost and won again.
 */
export class BridgeHost {
  readonly network: HostedNetwork;
  readonly #parts: HostParts;
  #state: ConnectionState = 'connecting';
  #open = false;

  constructor(network: HostedNetwork, parts: HostParts) {
    this.network = network;
    this.#parts = parts;
  }

  /** `standby`: another process speaks to this network. */
  get state(): ConnectionState | 'standby' {
    return this.#open ? this.#state : 'standby';
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
      await lease.release().catch(() => undefined); // Redis is away: it ends by itself
    }
  }

  async #serve(lease: Lease): Promise<void> {
    const { log, stop } = this.#parts;
    const end = AbortSignal.any([stop, lease.lost]);
    try {
      await this.#begin();
      if (!end.aborted)
        await new Promise<void>((resolve) => end.addEventListener('abort', () => resolve(), { once: true }));
    } catch (error) {
      log.error('network.fault', { network: this.network.id, fault: faultOf(error) });
      await this.#parts.clock.sleep(5000, stop);
    } finally {
      await this.#end();
    }
  }

  async #begin(): Promise<void> {
    const { bridge, id, links } = this.network;
    this.#state = 'connecting';
    if (bridge.http !== undefined) await this.#parts.listeners.open(id, bridge.http);
    await bridge.open(this.#context());
    this.#open = true;
    await this.#parts.attended(id);
    const waiting = [...links];
    const attach = async (): Promise<void> => {
      for (let link = waiting.shift(); link !== undefined; link = waiting.shift())
        await bridge.attach(link.channel);
    };
    await Promise.all(Array.from({ length: ATTACH_AT_ONCE }, attach));
    this.#parts.up(id); // lanes that came to rest before this process spoke to the network
  }

  async #end(): Promise<void> {
    const { id, bridge } = this.network;
    await this.#parts.unattended(id);
    await this.#parts.listeners.close(id);
    await bridge
      .close()
      .catch((error: unknown) =>
        this.#parts.log.error('network.fault', { network: id, fault: faultOf(error) }),
      );
    this.#open = false;
    this.#parts.metrics.up.set({ network: id }, 0);
  }

  #context(): BridgeContext<unknown> {
    const { bus, clock, log, hub, newId, random, accept } = this.#parts;
    const { id, settings, links } = this.network;
    const byChannel = new Map(links.map((link) => [link.channel, link]));
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
      state: (state, code) => this.#changed(state, code),
      lease: (name, signal) => bus.lease(`${id}:${name}`, signal),
      newId,
      random,
    };
  }

  #changed(state: ConnectionState, code: string | undefined): void {
    const { log, metrics } = this.#parts;
    const { id } = this.network;
    if (state !== this.#state) {
      const fields = { network: id, outcome: state, ...(code === undefined ? {} : { reason: code }) };
      if (state === 'up' || state === 'connecting') log.info('network.state', fields);
      else log.warn('network.state', fields);
    }
    this.#state = state;
    metrics.up.set({ network: id }, state === 'up' ? 1 : 0);
    if (state === 'up') this.#parts.up(id);
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
