import { type DeliveryRecord, field, type OutboxItem, personKey } from '@brygga/bus';
import type { Done, NativeMessage } from '@brygga/contract';
import type { Event, EventId, LinkId, NativeId } from '@brygga/event';

function idsOf(messages: readonly NativeMessage[]): NativeId[] {
  const [first] = messages;
  if (messages.length === 1 && first?.roles === undefined && first !== undefined) return [first.id];
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
): DeliveryRecord[] {
  switch (event.kind) {
    case 'reaction':
      return event.target.event === undefined ? [] : reacted(event.target.event, event, link, outcome);
    case 'edit':
      return event.target.event === undefined ? [] : written(event.target.event, link, outcome, false);
    case 'delete':
      return [];
    default:
      return written(event.id, link, outcome, lasting(item, now));
  }
}

function written(event: EventId, link: LinkId, { messages }: Done, lasts: boolean): DeliveryRecord[] {
  if (messages.length === 0) return [];
  const fields = { [field.link(link)]: jsonOf(messages) };
  return [{ event, fields, natives: idsOf(messages), lasting: lasts }];
}

/** Most deliveries are one message with nothing beside its id. */
function jsonOf(messages: readonly NativeMessage[]): string {
  const [first] = messages;
  const bare = messages.length === 1 && first !== undefined && first.roles === undefined;
  return bare ? `[{"id":${JSON.stringify(first.id)}}]` : JSON.stringify(messages);
}

function reacted(target: EventId, event: Event, link: LinkId, { reactions = {} }: Done): DeliveryRecord[] {
  const person = personKey({ network: event.origin.network, person: event.sender.nativeId });
  return [
    { event: target, fields: { [field.reacted(link, person)]: JSON.stringify(reactions) }, natives: [] },
  ];
}
