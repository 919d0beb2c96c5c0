import type { Bus, Claim, InboxItem, NewEvent } from '@brygga/bus';
import type { Accepted, Clock, Intake, Log } from '@brygga/contract';
import { type EventId, IncomingEvent, type NetworkId, type OrganisationId, plainBody } from '@brygga/event';
import type { Metrics } from '../metrics.ts';
import type { Rooms } from '../rooms.ts';

export interface AcceptParts {
  readonly bus: Bus;
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly newEventId: () => EventId;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly organisations: ReadonlyMap<NetworkId, OrganisationId>;
  /** Is given the room's inbox when it fell to this process. Does not wait. */
  readonly drain: (claim: Claim<InboxItem>) => void;
}

/**
 * Station 1: afterwards each event is written once under (network, native id, revision) with the channel's
 * cursor; only now may the bridge acknowledge. Rejects when Redis did not store: the bridge must not.
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
    const events = intake.events.flatMap((event) => this.#numbered(network, event));
    const at = { room: place.room.id, link: place.link.id, now: clock.now(), cursor: intake.cursor ?? '' };
    const result = await bus.accept(at, events);
    metrics.accepted.inc({ network }, result.fresh);
    if (events.length > result.fresh) metrics.repeated.inc({ network }, events.length - result.fresh);
    if (result.claim !== null) this.#parts.drain(result.claim);
    return { fresh: result.fresh, unlinked: false };
  }

  #numbered(network: NetworkId, raw: IncomingEvent): NewEvent[] {
    const event = this.#valid(network, raw);
    if (event === null) return [];
    const organisation = this.#parts.organisations.get(network);
    const sender = organisation === undefined ? event.sender : { ...event.sender, organisation };
    return [{ id: this.#parts.newEventId(), event: { ...event, sender } }];
  }

  /**
   * A wrong shape is a defect of the bridge. What people said still goes on, as plain words; only what cannot
   * even be read as that is dropped, with an error in the log.
   */
  #valid(network: NetworkId, raw: IncomingEvent): IncomingEvent | null {
    const parsed = IncomingEvent.safeParse(raw);
    if (parsed.success) return parsed.data;
    this.#parts.metrics.invalid.inc({ network });
    const issue = parsed.error.issues[0];
    this.#parts.log.error('event.invalid', {
      network,
      reason: issue?.code ?? 'unknown',
      feature: issue?.path.join('.') ?? '',
    });
    if (raw.kind !== 'message' && raw.kind !== 'edit') return null;
    const { v, kind, origin, sender, sentAt, plain } = raw;
    const common = { v, origin, sender, sentAt, plain, body: plainBody(plain ?? '') };
    const again = IncomingEvent.safeParse(
      kind === 'edit' ? { ...common, kind, target: raw.target } : { ...common, kind },
    );
    return again.success ? again.data : null;
  }
}
