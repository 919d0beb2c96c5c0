import type { Bus, InboxItem, LinkPlan, OutboxItem, Plan } from '@brygga/bus';
import type { Feature, Log } from '@brygga/contract';
import type { Event, LinkId, NetworkId } from '@brygga/event';
import { type Decision, plan } from '@brygga/policy';
import type { Metrics } from '../metrics.ts';
import type { Personas } from '../personas.ts';
import type { Link, Room } from '../rooms.ts';
import { Admission, type AdmitParts } from './2-admit.ts';

export interface DecideParts extends AdmitParts {
  readonly bus: Bus;
  readonly personas: Personas;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Whether this process speaks to that network. */
  readonly here: (network: NetworkId) => boolean;
}

/**
 * Stations 2 and 3 for one batch of a room's inbox: what is to be appended to which outbox lane, with the id
 * map writes that go with it. Nothing is written here.
 */
export class DecideStation {
  readonly #parts: DecideParts;

  constructor(parts: DecideParts) {
    this.#parts = parts;
  }

  async decide(room: Room, items: readonly InboxItem[]): Promise<Plan> {
    const admission = new Admission(this.#parts, room);
    const lanes = new Map<LinkId, OutboxItem[]>();
    const aside: string[] = [];
    for (const item of items) {
      const origin = room.links.find(
        (link) => link.network === item.event.origin.network && link.channel === item.event.origin.channel,
      );
      if (origin === undefined) continue; // the link was taken out of the settings meanwhile
      const admitted = await admission.admit(item, origin);
      if (admitted.verdict === 'aside') aside.push(admitted.item);
      else if (admitted.verdict === 'drop') this.#dropped(room, item.event, admitted.reason);
      else this.#plan(room, origin, admitted, lanes);
    }
    return { consumed: items.length, writes: admission.writes, aside, links: this.#links(room, lanes) };
  }

  #plan(
    room: Room,
    origin: Link,
    admitted: { readonly event: Event; readonly byModerator: boolean; readonly lost: readonly Feature[] },
    lanes: Map<LinkId, OutboxItem[]>,
  ): void {
    const { event, byModerator } = admitted;
    const subject = event.kind === 'membership' ? event.subject : event.sender;
    const who =
      event.kind === 'membership' || event.kind === 'channel'
        ? this.#parts.personas.of(origin.network, subject).label
        : '';
    // Links that get the very same thing share one item, so that it is written to Redis once a lane, not built anew.
    const items = new Map<Event, OutboxItem>();
    for (const decision of plan(event, origin.id, room.policy, who, byModerator)) {
      this.#count(room, decision, admitted.lost);
      if (decision.verdict === 'withhold') continue;
      const lost = admitted.lost.length === 0 ? decision.lost : [...decision.lost, ...admitted.lost];
      const shared = decision.hub || decision.lost.length > 0 ? undefined : items.get(decision.event);
      const item = shared ?? { event: decision.event, lost, hub: decision.hub };
      items.set(decision.event, item);
      const lane = lanes.get(decision.link);
      if (lane === undefined) lanes.set(decision.link, [item]);
      else lane.push(item);
    }
  }

  #links(room: Room, lanes: ReadonlyMap<LinkId, OutboxItem[]>): LinkPlan[] {
    return room.links.flatMap((link): LinkPlan[] => {
      const items = lanes.get(link.id);
      return items === undefined ? [] : [{ link: link.id, here: this.#parts.here(link.network), items }];
    });
  }

  #count(room: Room, decision: Decision, lost: readonly Feature[]): void {
    const { metrics } = this.#parts;
    const place = { room: room.id, link: decision.link };
    if (decision.verdict === 'withhold') {
      metrics.withheld.inc({ ...place, feature: decision.feature, reason: decision.reason });
      return;
    }
    for (const feature of decision.lost) metrics.degraded.inc({ ...place, feature });
    for (const feature of lost) metrics.degraded.inc({ ...place, feature });
  }

  #dropped(room: Room, event: Event, reason: string): void {
    const { network } = event.origin;
    this.#parts.metrics.dropped.inc({ network, reason });
    this.#parts.log.info('event.not-admitted', { network, room: room.id, event: event.id, reason });
  }
}
