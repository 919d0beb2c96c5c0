import { randomUUID } from 'node:crypto';
import {
  type Accepted,
  type Bridge,
  type BridgeContext,
  type Delivery,
  done,
  FEATURES,
  type Feature,
  type Grade,
  graded,
  type Limits,
  type Manifest,
  type Outcome,
  type Persona,
} from '@brygga/contract';
import {
  type ChannelId,
  channelId,
  IncomingEvent,
  type NativeId,
  nativeId,
  networkId,
  type PersonId,
  personId,
  plainBody,
} from '@brygga/event';
import { waitFor } from '@brygga/testkit';

const LIMITS: Limits = {
  textBytes: 10_000,
  partsMax: 5,
  editAgeMs: null,
  fileBytes: 1_000_000,
  reactions: 'any',
  sendWindow: 1,
  sendWindowOf: 'person',
  sendTimeoutMs: 5000,
};

export function manifest(out: Partial<Record<Feature, Grade>> = {}, limits: Partial<Limits> = {}): Manifest {
  const features = FEATURES.map((feature) => [
    feature,
    graded('full', out[feature] ?? 'full', 'as the case needs it'),
  ]);
  return {
    protocol: 'fake',
    title: 'Fake',
    specifications: [],
    features: Object.fromEntries(features) as Manifest['features'],
    limits: { ...LIMITS, ...limits },
    idempotency: 'key',
    people: 'ghosts',
  };
}

/** A message as the people of the network see it. */
export interface Shown {
  readonly id: NativeId;
  readonly channel: ChannelId;
  readonly key: string;
  /** Null: the hub itself spoke. */
  readonly by: string | null;
  readonly replyTo: NativeId | null;
  readonly acceptedAt: number;
  text: string;
  deleted: boolean;
  /** Emoji by the name of who reacted. */
  readonly reactions: Map<string, readonly string[]>;
}

/** What `send` does instead of letting the delivery arrive; null: it arrives. */
export type Answer = (delivery: Delivery, tries: number) => Outcome | Promise<Outcome> | null;

interface Saying {
  readonly person?: string;
  readonly name?: string;
  readonly channel?: string;
  readonly native?: string;
  readonly more?: object;
}

/**
 * A network in memory that is there for several hub processes at once. It has idempotency by delivery key: what
 * is sent again shows once.
 */
export class FakeNetwork {
  readonly id;
  readonly manifest: Manifest;
  /** Every call of `send`. */
  readonly tries: Delivery[] = [];
  readonly shown: Shown[] = [];
  readonly attached: ChannelId[] = [];
  readonly typed: { readonly persona: Persona; readonly active: boolean }[] = [];
  answer: Answer = () => null;
  /** How many bridges were open at the same time. */
  mostOpen = 0;
  /** The bridges that are open, with their contexts: one a process that speaks to the network. */
  readonly open = new Map<Bridge, BridgeContext<unknown>>();

  constructor(id: string, made: Manifest = manifest()) {
    this.id = networkId(id);
    this.manifest = made;
  }

  /** A bridge to this network for one hub process. */
  bridge(): Bridge {
    const bridge: Bridge = {
      manifest: this.manifest,
      open: async (ctx) => {
        this.open.set(bridge, ctx);
        this.mostOpen = Math.max(this.mostOpen, this.open.size);
        ctx.state('up');
      },
      close: async () => void this.open.delete(bridge),
      attach: async (channel) => void this.attached.push(channel),
      detach: async () => undefined,
      send: (delivery) => this.send(delivery),
      check: async () => [],
      typing: async (_channel, persona, active) => void this.typed.push({ persona, active }),
    };
    return bridge;
  }

  get ctx(): BridgeContext<unknown> {
    const [ctx] = this.open.values();
    if (ctx === undefined) throw new Error(`nobody speaks to ${this.id}`);
    return ctx;
  }

  async send(delivery: Delivery): Promise<Outcome> {
    this.tries.push(delivery);
    const tries = this.tries.filter(({ key }) => key === delivery.key).length;
    return (await this.answer(delivery, tries)) ?? this.arrive(delivery);
  }

  /** What the network does with a delivery that reaches it. */
  arrive(delivery: Delivery): Outcome {
    const { event, target } = delivery;
    const meant = this.shown.find(({ id }) => id === target[0]?.id);
    switch (event.kind) {
      case 'message':
        return done([{ id: this.#show(delivery).id }]);
      case 'edit':
        if (meant !== undefined) meant.text = event.plain;
        return done(target);
      case 'delete':
        if (meant !== undefined) meant.deleted = true;
        return done([]);
      case 'reaction':
        meant?.reactions.set(delivery.persona?.label ?? '', event.emoji);
        return done([], { reactions: Object.fromEntries(event.emoji.map((one) => [one, nativeId(one)])) });
      default:
        return done([]);
    }
  }

  #show({ key, channel, event, persona, replyTo }: Delivery): Shown {
    const known = this.shown.find((one) => one.key === key);
    if (known !== undefined) return known;
    const shown: Shown = {
      id: nativeId(`${this.id}-${this.shown.length}`),
      channel,
      key,
      by: persona?.label ?? null,
      replyTo: replyTo?.id ?? null,
      acceptedAt: event.acceptedAt,
      text: event.kind === 'message' ? event.plain : '',
      deleted: false,
      reactions: new Map(),
    };
    this.shown.push(shown);
    return shown;
  }

  /** The texts people see, in their order; what the hub itself says left out. */
  get texts(): string[] {
    return this.shown.filter(({ by, deleted }) => by !== null && !deleted).map(({ text }) => text);
  }

  /** What the hub itself said. */
  get notices(): string[] {
    return this.shown.filter(({ by }) => by === null).map(({ text }) => text);
  }

  find(text: string): Shown {
    const found = this.shown.find((one) => one.text === text);
    if (found === undefined) throw new Error(`nothing on ${this.id} says that`);
    return found;
  }

  /** Somebody writes, and the network says it again, as networks do, until the hub has taken it. */
  async insist(text: string, saying: Saying = {}): Promise<void> {
    const event = this.incoming(saying, { kind: 'message', plain: text, body: plainBody(text) });
    await waitFor(() => this.accept(event), { withinMs: 60_000, everyMs: 20, what: 'the message is taken' });
  }

  /** Somebody writes; resolves when the hub has taken it. Returns the native id. */
  async say(text: string, saying: Saying = {}): Promise<NativeId> {
    const event = this.incoming(saying, {
      kind: 'message',
      plain: text,
      body: plainBody(text),
      ...saying.more,
    });
    await this.accept(event);
    return event.origin.nativeId;
  }

  async edit(target: NativeId, text: string, saying: Saying = {}): Promise<void> {
    const words = { target: { natives: [target] }, plain: text, body: plainBody(text) };
    await this.accept(this.incoming(saying, { kind: 'edit', ...words, ...saying.more }));
  }

  /** Returns the id of the removal. */
  async remove(target: NativeId, saying: Saying = {}): Promise<void> {
    await this.accept(
      this.incoming(saying, { kind: 'delete', target: { natives: [target] }, ...saying.more }),
    );
  }

  async react(
    target: NativeId,
    mode: 'set' | 'add' | 'remove',
    emoji: readonly string[],
    saying: Saying = {},
  ): Promise<NativeId> {
    const event = this.incoming(saying, { kind: 'reaction', target: { natives: [target] }, mode, emoji });
    await this.accept(event);
    return event.origin.nativeId;
  }

  accept(...events: IncomingEvent[]): Promise<Accepted> {
    const channel = events[0]?.origin.channel ?? channelId('c');
    return this.ctx.accept({ channel, events });
  }

  /** An event of this network: the parts all have in common, and what is given. */
  incoming(
    { person = 'ada', name, channel = 'c', native = randomUUID() }: Saying,
    rest: object,
  ): IncomingEvent {
    const sender = { nativeId: this.#person(person), displayName: name ?? person, kind: 'person' };
    const origin = { network: this.id, channel: channelId(channel), nativeId: nativeId(native) };
    const common = { v: 1, origin, sender, sentAt: 1 };
    return IncomingEvent.parse({ ...common, ...rest });
  }

  #person(name: string): PersonId {
    return personId(`${name}@${this.id}`);
  }
}

/** Makes the person who acts a moderator of their network. */
export const asModerator = (person: string, network: FakeNetwork): Saying => ({
  person,
  more: { sender: { nativeId: `${person}@${network.id}`, displayName: person, kind: 'moderator' } },
});
