import type { Delivery, NativeMessage, Persona, TargetAuthor, ThreadPlace } from '@brygga/contract';
import {
  type Attachment,
  type Body,
  type ChannelId,
  EVENT_VERSION,
  type Event,
  type EventOf,
  eventId,
  linkId,
  nativeId,
  networkId,
  type PersonId,
  personId,
  plainBody,
  roomId,
} from '@brygga/event';

const persona = (id: string, name: string, organisation: string): Persona => ({
  network: networkId('far'),
  person: personId(id),
  name,
  organisation,
  label: `${name} (${organisation})`,
});

/** Two people of other organisations, on a network far away. */
export const ANNA = persona('@anna:far.example', 'Anna Svensson', 'Skatteverket');
export const BO = persona('@bo:far.example', 'Bo Ek', 'MSB');

export interface FarPlace {
  readonly channel: ChannelId;
  readonly now: () => number;
  readonly newId: () => string;
}

/** What may be said beside the text. */
export interface FarMore {
  readonly replyTo?: NativeMessage;
  readonly thread?: ThreadPlace;
  readonly style?: EventOf<'message'>['style'];
  readonly attachments?: readonly Attachment[];
  readonly targetAuthor?: TargetAuthor;
}

/** Makes deliveries of what people far away do, as the hub would hand them to the bridge under test. */
export class FarPeople {
  readonly #place: FarPlace;

  constructor(place: FarPlace) {
    this.#place = place;
  }

  message(by: Persona, content: string | Body, more: FarMore = {}): Delivery {
    const { replyTo, thread, style, attachments, targetAuthor } = more;
    const event: EventOf<'message'> = {
      ...this.#common(by),
      kind: 'message',
      ...contentOf(content, style),
      attachments: [...(attachments ?? [])],
      ...(replyTo === undefined ? {} : { replyTo: farTarget }),
      ...(thread === undefined ? {} : { thread: farTarget }),
    };
    const related = { replyTo: replyTo ?? null, thread: thread ?? null };
    return { ...this.#delivery(by, event), ...related, targetAuthor: targetAuthor ?? null };
  }

  edit(by: Persona, target: readonly NativeMessage[], content: string | Body): Delivery {
    const event: EventOf<'edit'> = {
      ...this.#common(by),
      kind: 'edit',
      target: farTarget,
      ...contentOf(content, undefined),
    };
    return { ...this.#delivery(by, event), target, targetAuthor: authorOf(by) };
  }

  /** `author`: whose message it was; the remover's own when it is left out. */
  remove(by: Persona, target: readonly NativeMessage[], author?: TargetAuthor): Delivery {
    const common = this.#common(by);
    const sender = {
      ...common.sender,
      kind: author === undefined ? common.sender.kind : ('moderator' as const),
    };
    const event: EventOf<'delete'> = { ...common, sender, kind: 'delete', target: farTarget };
    return { ...this.#delivery(by, event), target, targetAuthor: author ?? authorOf(by) };
  }

  react(
    by: Persona,
    target: readonly NativeMessage[],
    emoji: readonly string[],
    before: Delivery['reactions'],
    author: TargetAuthor,
  ): Delivery {
    const event: EventOf<'reaction'> = {
      ...this.#common(by),
      kind: 'reaction',
      target: farTarget,
      mode: 'set',
      emoji: [...emoji],
    };
    return { ...this.#delivery(by, event), target, targetAuthor: author, reactions: before };
  }

  membership(by: Persona, change: EventOf<'membership'>['change']): Delivery {
    const subject = { nativeId: by.person, displayName: by.name };
    return this.#delivery(by, { ...this.#common(by), kind: 'membership', change, subject });
  }

  channel(by: Persona, what: { name: string } | { topic: string }): Delivery {
    return this.#delivery(by, { ...this.#common(by), kind: 'channel', ...what });
  }

  #common(by: Persona): Pick<Event, 'v' | 'id' | 'origin' | 'sender' | 'sentAt' | 'acceptedAt' | 'hops'> {
    const { now, newId } = this.#place;
    const id = newId();
    return {
      v: EVENT_VERSION,
      // A UUID of any version, said to be the seventh: nobody here reads the time in it.
      id: eventId(`${id.slice(0, 14)}7${id.slice(15)}`),
      origin: {
        network: by.network,
        channel: this.#place.channel,
        nativeId: nativeId(`far-${id}`),
        revision: '1',
        aliases: [],
      },
      sender: { nativeId: by.person, displayName: by.name, kind: 'person' },
      sentAt: now(),
      acceptedAt: now(),
      hops: [],
    };
  }

  #delivery(by: Persona, event: Event): Delivery {
    return {
      key: event.id,
      room: roomId('room'),
      link: linkId('near'),
      channel: this.#place.channel,
      event,
      persona: by,
      target: [],
      replyTo: null,
      thread: null,
      reactions: {},
      targetAuthor: null,
      maybeSent: false,
    };
  }
}

const farTarget: EventOf<'edit'>['target'] = { natives: [nativeId('far-target')] };

const authorOf = (by: Persona): TargetAuthor => ({ network: by.network, person: by.person, native: false });

/** The author of a message written by a person of the network under test. */
export const nativeAuthor = (network: string, person: PersonId): TargetAuthor => ({
  network: networkId(network),
  person,
  native: true,
});

function contentOf(
  content: string | Body,
  style: EventOf<'message'>['style'] | undefined,
): Pick<EventOf<'message'>, 'body' | 'plain' | 'style' | 'mentions'> {
  const body = typeof content === 'string' ? plainBody(content) : content;
  const plain = typeof content === 'string' ? content : wordsOf(content);
  return { body, plain, style: style ?? 'text', mentions: mentionsOf(body) };
}

type AnyNode = Body | Body['children'][number] | { readonly type: string };

const childrenOf = (node: AnyNode): readonly AnyNode[] => ('children' in node ? node.children : []);

function wordsOf(node: AnyNode): string {
  if ('value' in node && typeof node.value === 'string') return node.value;
  if ('label' in node && typeof node.label === 'string') return `@${node.label}`;
  return childrenOf(node)
    .map(wordsOf)
    .join(node.type === 'root' ? '\n\n' : '');
}

function mentionsOf(node: AnyNode): EventOf<'message'>['mentions'] {
  const own =
    node.type === 'mention' && 'target' in node
      ? [node.target as EventOf<'message'>['mentions'][number]]
      : [];
  return [...own, ...childrenOf(node).flatMap(mentionsOf)];
}
