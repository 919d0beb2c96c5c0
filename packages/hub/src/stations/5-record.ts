import { type DeliveryRecord, field, type OutboxItem, personKey } from '@brygga/bus';
import type { Done, NativeMessage } from '@brygga/contract';
import type { Event, EventId, LinkId, NativeId } from '@brygga/event';

function idsOf(messages: readonly NativeMessage[]): NativeId[] {
  const ids = messages.flatMap(({ id, roles }) =>
    roles === undefined ? [id] : [id, ...Object.values(roles)],
  );
  return [...new Set(ids)];
}

/** The entry a message got when it was accepted lasts that long at least. */
const LASTING_MS = 600_000;

/** Whether the item is a message as somebody wrote it, not long ago: its entry is there and has its time. */
const lasting = ({ event, lost, hub }: OutboxItem, now: number): boolean =>
  !hub && lost.length === 0 && event.kind === 'message' && now - event.acceptedAt < LASTING_MS;

/** Station 5: what the id map learns of an item's delivery. `event` is as it was sent on that link. */
export function recordOf(
  item: OutboxItem,
  event: Event,
  link: LinkId,
  outcome: Done,
  now: number,
): DeliveryRecord | null {
  switch (event.kind) {
    case 'reaction':
      return event.target.event === undefined ? null : reacted(event.target.event, event, link, outcome);
    case 'edit':
      return event.target.event === undefined ? null : written(event.target.event, link, outcome, false);
    case 'delete':
      return null;
    default:
      return written(event.id, link, outcome, lasting(item, now));
  }
}

function written(event: EventId, link: LinkId, { messages }: Done, lasting: boolean): DeliveryRecord | null {
  const [first] = messages;
  if (first === undefined) return null;
  if (messages.length === 1 && first.roles === undefined) return { event, native: first.id, lasting };
  return {
    event,
    fields: { [field.link(link)]: JSON.stringify(messages) },
    natives: idsOf(messages),
    lasting,
  };
}

function reacted(target: EventId, event: Event, link: LinkId, { reactions = {} }: Done): DeliveryRecord {
  const person = personKey({ network: event.origin.network, person: event.sender.nativeId });
  return { event: target, fields: { [field.reacted(link, person)]: JSON.stringify(reactions) }, natives: [] };
}
