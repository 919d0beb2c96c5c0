import type { Delivery, Persona } from '@brygga/contract';
import {
  channelId,
  Event,
  eventId,
  linkId,
  nativeId,
  networkId,
  personId,
  plainBody,
  roomId,
} from '@brygga/event';
import { versionId } from '../src/ids.ts';

/** Somebody of another network, as the hub presents them. */
export function persona(name: string, person = `${name.toLowerCase()}@tax.test`): Persona {
  return {
    network: networkId('tax-xmpp'),
    person: personId(person),
    name,
    organisation: 'Tax Agency',
    label: `${name} (Tax Agency)`,
  };
}

export const anna = persona('Anna');

let count = 0;

type Body = Pick<Event, 'kind'> & Record<string, unknown>;

/** A delivery of that event to the channel, in the hub's words. */
export function delivery(
  channel: string,
  body: Body,
  more: Partial<Delivery> & { readonly sentAt?: number } = {},
): Delivery {
  count += 1;
  const who = more.persona === undefined ? anna : more.persona;
  const { sentAt = 1_760_000_000_000, ...rest } = more;
  const event = Event.parse({
    v: 1,
    id: eventId(`019a0000-0000-7000-8000-${String(count).padStart(12, '0')}`),
    origin: { network: 'tax-xmpp', channel: 'chat@muc.tax.test', nativeId: `native-${count}` },
    sender: { nativeId: who?.person ?? 'hub', displayName: who?.name ?? 'hub', kind: 'person' },
    sentAt,
    acceptedAt: sentAt,
    ...body,
  });
  return {
    key: `key-${count}`,
    room: roomId('kitchen'),
    link: linkId('agency'),
    channel: channelId(channel),
    event,
    persona: who,
    target: [],
    replyTo: null,
    thread: null,
    reactions: {},
    targetAuthor: null,
    maybeSent: false,
    ...rest,
  };
}

export const said = (text: string, more: object = {}): Body => ({
  kind: 'message',
  body: plainBody(text),
  plain: text,
  ...more,
});

export const about = (id: string): { natives: string[] } => ({ natives: [nativeId(id)] });

/** The same by an answer, which may name a replacement of ours. */
export const anyVersion = (id: string): { natives: string[] } => ({ natives: [nativeId(id), versionId(id)] });
