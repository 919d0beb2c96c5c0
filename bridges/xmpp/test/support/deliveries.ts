import type { Delivery, NativeMessage, Persona } from '@brygga/contract';
import {
  type Body,
  type ChannelId,
  Event,
  eventId,
  linkId,
  nativeId,
  networkId,
  type PersonId,
  personId,
  plainBody,
  roomId,
} from '@brygga/event';

export const persona = (name: string, organisation = 'Agency'): Persona => ({
  network: networkId('far'),
  person: personId(`@${name}:far.example`),
  name,
  organisation,
  label: `${name} (${organisation})`,
});

let count = 0;
const uuid = (n: number): string => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** Makes deliveries as the hub would. */
export class Deliveries {
  readonly channel: ChannelId;
  constructor(channel: ChannelId) {
    this.channel = channel;
  }

  of(who: Persona | null, event: object, more: Partial<Delivery> = {}): Delivery {
    const number = ++count;
    const full = Event.parse({
      v: 1,
      id: eventId(uuid(number)),
      origin: { network: 'far', channel: 'far-channel', nativeId: `far-${number}` },
      sender: { nativeId: who?.person ?? 'hub', displayName: who?.name ?? 'hub', kind: 'person' },
      sentAt: Date.now(),
      acceptedAt: Date.now(),
      hops: [],
      ...event,
    });
    return {
      key: `key-${number}-${crypto.randomUUID().slice(0, 8)}`,
      room: roomId('room'),
      link: linkId('link'),
      channel: this.channel,
      event: full,
      persona: who,
      target: [],
      replyTo: null,
      thread: null,
      reactions: {},
      targetAuthor: null,
      maybeSent: false,
      ...more,
    };
  }

  message(
    who: Persona | null,
    text: string | Body,
    more: Partial<Delivery> = {},
    event: object = {},
  ): Delivery {
    const body = typeof text === 'string' ? plainBody(text) : text;
    return this.of(
      who,
      { kind: 'message', body, plain: typeof text === 'string' ? text : '', ...event },
      more,
    );
  }

  edit(who: Persona, target: readonly NativeMessage[], text: string): Delivery {
    const event = { kind: 'edit', target: anyTarget, body: plainBody(text), plain: text };
    return this.of(who, event, { target, targetAuthor: author(who) });
  }
  delete(
    who: Persona,
    target: readonly NativeMessage[],
    by: Delivery['targetAuthor'] = author(who),
  ): Delivery {
    return this.of(who, { kind: 'delete', target: anyTarget }, { target, targetAuthor: by });
  }
  reaction(who: Persona, target: readonly NativeMessage[], emoji: readonly string[]): Delivery {
    return this.of(who, { kind: 'reaction', target: anyTarget, mode: 'set', emoji }, { target });
  }
}

const anyTarget = { natives: [nativeId('far-target')] };

export const author = (who: Persona): NonNullable<Delivery['targetAuthor']> => ({
  network: who.network,
  person: who.person,
  native: false,
});
export const nativeAuthor = (person: PersonId): NonNullable<Delivery['targetAuthor']> => ({
  network: networkId('xmpp-test'),
  person,
  native: true,
});
