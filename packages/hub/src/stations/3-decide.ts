import type { Bus, InboxItem, LinkPlan, OutboxItem, Plan } from '@brygga/bus';
import { type Feature, faultOf, type Log } from '@brygga/contract';
import { type Event, type EventOf, type LinkId, type NetworkId, plainBody } from '@brygga/event';
import { type Decision, plan } from '@brygga/policy';
import type { Metrics } from '../metrics.ts';
import type { Personas } from '../personas.ts';
import type { Link, Room } from '../rooms.ts';
import type { Undelivered } from '../undelivered.ts';
import { Admission, type AdmitParts, type Admitted } from './2-admit.ts';

export interface DecideParts extends AdmitParts {
  readonly bus: Bus;
  readonly personas: Personas;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly undelivered: Undelivered;
  /** Whether this process speaks to that network. */
  readonly here: (network: NetworkId) => boolean;
}

type Lanes = Map<LinkId, OutboxItem[]>;
type Admit = Extract<Admitted, { verdict: 'admit' }>;

function append(lanes: Lanes, link: LinkId, item: OutboxItem): void {
  const lane = lanes.get(link);
  if (lane === undefined) lanes.set(link, [item]);
  else lane.push(item);
}

function inPlainWords({ replyTo: _, thread: __, ...event }: EventOf<'message'>): EventOf<'message'> {
  return { ...event, body: plainBody(event.plain), style: 'text', mentions: [], attachments: [] };
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

  /** Null when the stop came over it: nothing is decided. */
  async decide(room: Room, items: readonly InboxItem[]): Promise<Plan | null> {
    const admission = new Admission(this.#parts, room);
    const lanes: Lanes = new Map();
    const aside: InboxItem[] = [];
    for (const item of items) {
      const origin = room.links.find(
        (link) => link.network === item.event.origin.network && link.channel === item.event.origin.channel,
      );
      if (origin === undefined) {
        this.#dropped(room, item.event, 'unlinked'); // taken out of the settings meanwhile
        continue;
      }
      const admitting = admission.admit(item, origin);
      const admitted = admitting instanceof Promise ? await admitting : admitting;
      if (admitted.verdict === 'aside') aside.push(admitted.item);
      else if (admitted.verdict === 'drop') this.#dropped(room, item.event, admitted.reason);
      else this.#plan(room, origin, admitted, lanes);
    }
    if (admission.cutShort) return null;
    const { begin, end } = admission.aside;
    return {
      consumed: items,
      writes: admission.writes,
      aside,
      waits: { begin, end },
      links: this.#links(room, lanes),
    };
  }

  #plan(room: Room, origin: Link, admitted: Admit, lanes: Lanes): void {
    // Links that get the very same thing share one item, so that it is written to Redis once a lane, not built anew.
    const items = new Map<Event, OutboxItem>();
    for (const decision of this.#decisions(room, origin, admitted)) {
      this.#count(room, decision, admitted.lost);
      if (decision.verdict === 'withhold') {
        this.#refused(room, origin, admitted.event, decision, lanes);
        continue;
      }
      const lost = admitted.lost.length === 0 ? decision.lost : [...decision.lost, ...admitted.lost];
      const shared = decision.hub || decision.lost.length > 0 ? undefined : items.get(decision.event);
      const item = shared ?? { event: decision.event, lost, hub: decision.hub };
      items.set(decision.event, item);
      append(lanes, decision.link, item);
      const { beside } = decision;
      if (beside !== undefined)
        append(lanes, decision.link, { event: beside, lost: [], hub: false, beside: true });
    }
  }

  /** What cannot be planned is a defect here. It must not stand in the way of the room: its words go on alone. */
  #decisions(room: Room, origin: Link, { event, byModerator, before }: Admit): Decision[] {
    const cut = this.#parts.otherHubs.cut(room.id);
    const policy =
      cut.size === 0
        ? room.policy
        : { ...room.policy, links: room.policy.links.filter(({ id }) => !cut.has(id)) };
    const planned = this.#safely(room, event, () => {
      const { said, who } = this.#named(origin, event);
      return plan(said, origin.id, policy, who, byModerator, before);
    });
    if (planned !== null) return planned;
    const words = event.kind === 'message' ? inPlainWords(event) : null;
    const again = words && this.#safely(room, words, () => plan(words, origin.id, policy, '', false));
    if (again == null) this.#dropped(room, event, 'fault');
    return again ?? [];
  }

  #safely(room: Room, event: Event, run: () => Decision[]): Decision[] | null {
    try {
      return run();
    } catch (error) {
      this.#parts.log.error('event.fault', { room: room.id, event: event.id, fault: faultOf(error) });
      return null;
    }
  }

  /** Names that the hub itself says are as people see them elsewhere, so that nobody can pass for another. */
  #named(origin: Link, event: Event): { readonly said: Event; readonly who: string } {
    const label = (subject: Pick<Event['sender'], 'nativeId' | 'displayName'>): string =>
      this.#parts.personas.of(origin.network, subject).label;
    if (event.kind === 'channel') return { said: event, who: label(event.sender) };
    if (event.kind !== 'membership') return { said: event, who: '' };
    const { before, subject } = event;
    const said =
      before === undefined ? event : { ...event, before: label({ ...subject, displayName: before }) };
    return { said, who: label(subject) };
  }

  /** Who wrote something that a link refuses is told. */
  #refused(room: Room, origin: Link, event: Event, { link: id, ...decision }: Decision, lanes: Lanes): void {
    const link = room.links.find((one) => one.id === id);
    if (link === undefined || !('reason' in decision) || decision.reason !== 'refused') return;
    for (const word of this.#parts.undelivered.refusal(origin, link, event)) append(lanes, origin.id, word);
  }

  #links(room: Room, lanes: Lanes): LinkPlan[] {
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
