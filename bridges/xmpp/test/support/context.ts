import {
  type Accepted,
  type BridgeContext,
  type ConnectionState,
  type HubNotice,
  type Intake,
  type Language,
  type LogFields,
  systemClock,
} from '@brygga/contract';
import { type ChannelId, IncomingEvent, networkId, type Signal } from '@brygga/event';
import type { XmppSettings } from '../../src/index.ts';

/** A condition becomes true, or the test has failed: tests wait on conditions, never for a time. */
export async function until<T>(
  what: string,
  probe: () => T | null | undefined | false,
  ms = 30_000,
): Promise<T> {
  const end = systemClock.elapsed() + ms;
  for (;;) {
    const value = probe();
    if (value !== null && value !== undefined && value !== false) return value;
    if (systemClock.elapsed() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await systemClock.sleep(5);
  }
}

/** What the hub would have kept: events once each, cursors, small facts. Outlives the bridge. */
export class FakeHub {
  readonly events: IncomingEvent[] = [];
  readonly signals: Signal[] = [];
  readonly notices = new Map<ChannelId, readonly HubNotice[]>();
  readonly states: ConnectionState[] = [];
  readonly logs: { code: string; fields: LogFields }[] = [];
  readonly cursors = new Map<ChannelId, string>();
  readonly store = new Map<string, string>();
  readonly #known = new Set<string>();
  accepts = 0;
  repeats = 0;
  language: Language = 'en';
  /** Set to have `accept` reject. */
  broken = false;

  get state(): ConnectionState | undefined {
    return this.states.at(-1);
  }

  messages(): string[] {
    return this.events.flatMap((event) => (event.kind === 'message' ? [event.plain] : []));
  }
  of<K extends IncomingEvent['kind']>(kind: K): Extract<IncomingEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<IncomingEvent, { kind: K }> => event.kind === kind);
  }

  async accept({ channel, events, cursor }: Intake): Promise<Accepted> {
    this.accepts += 1;
    if (this.broken) throw new Error('the hub cannot store');
    let fresh = 0;
    for (const raw of events) {
      const event = IncomingEvent.parse(raw);
      const key = `${event.origin.channel} ${event.origin.nativeId} ${event.origin.revision}`;
      if (this.#known.has(key)) {
        this.repeats += 1;
        continue;
      }
      this.#known.add(key);
      fresh += 1;
      this.events.push(event);
    }
    if (cursor !== undefined) this.cursors.set(channel, cursor);
    return { fresh, unlinked: false };
  }

  context(settings: XmppSettings): BridgeContext<XmppSettings> {
    const log = (code: string, fields: LogFields = {}): void => void this.logs.push({ code, fields });
    return {
      network: networkId('xmpp-test'),
      settings,
      hub: 'hub-test',
      clock: systemClock,
      log: { debug: log, info: log, warn: log, error: log },
      store: {
        get: async (name) => this.store.get(name) ?? null,
        set: async (name, value) => void this.store.set(name, value),
        delete: async (name) => void this.store.delete(name),
      },
      accept: (intake) => this.accept(intake),
      signal: (signal) => void this.signals.push(signal),
      cursor: async (channel) => this.cursors.get(channel) ?? null,
      language: () => this.language,
      state: (state) => void this.states.push(state),
      hubs: (channel, notices) => void this.notices.set(channel, notices),
      lease: async () => ({ token: 1, lost: new AbortController().signal, release: async () => undefined }),
      newId: () => crypto.randomUUID(),
      random: () => Math.random(),
    };
  }
}
