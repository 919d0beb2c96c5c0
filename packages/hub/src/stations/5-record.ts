import { type DeliveryRecord, field, personKey } from '@brygga/bus';
import type { Done, NativeMessage } from '@brygga/contract';
import type { Event, EventId, LinkId, NativeId } from '@brygga/event';

const idsOf = (messages: readonly NativeMessage[]): NativeId[] => [
  ...new Set(
    messages.flatMap(({ id, roles }) => (roles === undefined ? [id] : [id, ...Object.values(roles)])),
  ),
];

/** Station 5: what the id map learns of a delivery. `event` is as it was sent on that link. */
export function recordOf(event: Event, link: LinkId, outcome: Done): DeliveryRecord[] {
  switch (event.kind) {
    case 'reaction':
      return event.target.event === undefined ? [] : reacted(event.target.event, event, link, outcome);
    case 'edit':
      return event.target.event === undefined ? [] : written(event.target.event, link, outcome);
    case 'delete':
      return [];
    default:
      return written(event.id, link, outcome);
  }
}

function written(event: EventId, link: LinkId, { messages }: Done): DeliveryRecord[] {
  if (messages.length === 0) return [];
  return [{ event, fields: { [field.link(link)]: JSON.stringify(messages) }, natives: idsOf(messages) }];
}

function reacted(target: EventId, event: Event, link: LinkId, { reactions = {} }: Done): DeliveryRecord[] {
  const person = personKey({ network: event.origin.network, person: event.sender.nativeId });
  return [
    { event: target, fields: { [field.reacted(link, person)]: JSON.stringify(reactions) }, natives: [] },
  ];
}
