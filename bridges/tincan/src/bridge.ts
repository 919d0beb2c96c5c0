import {
  type Bridge,
  type BridgeContext,
  type BridgeCore,
  type CheckContext,
  type Delivery,
  type DescribeFace,
  type Feature,
  type Finding,
  type HubNotice,
  type HubsFace,
  later,
  type Manifest,
  type NativeMessage,
  type Outcome,
  type PeopleFace,
  type Persona,
  type ReadFace,
  readHubNotice,
  refused,
  type TypingFace,
  unsure,
} from '@brygga/contract';
import type { ChannelId, NetworkId, PersonId } from '@brygga/event';
import { channelId, personId } from '@brygga/event';
import { check } from './check.ts';
import { Connection } from './connection.ts';
import { outcomeOf } from './errors.ts';
import { ghostId, isBridged } from './ids.ts';
import { signalOf } from './incoming.ts';
import { Feed } from './intake.ts';
import { lackingOf, manifestFor } from './manifest.ts';
import { carryOut, Queue, type SendParts } from './send.ts';
import type { TincanSettings } from './settings.ts';
import type { TincanLine } from './world/line.ts';
import type { TincanNetwork } from './world/network.ts';
import type { TincanChange, TincanSignal } from './world/types.ts';
import type { TincanWorld } from './world/world.ts';

/** All that lives from `open` to `close`. */
interface Life {
  readonly ctx: BridgeContext<unknown>;
  readonly connection: Connection;
  readonly feeds: Map<string, Feed>;
  /** What this hub says of itself, by channel. */
  readonly notices: Map<string, HubNotice>;
  readonly queue: Queue;
  readonly sending: SendParts;
  readonly endPolling: () => void;
  closing: boolean;
}

/** The bridge to one tincan network. */
export class TincanBridge
  implements BridgeCore<TincanSettings>, TypingFace, ReadFace, PeopleFace, DescribeFace, HubsFace
{
  readonly manifest: Manifest;
  readonly #id: NetworkId;
  readonly #world: TincanWorld;
  readonly #settings: TincanSettings;
  readonly #lacking: ReadonlySet<Feature>;
  #life: Life | null = null;

  constructor(id: NetworkId, settings: TincanSettings, world: TincanWorld) {
    this.#id = id;
    this.#world = world;
    this.#settings = settings;
    this.manifest = manifestFor(settings, world.textBytesMax);
    this.#lacking = lackingOf(this.manifest);
  }

  get #network(): TincanNetwork {
    return this.#world.network(this.#settings.world);
  }

  async open(ctx: BridgeContext<TincanSettings>): Promise<void> {
    if (this.#life !== null) return;
    const feeds = new Map<string, Feed>();
    const notices = new Map<string, HubNotice>();
    const connection = new Connection({
      network: this.#network,
      password: this.#settings.password,
      clock: ctx.clock,
      random: ctx.random,
      log: ctx.log,
      state: (state, code) => ctx.state(state, code),
      end: {
        changed: (channel: string, change: TincanChange) => feeds.get(channel)?.changed(change),
        signalled: (signal) => this.#signalled(signal),
        pinned: (channel: string) => this.#tellHubs(ctx, channel),
        broken: () => undefined,
      },
      opened: (line) => {
        for (const [channel, notice] of notices) line.pin(channel, notice);
        for (const channel of feeds.keys()) this.#tellHubs(ctx, channel);
        return watchAll(feeds, line);
      },
    });
    this.#life = {
      ctx,
      connection,
      feeds,
      notices,
      queue: new Queue(),
      sending: this.#sending(ctx),
      endPolling: poll(ctx, this.#settings.pollMs, () => this.#compare()),
      closing: false,
    };
  }

  #sending({ hub, clock }: BridgeContext<TincanSettings>): SendParts {
    const network = this.#network;
    return {
      hub,
      here: [hub],
      dialect: { network: this.#id, lacking: this.#lacking },
      textBytes: this.manifest.limits.textBytes,
      partsMax: this.manifest.limits.partsMax,
      idempotency: this.#settings.idempotency,
      wait: (ms, until) => clock.sleep(ms, until),
      introduce: (actor) => network.introduce(actor),
      ghosts: new WeakMap(),
    };
  }

  async close(): Promise<void> {
    const life = this.#life;
    if (life === null) return;
    life.closing = true;
    life.endPolling();
    await life.connection.stop();
    await life.queue.settled();
    await Promise.all([...life.feeds.values()].map((feed) => feed.stop()));
    if (this.#life === life) this.#life = null;
  }

  announce(channel: ChannelId, notice: HubNotice): void {
    this.#life?.notices.set(channel, notice);
    this.#life?.connection.line?.pin(channel, notice);
  }

  /** Known before the first event of the channel is handed in. */
  #tellHubs(ctx: BridgeContext<unknown>, channel: string): void {
    const notices = this.#network.pinned(channel).flatMap((card) => readHubNotice({ ...card }) ?? []);
    ctx.hubs(channelId(channel), notices);
  }

  async attach(channel: ChannelId): Promise<void> {
    const life = this.#life;
    if (life === null || life.feeds.has(channel)) return;
    const feed = new Feed({ ctx: life.ctx, channel, answerMs: this.#settings.sendTimeoutMs });
    life.feeds.set(channel, feed);
    const open = life.connection.line;
    // A line that breaks meanwhile is no failure of the attaching: the next one begins with all feeds.
    if (open !== null) this.#tellHubs(life.ctx, channel);
    if (open !== null) await feed.watch(open).catch(() => open.close());
  }

  async detach(channel: ChannelId): Promise<void> {
    const feed = this.#life?.feeds.get(channel);
    this.#life?.feeds.delete(channel);
    this.#life?.notices.delete(channel);
    this.#life?.connection.line?.pin(channel, null);
    this.#life?.connection.line?.unwatch(channel);
    await feed?.stop();
  }

  send(delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
    const life = this.#life;
    if (life === null || life.closing) return Promise.resolve(later('NETWORK_DOWN'));
    if (this.#refuses(delivery)) return Promise.resolve(refused('FEATURE_REFUSED'));
    return life.queue.add(delivery.channel, () => this.#send(life, delivery, signal));
  }

  async #send(life: Life, delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
    const { line } = life.connection;
    if (line === null) return later('NETWORK_DOWN');
    if (signal.aborted) return unsure('NO_ANSWER');
    try {
      return await carryOut(delivery, signal, line, life.sending);
    } catch (error) {
      const outcome = outcomeOf(error, life.ctx.log);
      return life.closing && outcome.kind === 'unsure' ? unsure('HUB_STOPPING') : outcome;
    }
  }

  #refuses({ event }: Delivery): boolean {
    const { refuse } = this.#settings;
    if (refuse.length === 0) return false;
    if (event.kind === 'delete') {
      return refuse.includes(event.sender.kind === 'moderator' ? 'deleteByModerator' : 'deleteOwn');
    }
    if (event.kind === 'channel')
      return refuse.includes(event.topic === undefined ? 'channelName' : 'channelTopic');
    return refuse.includes(event.kind);
  }

  async check(ctx: CheckContext<TincanSettings>): Promise<readonly Finding[]> {
    return check(this.#world, ctx);
  }

  async typing(channel: ChannelId, persona: Persona, active: boolean): Promise<void> {
    if (this.#life === null || this.#lacking.has('typing')) return;
    this.#network.signal({ kind: 'typing', channel, by: this.#ghost(persona), active });
  }

  async markRead(channel: ChannelId, persona: Persona, message: NativeMessage): Promise<void> {
    if (this.#life === null || this.#lacking.has('read')) return;
    this.#network.signal({ kind: 'read', channel, by: this.#ghost(persona), id: message.id });
  }

  async people(channel: ChannelId): Promise<{ person: PersonId; displayName: string }[]> {
    const members = [...this.#network.channel(channel).members].filter((id) => !isBridged(id));
    return members.map((id) => ({ person: personId(id), displayName: this.#network.person(id).label }));
  }

  async describe(channel: ChannelId): Promise<{ name: string; topic: string }> {
    const { name, topic } = this.#network.channel(channel);
    return { name, topic };
  }

  #ghost(persona: Persona): string {
    const id = ghostId(persona.network, persona.person);
    this.#network.introduce({ id, label: persona.label });
    return id;
  }

  #signalled(signal: TincanSignal): void {
    const ctx = this.#life?.ctx;
    if (ctx === undefined || isBridged(signal.by)) return;
    const place = { network: ctx.network, channel: channelId(signal.channel) };
    ctx.signal(signalOf(signal, this.#network.person(signal.by), place, ctx.clock.now()));
  }

  /** Finds out about notifications that were forgotten and followed by none. */
  #compare(): void {
    const line = this.#life?.connection.line ?? null;
    if (line === null) return;
    // What fails here is asked again next time, or by the next line.
    for (const feed of this.#life?.feeds.values() ?? []) void feed.compare(line).catch(() => undefined);
  }
}

async function watchAll(feeds: ReadonlyMap<string, Feed>, line: TincanLine): Promise<void> {
  for (const feed of [...feeds.values()]) await feed.watch(line);
}

/** Runs again and again until ended. */
function poll(
  { clock }: Pick<BridgeContext<unknown>, 'clock'>,
  everyMs: number,
  run: () => void,
): () => void {
  let cancel = (): void => undefined;
  const next = (): void => {
    cancel = clock.after(everyMs, () => {
      run();
      next();
    });
  };
  next();
  return () => cancel();
}

/** What the compiler is to check: a bridge with these faces. */
export const asBridge = (bridge: TincanBridge): Bridge<TincanSettings> => bridge;
