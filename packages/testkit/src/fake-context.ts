import {
  type Accepted,
  type BridgeContext,
  type BridgeStore,
  type Clock,
  type ConnectionState,
  type HubNotice,
  type Intake,
  type Language,
  type Lease,
  type Log,
  systemClock,
} from '@brygga/contract';
import { type ChannelId, IncomingEvent, type NetworkId, networkId, Signal } from '@brygga/event';
import { checkedLog, type LogLine } from './checked-log.ts';
import { dice } from './dice.ts';
import { newId } from './new-id.ts';

export interface FakeContextSettings<Settings> {
  readonly network?: string;
  readonly settings?: Settings;
  readonly hub?: string;
  /** In all channels. */
  readonly language?: Language;
  readonly clock?: Clock;
  /** Seed of `random()`. */
  readonly seed?: number;
  readonly newId?: () => string;
}

/**
 * A hub for one bridge, in memory. It keeps what the real one keeps (events once, cursors, the store) and writes
 * down in `problems` whatever a bridge does that the contract forbids.
 */
export interface FakeContext<Settings = unknown> extends BridgeContext<Settings> {
  /** Events accepted, without repeats, in order. */
  readonly accepted: readonly IncomingEvent[];
  /** Events handed in that were there before. */
  readonly repeated: readonly IncomingEvent[];
  readonly signals: readonly Signal[];
  /** The notices of hubs as last told, by channel. */
  readonly notices: ReadonlyMap<ChannelId, readonly HubNotice[]>;
  readonly states: readonly { readonly state: ConnectionState; readonly code: string | undefined }[];
  readonly logged: readonly LogLine[];
  /** Broken laws, in words; a case ends by checking that there are none. */
  readonly problems: readonly string[];
  /** While true, `accept` rejects, as when Redis is away. */
  refuseAccepts: boolean;
  /** While set, each `accept` takes that long. */
  acceptDelayMs: number;
  /** Channels that belong to no room: nothing of them is kept. */
  readonly unlinked: Set<ChannelId>;
  /** Everybody who holds a lease loses it. */
  loseLeases(): void;
}

/** Makes a hub for one bridge, in memory. */
export function fakeContext<Settings = unknown>(
  settings: FakeContextSettings<Settings> = {},
): FakeContext<Settings> {
  const problems: string[] = [];
  const { log, lines } = checkedLog(problems);
  const clock = settings.clock ?? systemClock;
  const chance = dice(settings.seed ?? 1);
  const intake = new FakeIntake(networkId(settings.network ?? 'near'), clock, problems);
  const leases = new FakeLeases(clock);
  const signals: Signal[] = [];
  const notices = new Map<ChannelId, readonly HubNotice[]>();
  const states: { state: ConnectionState; code: string | undefined }[] = [];
  return {
    network: intake.network,
    settings: settings.settings ?? ({} as Settings),
    hub: settings.hub ?? 'hub-under-test',
    clock,
    log: log as Log,
    store: memoryStore(),
    accept: (events) => intake.accept(events),
    signal: (signal) => void signals.push(Signal.parse(signal)),
    cursor: async (channel) => intake.cursors.get(channel) ?? null,
    language: () => settings.language ?? 'en',
    state: (state, code) => void states.push({ state, code }),
    hubs: (channel, there) => void notices.set(channel, there),
    lease: (name, signal) => leases.take(name, signal),
    newId: settings.newId ?? newId,
    random: chance.next,
    accepted: intake.accepted,
    repeated: intake.repeated,
    signals,
    notices,
    states,
    logged: lines,
    problems,
    get refuseAccepts() {
      return intake.refusing;
    },
    set refuseAccepts(refusing: boolean) {
      intake.refusing = refusing;
    },
    get acceptDelayMs() {
      return intake.delayMs;
    },
    set acceptDelayMs(ms: number) {
      intake.delayMs = ms;
    },
    unlinked: intake.unlinked,
    loseLeases: () => leases.loseAll(),
  };
}

class FakeIntake {
  readonly network: NetworkId;
  readonly accepted: IncomingEvent[] = [];
  readonly repeated: IncomingEvent[] = [];
  readonly cursors = new Map<ChannelId, string>();
  readonly unlinked = new Set<ChannelId>();
  refusing = false;
  delayMs = 0;
  readonly #clock: Clock;
  readonly #problems: string[];
  readonly #known = new Set<string>();
  readonly #busy = new Set<ChannelId>();

  constructor(network: NetworkId, clock: Clock, problems: string[]) {
    this.network = network;
    this.#clock = clock;
    this.#problems = problems;
  }

  async accept(intake: Intake): Promise<Accepted> {
    const { channel } = intake;
    if (this.#busy.has(channel))
      this.#problems.push('accept was called while one of the channel was under way');
    this.#busy.add(channel);
    try {
      if (this.delayMs > 0) await this.#clock.sleep(this.delayMs);
      else await Promise.resolve();
      if (this.refusing) throw new Error('the hub cannot store now');
      return this.#store(intake);
    } finally {
      this.#busy.delete(channel);
    }
  }

  #store({ channel, events, cursor }: Intake): Accepted {
    if (this.unlinked.has(channel)) return { fresh: 0, unlinked: true };
    const fresh = events.map((event) => this.#keep(channel, event)).filter((kept) => kept).length;
    if (cursor !== undefined) this.cursors.set(channel, cursor);
    return { fresh, unlinked: false };
  }

  #keep(channel: ChannelId, raw: IncomingEvent): boolean {
    const event = this.#checked(channel, raw);
    const { nativeId, revision } = event.origin;
    const key = JSON.stringify([channel, nativeId, revision]);
    const fresh = !this.#known.has(key);
    this.#known.add(key);
    (fresh ? this.accepted : this.repeated).push(event);
    return fresh;
  }

  #checked(channel: ChannelId, raw: IncomingEvent): IncomingEvent {
    const { success, data, error } = IncomingEvent.safeParse(raw);
    if (!success) {
      const issue = error.issues[0];
      this.#problems.push(`an invalid ${raw.kind}: ${issue?.path.join('.')}: ${issue?.message}`);
      return raw;
    }
    if (data.origin.network !== this.network) this.#problems.push('an event of another network');
    if (data.origin.channel !== channel) this.#problems.push('an event of another channel');
    return data;
  }
}

class FakeLeases {
  readonly #clock: Clock;
  readonly #held = new Map<string, AbortController>();
  #token = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async take(name: string, signal: AbortSignal): Promise<Lease | null> {
    while (this.#held.has(name) && !signal.aborted) await this.#clock.sleep(5, signal);
    if (signal.aborted) return null;
    const lost = new AbortController();
    this.#held.set(name, lost);
    this.#token += 1;
    return { token: this.#token, lost: lost.signal, release: async () => this.#release(name, lost) };
  }

  #release(name: string, lost: AbortController): void {
    if (this.#held.get(name) === lost) this.#held.delete(name);
  }

  loseAll(): void {
    for (const lost of this.#held.values()) lost.abort();
    this.#held.clear();
  }
}

function memoryStore(): BridgeStore {
  const facts = new Map<string, string>();
  return {
    get: async (name) => facts.get(name) ?? null,
    set: async (name, value) => void facts.set(name, value),
    delete: async (name) => void facts.delete(name),
  };
}
