import { type Bus, type OutboxItem, personKey } from '@brygga/bus';
import {
  type Bridge,
  type Clock,
  CODES,
  type Delivery,
  done,
  type Feature,
  faultOf,
  type Log,
  type Outcome,
  unsure,
} from '@brygga/contract';
import type { EventOf, Target } from '@brygga/event';
import { editInWords, timeWords, WORDS, withTime } from '@brygga/policy';
import { deliveryKey } from '../ids.ts';
import type { Personas } from '../personas.ts';
import type { Link } from '../rooms.ts';
import { type SendWindow, SendWindows } from './send-window.ts';

export interface DispatchParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly personas: Personas;
  readonly log: Log;
  /** What was accepted longer ago carries its time in words where the network shows none. */
  readonly lateMs: number;
  /** Aborts when the sends under way are to be cut short. */
  readonly cut: AbortSignal;
}

/** A delivery ready to be sent; `nothing`: the message it is about is not on this link, so there is no sending. */
export type Prepared =
  | { readonly delivery: Delivery; readonly lost?: readonly Feature[] }
  | { readonly nothing: Outcome };

const NO_PARTS: Delivery['target'] = [];

/** Whether the hub can work with it. */
function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'done') return 'messages' in value && isMessages(value.messages);
  const known = value.kind === 'later' || value.kind === 'refused' || value.kind === 'unsure';
  return known && 'code' in value && typeof value.code === 'string' && Object.hasOwn(CODES, value.code);
}

const isMessages = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((one: unknown) => typeof one === 'object' && one !== null && 'id' in one && isId(one.id));
const isId = (value: unknown): boolean => typeof value === 'string' && value !== '';

/**
 * Station 4: the head is rendered and sent. Native ids of what it refers to are looked up here, not when it was
 * planned, since by now the earlier deliveries of the lane are recorded.
 */
export class DispatchStation {
  readonly #parts: DispatchParts;
  readonly #windows: SendWindows;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    this.#windows = new SendWindows(parts.clock, () => this.#late());
    parts.cut.addEventListener('abort', () => this.#windows.cut(), { once: true });
  }

  prepare(link: Link, item: OutboxItem, maybeSent: boolean): Prepared | Promise<Prepared> {
    const { event } = item;
    if (event.kind === 'message' && this.#untimely(link, item)) {
      const { language, timeZone } = link;
      const said = WORDS[language].written(timeWords(event.sentAt, language, timeZone));
      return this.#dated(this.#prepare(link, { ...item, event: withTime(event, said) }, maybeSent));
    }
    return this.#prepare(link, item, maybeSent);
  }

  /** Whether it comes late to a network that would show the time of its arrival. */
  #untimely({ manifest }: Link, { event, hub }: OutboxItem): boolean {
    const { clock, lateMs } = this.#parts;
    return !hub && manifest.features.originalTime.out !== 'full' && clock.now() - event.acceptedAt >= lateMs;
  }

  async #dated(preparing: Prepared | Promise<Prepared>): Promise<Prepared> {
    const prepared = await preparing;
    return 'delivery' in prepared ? { ...prepared, lost: ['originalTime'] } : prepared;
  }

  #prepare(link: Link, item: OutboxItem, maybeSent: boolean): Prepared | Promise<Prepared> {
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

  /**
   * Calls `send` for each in order without waiting in between; all share the network's time limit. A bridge
   * that does not even answer to the abort is not waited for.
   */
  send(bridge: Bridge, prepared: readonly Prepared[], link: Link): Promise<readonly Outcome[]> {
    const window = this.#windows.begin(prepared.length, link.manifest.limits.sendTimeoutMs);
    for (const [index, one] of prepared.entries()) {
      if ('nothing' in one) window.settle(index, one.nothing);
      else void this.#send(bridge, one.delivery, index, window);
    }
    return window.outcomes;
  }

  #late(): Outcome {
    return unsure(this.#parts.cut.aborted ? 'HUB_STOPPING' : 'NO_ANSWER');
  }

  /**
   * Never rejects. What a bridge throws, and an answer that is none, is a defect, and may have come after the
   * sending.
   */
  async #send(bridge: Bridge, delivery: Delivery, index: number, window: SendWindow): Promise<void> {
    const { link, room, event } = delivery;
    let settled: Outcome = unsure('BRIDGE_FAULT');
    try {
      const outcome: unknown = await bridge.send(delivery, window.signal);
      if (isOutcome(outcome)) return window.settle(index, outcome);
      this.#parts.log.error('bridge.fault', { link, room, event: event.id, reason: 'not-an-outcome' });
    } catch (error) {
      if (window.signal.aborted) settled = this.#late();
      else this.#parts.log.error('bridge.fault', { link, room, event: event.id, fault: faultOf(error) });
    }
    window.settle(index, settled);
  }

  #base(link: Link, item: OutboxItem, maybeSent: boolean): Delivery {
    const { event, status } = item;
    const delivery: Delivery = {
      key: deliveryKey(event.id, link.id, item.beside),
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
    return status === undefined ? delivery : { ...delivery, status };
  }

  async #related(link: Link, base: Delivery, event: EventOf<'message'>): Promise<Prepared> {
    const [replyTo, root, author] = await Promise.all([
      this.#natives(link, event.replyTo),
      this.#natives(link, event.thread),
      this.#author(link, event.replyTo),
    ]);
    const first = root[0];
    const last = first === undefined ? undefined : ((await this.#threadBefore(link, event)) ?? first);
    const thread = first === undefined || last === undefined ? null : { root: first, last };
    return { delivery: { ...base, replyTo: replyTo[0] ?? null, thread, targetAuthor: author } };
  }

  async #about(
    link: Link,
    base: Delivery,
    event: EventOf<'edit' | 'delete' | 'reaction'>,
  ): Promise<Prepared> {
    const target = await this.#natives(link, event.target);
    if (target.length === 0) return this.#withoutTarget(link, base, event);
    const about = event.kind === 'reaction' ? event.target.event : undefined;
    const person = personKey({ network: event.origin.network, person: event.sender.nativeId });
    const [targetAuthor, reactions] = await Promise.all([
      this.#author(link, event.target),
      about === undefined ? {} : this.#parts.bus.idMap.reacted(link.room, about, link.id, person),
    ]);
    return { delivery: { ...base, target, targetAuthor, reactions } };
  }

  /** The message was withheld from this link, or is older than it: a new text is said, the rest has no object. */
  #withoutTarget(
    { language }: Link,
    base: Delivery,
    event: EventOf<'edit' | 'delete' | 'reaction'>,
  ): Prepared {
    if (event.kind !== 'edit')
      return { nothing: done([], { lost: [event.kind === 'delete' ? 'deleteOwn' : 'reaction'] }) };
    return { delivery: { ...base, event: editInWords(event, WORDS[language]) } };
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

  async #threadBefore(link: Link, event: EventOf<'message'>): Promise<Delivery['replyTo'] | undefined> {
    const { idMap } = this.#parts.bus;
    const known = await idMap.known(link.room, event.id);
    if (known?.threadBefore == null) return undefined;
    return (await idMap.natives(link.room, known.threadBefore, link.id)).at(-1);
  }
}
