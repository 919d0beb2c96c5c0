import type { Bridge, Clock, Log, Persona, TypingFace } from '@brygga/contract';
import type { NetworkId, Signal } from '@brygga/event';
import type { OtherHubs } from './other-hubs/other-hubs.ts';
import type { Personas } from './personas.ts';
import type { Link, Rooms } from './rooms.ts';

/** A signal older than that is of no use to anybody. */
const LATE_MS = 5000;
/** The same state of the same person is not repeated to a link within that time. */
const REPEAT_MS = 3000;
/** People whose last signal is remembered. */
const REMEMBERED_MAX = 10_000;

export interface SignalParts {
  readonly rooms: Rooms;
  readonly personas: Personas;
  readonly clock: Clock;
  readonly log: Log;
  readonly bridge: (network: NetworkId) => Bridge | null;
  readonly otherHubs: Pick<OtherHubs, 'cut'>;
}

/** Hands passing signals to the other links of the room, coalesced; dropped when late. */
export class TypingRelay {
  readonly #parts: SignalParts;
  readonly #last = new Map<string, { readonly active: boolean; readonly at: number }>();

  constructor(parts: SignalParts) {
    this.#parts = parts;
  }

  hear(signal: Signal): void {
    if (signal.kind !== 'typing' || this.#parts.clock.now() - signal.at > LATE_MS) return;
    const place = this.#parts.rooms.byChannel(signal.network, signal.channel);
    if (place === undefined || !place.room.typing) return;
    const cut = this.#parts.otherHubs.cut(place.room.id);
    if (cut.has(place.link.id)) return;
    for (const link of place.room.links) {
      if (!cut.has(link.id) && link.id !== place.link.id && link.mode !== 'paused') this.#show(link, signal);
    }
  }

  #show(link: Link, signal: Extract<Signal, { kind: 'typing' }>): void {
    const grade = link.manifest.features.typing.out;
    const bridge = this.#parts.bridge(link.network);
    if (bridge?.typing === undefined || (grade !== 'full' && grade !== 'partial')) return;
    if (!this.#fresh(`${link.room} ${link.id} ${signal.network} ${signal.sender.nativeId}`, signal.active))
      return;
    const persona = this.#parts.personas.of(signal.network, signal.sender);
    void this.#type({ typing: bridge.typing.bind(bridge) }, link, persona, signal.active);
  }

  async #type(face: TypingFace, link: Link, persona: Persona, active: boolean): Promise<void> {
    try {
      await face.typing(link.channel, persona, active);
    } catch {
      this.#parts.log.debug('typing.dropped', { room: link.room, link: link.id });
    }
  }

  #fresh(key: string, active: boolean): boolean {
    const now = this.#parts.clock.now();
    const last = this.#last.get(key);
    if (last !== undefined && last.active === active && now - last.at < REPEAT_MS) return false;
    this.#last.delete(key);
    this.#last.set(key, { active, at: now });
    const oldest = this.#last.keys().next();
    if (this.#last.size > REMEMBERED_MAX && oldest.done !== true) this.#last.delete(oldest.value);
    return true;
  }
}
