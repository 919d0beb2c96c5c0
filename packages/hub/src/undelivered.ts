import type { OutboxItem, Telling } from '@brygga/bus';
import { type Clock, CODES, type Code } from '@brygga/contract';
import { type Event, type EventId, type NetworkId, nativeId, personId, plainBody } from '@brygga/event';
import { type Language, WORDS } from '@brygga/policy';
import type { Link, Room, Rooms } from './rooms.ts';

/** One notice per link and reason in that time. */
const ONCE_SECONDS = 60;

export interface VoiceParts {
  readonly clock: Clock;
  readonly newEventId: () => EventId;
  readonly hub: string;
  readonly language: Language;
}

/** What the hub itself says, as an outbox item of that link. */
export function hubSays(parts: VoiceParts, link: Link, said: string): OutboxItem {
  const now = parts.clock.now();
  const id = parts.newEventId();
  const event: Event = {
    v: 1,
    kind: 'message',
    id,
    origin: {
      network: link.network,
      channel: link.channel,
      nativeId: nativeId(`hub:${id}`),
      revision: '1',
      aliases: [],
    },
    sender: { nativeId: personId(parts.hub), displayName: parts.hub, kind: 'bot' },
    sentAt: now,
    acceptedAt: now,
    hops: [parts.hub],
    body: plainBody(said),
    plain: said,
    style: 'notice',
    mentions: [],
    attachments: [],
  };
  return { event, lost: [], hub: true };
}

export interface UndeliveredParts extends VoiceParts {
  readonly rooms: Rooms;
  /** Whether this process speaks to that network. */
  readonly here: (network: NetworkId) => boolean;
}

/** Tells the origin's channel that somebody did not get a message. */
export class Undelivered {
  readonly #parts: UndeliveredParts;
  /** When a refusal was told last, by origin and link: no more than the settings have pairs. */
  readonly #refusals = new Map<string, number>();

  constructor(parts: UndeliveredParts) {
    this.#parts = parts;
  }

  /** Null when there is nobody to tell: the hub spoke itself. */
  telling(link: Link, item: OutboxItem, code: Code): Telling | null {
    const origin = this.#originOf(item.event, this.#parts.rooms.get(link.room));
    if (item.hub || origin === undefined || origin.id === link.id) return null;
    return {
      link: origin.id,
      item: this.#word(origin, link, code),
      once: `${origin.id}:${link.id}:${code}`,
      onceSeconds: ONCE_SECONDS,
      here: this.#parts.here(origin.network),
    };
  }

  /** Word that a link refuses what somebody wrote, changed or removed; null when it was told just now. */
  refusal(origin: Link, link: Link, event: Event): OutboxItem | null {
    if (event.kind === 'membership' || event.kind === 'channel') return null;
    const now = this.#parts.clock.elapsed();
    const key = `${link.room} ${origin.id} ${link.id}`;
    const before = this.#refusals.get(key);
    if (before !== undefined && now - before < ONCE_SECONDS * 1000) return null;
    this.#refusals.set(key, now);
    return this.#word(origin, link, 'FEATURE_REFUSED');
  }

  /** A code that says nothing to people is not explained to them; that the message did not arrive is said. */
  #word(origin: Link, link: Link, code: Code): OutboxItem {
    const { language } = this.#parts;
    const why = CODES[code].people?.[language] ?? '';
    const said = WORDS[language].undelivered(link.organisation, why);
    return hubSays(this.#parts, origin, said.trim());
  }

  #originOf(event: Event, room: Room | undefined): Link | undefined {
    const { network, channel } = event.origin;
    return room?.links.find((link) => link.network === network && link.channel === channel);
  }
}
