import { type Bus, type OutboxItem, personKey } from '@brygga/bus';
import {
  type Bridge,
  type Clock,
  type Delivery,
  done,
  faultOf,
  type Log,
  type Outcome,
  unsure,
} from '@brygga/contract';
import type { EventOf, Target } from '@brygga/event';
import { editInWords, type Words } from '@brygga/policy';
import { deliveryKey } from '../ids.ts';
import type { Personas } from '../personas.ts';
import type { Link } from '../rooms.ts';

export interface DispatchParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly personas: Personas;
  readonly log: Log;
  readonly words: Words;
}

/** A delivery ready to be sent; `nothing`: the message it is about is not on this link, so there is no sending. */
export type Prepared = { readonly delivery: Delivery } | { readonly nothing: Outcome };

const NO_PARTS: Delivery['target'] = [];

/**
 * Station 4: the head is rendered and sent. Native ids of what it refers to are looked up here, not when it was
 * planned, since by now the earlier deliveries of the lane are recorded.
 */
export class DispatchStation {
  readonly #parts: DispatchParts;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  prepare(link: Link, item: OutboxItem, maybeSent: boolean): Prepared | Promise<Prepared> {
    const { event } = item;
    const base = this.#base(link, item, maybeSent);
    switch (event.kind) {
      case 'message':
        return event.replyTo?.event === undefined && event.thread?.event === undefined
          ? { delivery: base }
          : this.#related(link, base, event);
      case 'edit':
      case 'delete':
      case 'reaction':
        return this.#about(link, base, event);
      default:
        return { delivery: base };
    }
  }

  /** Calls `send` for each in order without waiting in between; all share the network's time limit. */
  async send(
    bridge: Bridge,
    prepared: readonly Prepared[],
    link: Link,
    cut: AbortSignal,
  ): Promise<Outcome[]> {
    const limit = new AbortController();
    const abort = (): void => limit.abort();
    const cancel = this.#parts.clock.after(link.manifest.limits.sendTimeoutMs, abort);
    cut.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.all(
        prepared.map((one) =>
          'nothing' in one ? one.nothing : this.#send(bridge, one.delivery, limit.signal),
        ),
      );
    } finally {
      cancel();
      cut.removeEventListener('abort', abort);
    }
  }

  /** Never rejects. What a bridge throws is a defect, and may have happened after the sending. */
  async #send(bridge: Bridge, delivery: Delivery, limit: AbortSignal): Promise<Outcome> {
    try {
      return await bridge.send(delivery, limit);
    } catch (error) {
      if (limit.aborted) return unsure('NO_ANSWER');
      const { link, room, event } = delivery;
      this.#parts.log.error('bridge.fault', { link, room, event: event.id, fault: faultOf(error) });
      return unsure('BRIDGE_FAULT');
    }
  }

  #base(link: Link, item: OutboxItem, maybeSent: boolean): Delivery {
    const { event } = item;
    return {
      key: deliveryKey(event.id, link.id),
      room: link.room,
      link: link.id,
      channel: link.channel,
      event,
      persona: item.hub ? null : this.#parts.personas.of(event.origin.network, event.sender),
      target: NO_PARTS,
      replyTo: null,
      thread: null,
      reactions: {},
      targetAuthor: null,
      maybeSent,
    };
  }

  async #related(link: Link, base: Delivery, event: EventOf<'message'>): Promise<Prepared> {
    const [replyTo, root, author] = await Promise.all([
      this.#natives(link, event.replyTo),
      this.#natives(link, event.thread),
      this.#author(link, event.replyTo),
    ]);
    const first = root[0];
    const last = first === undefined ? undefined : ((await this.#threadLast(link, event)) ?? first);
    const thread = first === undefined || last === undefined ? null : { root: first, last };
    return { delivery: { ...base, replyTo: replyTo[0] ?? null, thread, targetAuthor: author } };
  }

  async #about(
    link: Link,
    base: Delivery,
    event: EventOf<'edit' | 'delete' | 'reaction'>,
  ): Promise<Prepared> {
    const target = await this.#natives(link, event.target);
    if (target.length === 0) return this.#withoutTarget(base, event);
    const reacting = event.kind === 'reaction' && event.target.event !== undefined;
    const person = personKey({ network: event.origin.network, person: event.sender.nativeId });
    const [targetAuthor, reactions] = await Promise.all([
      this.#author(link, event.target),
      reacting && event.target.event !== undefined
        ? this.#parts.bus.idMap.reacted(link.room, event.target.event, link.id, person)
        : {},
    ]);
    return { delivery: { ...base, target, targetAuthor, reactions } };
  }

  /** The message was withheld from this link, or is older than it: a new text is said, the rest has no object. */
  #withoutTarget(base: Delivery, event: EventOf<'edit' | 'delete' | 'reaction'>): Prepared {
    if (event.kind !== 'edit')
      return { nothing: done([], { lost: [event.kind === 'delete' ? 'deleteOwn' : 'reaction'] }) };
    return { delivery: { ...base, event: editInWords(event, this.#parts.words) } };
  }

  async #natives(link: Link, target: Target | undefined): Promise<Delivery['target']> {
    return target?.event === undefined
      ? NO_PARTS
      : this.#parts.bus.idMap.natives(link.room, target.event, link.id);
  }

  async #author(link: Link, target: Target | undefined): Promise<Delivery['targetAuthor']> {
    if (target?.event === undefined) return null;
    const known = await this.#parts.bus.idMap.known(link.room, target.event);
    return known === null ? null : { ...known.author, native: known.author.network === link.network };
  }

  async #threadLast(link: Link, event: EventOf<'message'>): Promise<Delivery['replyTo'] | undefined> {
    if (event.thread?.event === undefined) return undefined;
    const root = await this.#parts.bus.idMap.known(link.room, event.thread.event);
    if (root?.threadLast == null || root.threadLast === event.id) return undefined;
    const parts = await this.#parts.bus.idMap.natives(link.room, root.threadLast, link.id);
    return parts.at(-1);
  }
}
