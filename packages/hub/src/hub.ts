import { Bus, type Claim, checkRedis, INBOX, type InboxItem, type OutboxItem } from '@brygga/bus';
import {
  type Bridge,
  type Clock,
  type ConnectionState,
  type Finding,
  faultOf,
  type Log,
  type LogFields,
  systemClock,
} from '@brygga/contract';
import type { NetworkId } from '@brygga/event';
import { announceLinks } from './announce.ts';
import { BridgeHost } from './bridge-host.ts';
import { busOptions } from './bus-options.ts';
import { dice } from './dice.ts';
import { HttpListeners, openStatus } from './http.ts';
import { eventIds } from './ids.ts';
import { FullLanes } from './lanes/full.ts';
import { InboxRunner } from './lanes/inbox-runner.ts';
import { MaybeSent } from './lanes/maybe-sent.ts';
import { OutboxRunner } from './lanes/outbox-runner.ts';
import { Runs } from './lanes/runs.ts';
import { Sweeper } from './lanes/sweep.ts';
import { UnreadableLanes } from './lanes/unreadable.ts';
import { Waiting } from './lanes/waiting.ts';
import { Lateness } from './late.ts';
import { Metrics } from './metrics.ts';
import { newId } from './new-id.ts';
import { Openings } from './openings.ts';
import { OtherHubs } from './other-hubs/other-hubs.ts';
import { Personas } from './personas.ts';
import { organisationNames, type Rooms, roomsOf } from './rooms.ts';
import { checkSeal } from './sealing.ts';
import type { Settings } from './settings/schema.ts';
import { AcceptStation } from './stations/1-accept.ts';
import { DecideStation } from './stations/3-decide.ts';
import { DispatchStation } from './stations/4-dispatch.ts';
import { TypingRelay } from './typing.ts';
import { Undelivered } from './undelivered.ts';
import type { VoiceParts } from './voice.ts';

export interface HubOptions {
  readonly settings: Settings;
  /** One bridge per network of the settings, with its own settings as its kind's schema gave them. */
  readonly bridges: ReadonlyMap<NetworkId, { readonly bridge: Bridge; readonly settings: unknown }>;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** ms a stop waits for heads in flight before it cuts them short. */
  readonly stopWithinMs?: number;
  /** False where several hubs live in one process: each would measure it for ever. */
  readonly processMetrics?: boolean;
  /** Ends a start that is still under way (it waits for Redis without end): `startHub` rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface Hub {
  /** Of /healthz, /readyz, /metrics. */
  readonly url: string;
  readonly metrics: Metrics;
  /** Finishes heads in flight, gives leases up, closes. Idempotent. */
  stop(): Promise<void>;
}

/** Redis is not as the hub needs it; `findings` say what to do. */
export class UnfitRedis extends Error {
  override readonly name = 'UnfitRedis';
  readonly findings: readonly Finding[];
  constructor(findings: readonly Finding[]) {
    super(
      findings.map(({ what, remedy }) => `${what}${remedy === undefined ? '' : `: ${remedy}`}`).join('\n'),
    );
    this.findings = findings;
  }
}

/** How long it may be doubtful what a dead process has sent, once its leases are over. */
const DOUBT_MS = 5000;

/**
 * Starts the hub: the house assembled. @throws UnfitRedis when Redis fails its check (or warns, when strict), or the
 * reason of `signal`.
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { settings, log, signal } = options;
  await fitRedis(settings, log);
  signal?.throwIfAborted();
  const hub = new Assembly(options);
  const ended = Promise.withResolvers<never>();
  const end = (): void => ended.reject(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([hub.start(), ended.promise]);
  } catch (error) {
    await hub.stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

async function fitRedis(settings: Settings, log: Log): Promise<void> {
  const seal = checkSeal(settings);
  const findings = [...(await checkRedis(settings.redis)), seal];
  const bad = findings.filter(({ level }) => level === 'fail' || (level === 'warn' && settings.hub.strict));
  if (bad.length > 0) throw new UnfitRedis(bad);
  for (const finding of findings.filter(({ level }) => level === 'warn'))
    if (finding === seal) log.warn('redis.unsealed', { reason: 'brygga-check' });
    else log.warn('redis.unfit', { reason: 'brygga-check-online' });
}

/** What every part of the hub is given. */
interface Shared {
  readonly bus: Bus;
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly runs: Runs;
  readonly personas: Personas;
  readonly unreadable: UnreadableLanes;
  readonly maybeSent: MaybeSent;
  readonly random: () => number;
  readonly here: (network: NetworkId) => boolean;
  readonly bridge: (network: NetworkId) => Bridge | null;
  readonly otherHubs: OtherHubs;
}

class Assembly {
  readonly #options: HubOptions;
  readonly #shared: Shared;
  readonly #listeners = new HttpListeners();
  readonly #hosts: ReadonlyMap<NetworkId, BridgeHost>;
  readonly #waiting: Waiting;
  readonly #inbox: InboxRunner;
  readonly #outbox: OutboxRunner;
  readonly #sweeper: Sweeper;
  readonly #lateness: Lateness;
  readonly #accept: AcceptStation;
  readonly #voice: VoiceParts;
  readonly #openings: Openings;
  /** No further heads; sends cut short; networks let go. In this order. */
  readonly #draining = new AbortController();
  readonly #cut = new AbortController();
  readonly #leaving = new AbortController();
  #serving: Promise<unknown> = Promise.resolve();
  #status: { readonly url: string; close(): Promise<void> } | null = null;
  #stopped: Promise<void> | null = null;

  constructor(options: HubOptions) {
    const { settings, bridges } = options;
    this.#options = options;
    const clock = options.clock ?? systemClock;
    const newEventId = eventIds(clock);
    this.#voice = { clock, newEventId, hub: settings.hub.id };
    this.#shared = this.#sharedParts(clock);
    this.#waiting = new Waiting({ ...this.#shared, retryMaxMs: settings.limits.retryMaxSeconds * 1000 });
    this.#openings = new Openings(this.#shared);
    this.#sweeper = new Sweeper({
      ...this.#shared,
      stop: this.#draining.signal,
      startInbox: (claim) => this.#inbox.start(claim),
      startOutbox: (claim) => this.#outbox.start(claim),
      beside: () => this.#lateness.due(),
    });
    this.#lateness = new Lateness({
      ...this.#voice,
      ...this.#shared,
      lateMs: settings.limits.lateSeconds * 1000,
      drain: (claim) => this.#outbox.start(claim),
      elsewhere: (link) => this.#sweeper.elsewhere(link),
    });
    const undelivered = new Undelivered({ ...this.#voice, ...this.#shared });
    this.#outbox = this.#outboxRunner(undelivered);
    this.#inbox = this.#inboxRunner(undelivered);
    const organisations = new Map(settings.networks.map(({ id, organisation }) => [id, organisation]));
    this.#accept = new AcceptStation({
      ...this.#shared,
      newEventId,
      organisations,
      fullLanes: new FullLanes(this.#shared),
      drain: (claim: Claim<InboxItem>) => this.#inbox.start(claim),
      came: (room, arrived) => this.#inbox.came(room, arrived),
    });
    this.#hosts = new Map(
      [...bridges].map(([id, { bridge, settings: own }]) => [id, this.#host(id, bridge, own)]),
    );
  }

  #sharedParts(clock: Clock): Shared {
    const { settings, bridges, log, random = dice, processMetrics = true } = this.#options;
    const metrics = new Metrics(processMetrics);
    const bus = new Bus(busOptions(settings, clock, (code) => metrics.redisErrors.inc({ code })));
    const parts = {
      bus,
      unreadable: new UnreadableLanes({ bus, clock, log, metrics }),
      maybeSent: new MaybeSent({ clock, doubtMs: settings.limits.leaseSeconds * 1000 + DOUBT_MS }),
      rooms: roomsOf(settings, new Map([...bridges].map(([id, { bridge }]) => [id, bridge.manifest]))),
      clock,
      log,
      metrics,
      runs: new Runs(log),
      personas: new Personas(organisationNames(settings)),
      random,
      here: (network: NetworkId) => this.#bridge(network) !== null,
      bridge: (network: NetworkId) => this.#bridge(network),
    };
    const otherHubs = new OtherHubs({
      ...this.#voice,
      ...parts,
      newId,
      stop: this.#leaving.signal,
      state: (network) => this.#hosts.get(network)?.state ?? 'standby',
      wake: (room) => this.#guarded(() => this.#sweeper.wake(room, INBOX), { room }),
    });
    return { ...parts, otherHubs };
  }

  #outboxRunner(undelivered: Undelivered): OutboxRunner {
    return new OutboxRunner({
      ...this.#shared,
      waiting: this.#waiting,
      dispatch: new DispatchStation({
        ...this.#shared,
        lateMs: this.#options.settings.limits.lateSeconds * 1000,
        cut: this.#cut.signal,
      }),
      undelivered,
      stop: this.#draining.signal,
      link: (room, lane) => this.#sweeper.link(room, lane),
      drain: (claim: Claim<OutboxItem>) => this.#outbox.start(claim),
      elsewhere: (link) => this.#sweeper.elsewhere(link),
      abandoned: (claim) => this.#abandoned(claim),
    });
  }

  #inboxRunner(undelivered: Undelivered): InboxRunner {
    const { limits, hub } = this.#options.settings;
    const aside = { asideMs: limits.asideSeconds * 1000, asideMax: limits.asideMax };
    const stop = this.#draining.signal;
    return new InboxRunner({
      ...this.#shared,
      decide: new DecideStation({ ...this.#shared, ...aside, undelivered, hub: hub.id, stop }),
      stop,
      drain: (claim: Claim<OutboxItem>) => this.#outbox.start(claim),
      elsewhere: (link) => this.#sweeper.elsewhere(link),
      aside: (room) => this.#sweeper.aside(room),
      abandoned: (claim) => this.#abandoned(claim),
    });
  }

  #abandoned(claim: Claim<unknown>): void {
    this.#shared.bus.abandon(claim);
    const link = this.#sweeper.link(claim.room, claim.lane);
    if (link !== undefined) this.#shared.maybeSent.begins(link);
    this.#sweeper.recover(claim);
  }

  async start(): Promise<Hub> {
    const { settings, log } = this.#options;
    const { bus, rooms, metrics, otherHubs } = this.#shared;
    this.#status = await openStatus({
      ...settings.hub.http,
      unready: () => this.#unready(),
      networks: () => this.#states(),
      cut: () => otherHubs.all,
      metrics: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
    });
    // Whoever started at the same time may have been of another version.
    const schema = await bus.claimSchema();
    if (schema.level === 'fail') throw new UnfitRedis([schema]);
    await rooms.eachLink((link) => bus.pauseLink(link.room, link.id, link.mode === 'paused'));
    const typing = new TypingRelay(this.#shared);
    await bus.signals.subscribe((signal) => typing.hear(signal));
    await announceLinks({ ...this.#voice, bus }, rooms);
    await otherHubs.start();
    for (const { network } of this.#hosts.values()) otherHubs.begins(network.bridge, network.links);
    const hosts = [...this.#hosts.values()].map((host) => host.run());
    this.#serving = Promise.all([...hosts, otherHubs.keep()]);
    const sweep = (): Promise<void> => this.#sweeper.sweep();
    const everyMs = Math.round(Math.max(1000, settings.limits.leaseSeconds * 500));
    await bus.wakes.regularly('sweep', everyMs, sweep);
    void this.#sweeper.keepSwept(2 * everyMs);
    bus.onReturn(() => void sweep());
    log.info('hub.started', { count: this.#hosts.size, port: Number(new URL(this.#status.url).port) });
    return { url: this.#status.url, metrics, stop: () => this.stop() };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { log, stopWithinMs = 10_000 } = this.#options;
    const { runs, clock, bus } = this.#shared;
    log.info('hub.stopping', { count: runs.count });
    const within = async (work: Promise<unknown>): Promise<void> => {
      const patience = new AbortController();
      await Promise.race([work, clock.sleep(stopWithinMs, patience.signal)]);
      patience.abort();
    };
    this.#draining.abort();
    await within(runs.settled());
    this.#cut.abort();
    this.#leaving.abort();
    await within(this.#serving.then(() => runs.settled()));
    await this.#status?.close();
    await bus.close();
    log.info('hub.stopped');
  }

  #bridge(network: NetworkId): Bridge | null {
    return this.#hosts.get(network)?.bridge ?? null;
  }

  async #unready(): Promise<Record<string, string>> {
    if (!this.#shared.bus.ready) return { redis: 'down' };
    if (this.#shared.bus.memory.full) return { redis: 'full' };
    const networks = Object.entries(this.#states()).filter(
      ([, state]) => state !== 'up' && state !== 'standby',
    );
    const closed = await this.#openings.pending().catch(() => null);
    if (closed === null) return { redis: 'down' };
    return Object.fromEntries([
      ...networks,
      ...(closed === 0 ? [] : [['links', `${closed} not open yet`] as const]),
    ]);
  }

  #states(): Record<string, ConnectionState | 'standby'> {
    return Object.fromEntries([...this.#hosts.values()].map(({ network, state }) => [network.id, state]));
  }

  #host(id: NetworkId, bridge: Bridge, settings: unknown): BridgeHost {
    const { bus, rooms } = this.#shared;
    return new BridgeHost(
      { id, bridge, settings, links: rooms.linksOf(id) },
      {
        ...this.#shared,
        hub: this.#options.settings.hub.id,
        newId,
        listeners: this.#listeners,
        stop: this.#leaving.signal,
        accept: (network, intake) => this.#accept.accept(network, intake),
        up: (network) => this.#up(network),
        attended: (network) => {
          bus.wakes.attend(network, ({ room, lane, hold }) => this.#sweeper.wake(room, lane, hold));
        },
        unattended: (network) => bus.wakes.unattend(network),
      },
    );
  }

  /** Lanes that wait for this network go on at once, those nobody owns as well. */
  #up(network: NetworkId): void {
    const wake = async (): Promise<void> => {
      const lanes = await this.#waiting.back(network);
      await Promise.all(lanes.map(({ room, link }) => this.#sweeper.wake(room, `out:${link}`, '*')));
      await this.#sweeper.sweep(network);
    };
    this.#guarded(wake, { network });
  }

  /** What fails here is mended by the sweep. */
  #guarded(wake: () => Promise<void>, place: LogFields): void {
    wake().catch((error: unknown) =>
      this.#options.log.warn('sweep.failed', { ...place, fault: faultOf(error) }),
    );
  }
}
