import {
  type AcceptResult,
  type Bus,
  type Claim,
  type InboxItem,
  LaneFull,
  type NewEvent,
} from '@brygga/bus';
import type { Accepted, Clock, Intake, Log } from '@brygga/contract';
import {
  BODY_BOUNDS,
  type Body,
  type EventId,
  IncomingEvent,
  type NetworkId,
  type OrganisationId,
  plainBody,
  type RoomId,
} from '@brygga/event';
import type { FullLanes } from '../lanes/full.ts';
import type { MaybeSent } from '../lanes/maybe-sent.ts';
import type { Metrics } from '../metrics.ts';
import type { Link, Rooms } from '../rooms.ts';

export interface AcceptParts {
  readonly bus: Pick<Bus, 'accept'>;
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly newEventId: () => EventId;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly organisations: ReadonlyMap<NetworkId, OrganisationId>;
  readonly fullLanes: Pick<FullLanes, 'tell'>;
  readonly maybeSent: Pick<MaybeSent, 'until'>;
  /** Is given the room's inbox when it fell to this process. Does not wait. */
  readonly drain: (claim: Claim<InboxItem>) => void;
  /** Is told what came to an inbox that fell to nobody: it may be waiting here. */
  readonly came: (room: RoomId, arrived: Pick<AcceptResult, 'fresh' | 'before'>) => void;
}

/**
 * Station 1: afterwards each event is written once under (network, native id, revision) with the channel's
 * cursor; only now may the bridge acknowledge. Rejects when a lane of the room is full, when Redis did not store, or
 * did not answer within some seconds: the bridge must not acknowledge, and may hand over the same again.
 */
export class AcceptStation {
  readonly #parts: AcceptParts;

  constructor(parts: AcceptParts) {
    this.#parts = parts;
  }

  async accept(network: NetworkId, intake: Intake): Promise<Accepted> {
    const { bus, rooms, clock, metrics } = this.#parts;
    const place = rooms.byChannel(network, intake.channel);
    if (place === undefined) return { fresh: 0, unlinked: true };
    const events: NewEvent[] = [];
    for (const raw of intake.events) {
      const event = this.#valid(network, raw);
      if (event !== null) events.push(this.#numbered(place.link, event));
    }
    const at = { room: place.room.id, link: place.link.id, now: clock.now(), cursor: intake.cursor ?? '' };
    const result = await bus.accept(at, events).catch((error: unknown) => {
      if (error instanceof LaneFull) this.#parts.fullLanes.tell(network, at.room, error);
      throw error;
    });
    const fresh = result.fresh.length;
    metrics.accepted.inc({ network }, fresh);
    if (events.length > fresh) metrics.repeated.inc({ network }, events.length - fresh);
    if (result.claim !== null) this.#parts.drain(result.claim);
    else this.#parts.came(at.room, result);
    return { fresh, unlinked: false };
  }

  /**
   * Where an event comes from is known here: a bridge that says otherwise is not believed. `event` is this hub's own
   * copy, made by reading the bridge's.
   */
  #numbered(link: Link, event: IncomingEvent): NewEvent {
    const { organisations, maybeSent, newEventId } = this.#parts;
    const organisation = organisations.get(link.network);
    if (organisation !== undefined) event.sender.organisation = organisation;
    event.origin.network = link.network;
    event.origin.channel = link.channel;
    return { id: newEventId(), event, until: answers(event) ? maybeSent.until(link) : null };
  }

  /**
   * A wrong shape is a defect of the bridge. What people said still goes on, as plain words; only what cannot
   * even be read as that is dropped, with an error in the log.
   */
  #valid(network: NetworkId, raw: IncomingEvent): IncomingEvent | null {
    const [event, problem] = parsed(raw);
    if (event !== null) return event;
    this.#parts.metrics.invalid.inc({ network });
    this.#parts.log.error('event.invalid', { network, ...problem });
    return plainly(raw);
  }
}

const answers = (event: IncomingEvent): boolean =>
  event.kind === 'message' && (event.replyTo !== undefined || event.thread !== undefined);

interface InvalidFields {
  readonly reason: string;
  readonly feature?: string;
}

function parsed(raw: unknown): [IncomingEvent, null] | [null, InvalidFields] {
  try {
    const { success, data, error } = IncomingEvent.safeParse(raw);
    if (success) return [data, null];
    const issue = error.issues[0];
    return [null, { reason: issue?.code ?? 'unknown', feature: issue?.path.join('.') ?? '' }];
  } catch {
    return [null, { reason: 'too-deep' }]; // a tree so deep that walking it exhausts the stack
  }
}

/** The words of what is not valid; null when there are none, or it is not known whose they are. */
function plainly(raw: IncomingEvent): IncomingEvent | null {
  if (typeof raw !== 'object' || raw === null || (raw.kind !== 'message' && raw.kind !== 'edit')) return null;
  const { v, kind, origin, sentAt } = raw;
  const plain = typeof raw.plain === 'string' ? raw.plain.slice(0, BODY_BOUNDS.textCharsMax) : '';
  const displayName = String(raw.sender?.displayName ?? '').slice(0, 1024);
  const sender = { nativeId: raw.sender?.nativeId, displayName, kind: raw.sender?.kind };
  const common = { v, origin, sender, sentAt, plain };
  const bodies: Body[] = [plainBody(plain), oneLine(plain)];
  for (const body of bodies) {
    const words = { ...common, body };
    const [event] = parsed(kind === 'edit' ? { ...words, kind, target: raw.target } : { ...words, kind });
    if (event !== null) return event;
  }
  return null;
}

const oneLine = (value: string): Body => ({
  type: 'root',
  children: [{ type: 'paragraph', children: [{ type: 'text', value }] }],
});
