import type { OutboxItem, Telling } from '@brygga/bus';
import { CODES, type Code } from '@brygga/contract';
import type { Event, NetworkId } from '@brygga/event';
import { WORDS } from '@brygga/policy';
import { Seldom } from './lanes/seldom.ts';
import type { Link, Room, Rooms } from './rooms.ts';
import { aboutOf, hubTells, type VoiceParts } from './voice.ts';

/** One notice per link and reason in that time. */
const ONCE_SECONDS = 60;

export interface UndeliveredParts extends VoiceParts {
  readonly rooms: Rooms;
  /** Whether this process speaks to that network. */
  readonly here: (network: NetworkId) => boolean;
}

/** Tells the origin's channel that somebody did not get a message. */
export class Undelivered {
  readonly #parts: UndeliveredParts;
  /** Refusals told of, by origin and link. */
  readonly #refusals: Seldom;

  constructor(parts: UndeliveredParts) {
    this.#parts = parts;
    this.#refusals = new Seldom(parts.clock, ONCE_SECONDS * 1000);
  }

  /** Null when there is nobody to tell: the hub spoke itself. */
  telling(link: Link, item: OutboxItem, code: Code): Telling | null {
    const origin = this.#originOf(item.event, this.#parts.rooms.get(link.room));
    if (item.hub || origin === undefined || origin.id === link.id) return null;
    return {
      link: origin.id,
      items: this.#word(origin, link, item.event, code),
      once: `${origin.id}:${link.id}:${code}`,
      onceSeconds: ONCE_SECONDS,
      here: this.#parts.here(origin.network),
    };
  }

  /** Word that a link refuses what somebody wrote, changed or removed; none when it was told just now. */
  refusal(origin: Link, link: Link, event: Event): readonly OutboxItem[] {
    if (event.kind === 'membership' || event.kind === 'channel') return [];
    if (!this.#refusals.due(`${link.room} ${origin.id} ${link.id}`)) return [];
    return this.#word(origin, link, event, 'FEATURE_REFUSED');
  }

  /** A code that says nothing to people is not explained to them; that the message did not arrive is said. */
  #word(origin: Link, link: Link, event: Event, code: Code): OutboxItem[] {
    const { language } = origin;
    const why = CODES[code].people?.[language] ?? '';
    const said = WORDS[language].undelivered(link.organisation, why);
    return hubTells(this.#parts, origin, said.trim(), aboutOf(event), 'failed');
  }

  #originOf(event: Event, room: Room | undefined): Link | undefined {
    const { network, channel } = event.origin;
    return room?.links.find((link) => link.network === network && link.channel === channel);
  }
}
