import type { Accepted, BridgeContext, ConnectionState, Intake, LogFields } from '@brygga/contract';
import { systemClock } from '@brygga/contract';
import { type IncomingEvent, networkId, type Signal } from '@brygga/event';
import type { MatrixSettings } from '../src/settings.ts';

/** A hub in memory: keeps what it is given once, as the real one promises to. */
export class FakeHub {
  readonly network = networkId('agency-matrix');
  readonly events: IncomingEvent[] = [];
  readonly signals: Signal[] = [];
  readonly states: ConnectionState[] = [];
  readonly log: { readonly level: string; readonly code: string; readonly fields: LogFields }[] = [];
  readonly store = new Map<string, string>();
  readonly cursors = new Map<string, string>();
  /** While true nothing can be stored. */
  refusing = false;
  readonly #seen = new Set<string>();
  #ids = 0;

  context(settings: MatrixSettings): BridgeContext<MatrixSettings> {
    const at =
      (level: string) =>
      (code: string, fields: LogFields = {}): void => {
        this.log.push({ level, code, fields });
      };
    return {
      network: this.network,
      settings,
      hub: 'test-hub',
      clock: systemClock,
      log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
      store: {
        get: async (name) => this.store.get(name) ?? null,
        set: async (name, value) => void this.store.set(name, value),
        delete: async (name) => void this.store.delete(name),
      },
      accept: (intake) => this.#accept(intake),
      signal: (signal) => void this.signals.push(signal),
      cursor: async (channel) => this.cursors.get(channel) ?? null,
      state: (state) => void this.states.push(state),
      lease: async () => null,
      newId: () => `id-${(this.#ids += 1)}`,
      random: () => 0.5,
    };
  }

  get state(): ConnectionState | undefined {
    return this.states.at(-1);
  }

  async #accept({ channel, events, cursor }: Intake): Promise<Accepted> {
    if (this.refusing) throw new Error('not stored');
    const fresh = events.filter(({ origin }) => {
      const key = `${origin.channel} ${origin.nativeId} ${origin.revision}`;
      return !this.#seen.has(key) && this.#seen.add(key);
    });
    this.events.push(...fresh);
    if (cursor !== undefined) this.cursors.set(channel, cursor);
    return { fresh: fresh.length, unlinked: false };
  }
}
