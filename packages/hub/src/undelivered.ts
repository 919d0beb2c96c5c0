import type { OutboxItem, Telling } from '@brygga/bus';
import { type Clock, CODES, type Code } from '@brygga/contract';
import { type Event, type EventId, nativeId, personId, plainBody } from '@brygga/event';
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

/** Tells the origin's channel that somebody did not get a message. */
export class Undelivered {
  readonly #parts: VoiceParts;
  readonly #rooms: Rooms;

  constructor(parts: VoiceParts, rooms: Rooms) {
    this.#parts = parts;
    this.#rooms = rooms;
  }

  /** Null when there is nobody to tell: the hub spoke itself, or the reason is not one for people. */
  telling(link: Link, item: OutboxItem, code: Code): Telling | null {
    const why = CODES[code].people;
    const origin = this.#originOf(item.event, this.#rooms.get(link.room));
    if (why === null || item.hub || origin === undefined || origin.id === link.id) return null;
    const { language } = this.#parts;
    const said = WORDS[language].undelivered(link.organisation, why[language]);
    return {
      link: origin.id,
      item: hubSays(this.#parts, origin, said),
      once: `${link.id}:${code}`,
      onceSeconds: ONCE_SECONDS,
    };
  }

  #originOf(event: Event, room: Room | undefined): Link | undefined {
    const { network, channel } = event.origin;
    return room?.links.find((link) => link.network === network && link.channel === channel);
  }
}
