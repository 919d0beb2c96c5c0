import type { Event, NetworkId, PersonId } from '@brygga/event';

export interface Writer {
  readonly network: NetworkId;
  readonly person: PersonId;
}

const same = (event: Event, author: Writer): boolean =>
  event.origin.network === author.network && event.sender.nativeId === author.person;

/** Only the author may change what a message says. */
export const mayEdit = (event: Event, author: Writer): boolean => same(event, author);

/** The author, or a moderator of the network the removal comes from (that network let them). */
export const mayDelete = (event: Event, author: Writer): boolean =>
  same(event, author) || event.sender.kind === 'moderator';
