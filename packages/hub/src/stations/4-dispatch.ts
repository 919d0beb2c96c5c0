import { type Bus, type OutboxItem, personKey } from '@brygga/bus';
import {
  type Bridge,
  type Clock,
  CODES,
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
  /** Aborts when the sends under way are to be cut short. */
  readonly cut: AbortSignal;
}

/** A delivery ready to be sent; `nothing`: the message it is about is not on this link, so there is no sending. */
export type Prepared = { readonly delivery: Delivery } | { readonly nothing: Outcome };

const NO_PARTS: Delivery['target'] = [];
/** How long a bridge may take to settle a send that was aborted. */
const GRACE_MS = 2000;

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

/** The sends of one call: settled one by one, or all at once some time after they were aborted. */
class Window {
  readonly outcomes: Promise<readonly Outcome[]>;
  readonly #clock: Clock;
  readonly #settled: (Outcome | undefined)[];
  readonly #late: () => Outcome;
  readonly #limit = new AbortController();
  #resolve: (outcomes: readonly Outcome[]) => void = () => undefined;
  #cancelGrace: () => void = () => undefined;
  #left: number;

  constructor(clock: Clock, size: number, late: () => Outcome) {
    this.#clock = clock;
    this.#settled = new Array<Outcome | undefined>(size);
    this.#late = late;
    this.#left = size;
    this.outcomes = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (size === 0) this.#end();
  }

  get limit(): AbortSignal {
    return this.#limit.signal;
  }

  settle(index: number, outcome: Outcome): void {
    if (this.#settled[index] !== undefined) return; // too late: it counts as not answered
    this.#settled[index] = outcome;
    this.#left -= 1;
    if (this.#left === 0) this.#end();
  }

  abort(): void {
    if (this.#limit.signal.aborted) return;
    this.#limit.abort();
    this.#cancelGrace = this.#clock.after(GRACE_MS, () => this.#end());
  }

  #end(): void {
    this.#cancelGrace();
    for (let index = 0; index < this.#settled.length; index++) this.#settled[index] ??= this.#late();
    this.#resolve(this.#settled as Outcome[]);
  }
}

/**
 * Station 4: the head is rendered and sent. Native ids of what it refers to are looked up here, not when it was
 * planned, since by now the earlier deliveries of the lane are recorded.
 */
export class DispatchStation {
  readonly #parts: DispatchParts;
  /** Windows under way: one listener for all, since adding to a signal costs the more the more it has. */
  readonly #windows = new Set<Window>();

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    const cut = (): void => {
      for (const window of this.#windows) window.abort();
    };
    parts.cut.addEventListener('abort', cut, { once: true });
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

  /**
   * Calls `send` for each in order without waiting in between; all share the network's time limit. A bridge
   * that does not even answer to the abort is not waited for.
   */
  async send(bridge: Bridge, prepared: readonly Prepared[], link: Link): Promise<readonly Outcome[]> {
    const { clock, cut } = this.#parts;
    const window = new Window(clock, prepared.length, () => this.#late());
    this.#windows.add(window);
    const cancel = clock.after(link.manifest.limits.sendTimeoutMs, () => window.abort());
    if (cut.aborted) window.abort();
    for (const [index, one] of prepared.entries()) {
      if ('nothing' in one) window.settle(index, one.nothing);
      else void this.#send(bridge, one.delivery, index, window);
    }
    const outcomes = await window.outcomes;
    cancel();
    this.#windows.delete(window);
    return outcomes;
  }

  #late(): Outcome {
    return unsure(this.#parts.cut.aborted ? 'HUB_STOPPING' : 'NO_ANSWER');
  }

  /**
   * Never rejects. What a bridge throws, and an answer that is none, is a defect, and may have come after the
   * sending.
   */
  async #send(bridge: Bridge, delivery: Delivery, index: number, window: Window): Promise<void> {
    const { link, room, event } = delivery;
    let settled: Outcome = unsure('BRIDGE_FAULT');
    try {
      const outcome: unknown = await bridge.send(delivery, window.limit);
      if (isOutcome(outcome)) return window.settle(index, outcome);
      this.#parts.log.error('bridge.fault', { link, room, event: event.id, reason: 'not-an-outcome' });
    } catch (error) {
      if (window.limit.aborted) settled = this.#late();
      else this.#parts.log.error('bridge.fault', { link, room, event: event.id, fault: faultOf(error) });
    }
    window.settle(index, settled);
  }

  #base(link: Link, item: OutboxItem, maybeSent: boolean): Delivery {
    const { event } = item;
    return {
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
    if (target.length === 0) return this.#withoutTarget(base, event);
    const about = event.kind === 'reaction' ? event.target.event : undefined;
    const person = personKey({ network: event.origin.network, person: event.sender.nativeId });
    const [targetAuthor, reactions] = await Promise.all([
      this.#author(link, event.target),
      about === undefined ? {} : this.#parts.bus.idMap.reacted(link.room, about, link.id, person),
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

  async #threadBefore(link: Link, event: EventOf<'message'>): Promise<Delivery['replyTo'] | undefined> {
    const { idMap } = this.#parts.bus;
    const known = await idMap.known(link.room, event.id);
    if (known?.threadBefore == null) return undefined;
    return (await idMap.natives(link.room, known.threadBefore, link.id)).at(-1);
  }
}
