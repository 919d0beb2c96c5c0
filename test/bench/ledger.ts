import type { Delivery } from '@brygga/contract';
import { TEXT, Wrong } from './job.ts';

/** Links of a room, each on a network of its own. */
export const LINKS = 5;

/** A channel by number: that of its room times LINKS, plus that of its network. */
export type Channel = number;

/**
 * Knows every message that was said and sees every delivery, so that a figure counts only if everything arrived
 * on every other link of its room, once, in one order. Kept cheap: it runs in the process that is measured.
 */
export class Ledger {
  /** Deliveries seen. */
  deliveries = 0;
  /** Deliveries that were made before, by a hub that was not sure of it: the bridge recognises them. */
  repeated = 0;
  /** Messages that reached all other links. */
  complete = 0;
  /** Told of each message that did. */
  completed: (message: number) => void = () => undefined;
  /** By message. */
  readonly #channelOf: Channel[] = [];
  readonly #placeOf: number[] = [];
  readonly #missing: number[] = [];
  readonly #handedAt: number[] = [];
  readonly #arrivedAt: number[] = [];
  /** By channel: messages said there. */
  readonly #said: Int32Array;
  /** By channel and network of origin: messages that arrived. */
  readonly #arrived: Int32Array;
  /** By channel: the hub's date of the last arrival. */
  readonly #lastDate: Float64Array;

  constructor(rooms: number) {
    this.#said = new Int32Array(rooms * LINKS);
    this.#arrived = new Int32Array(rooms * LINKS * LINKS);
    this.#lastDate = new Float64Array(rooms * LINKS);
  }

  get said(): number {
    return this.#channelOf.length;
  }

  /** A new message is about to be said in that channel: its text. */
  say(channel: Channel): string {
    const message = this.#channelOf.push(channel) - 1;
    this.#placeOf.push(this.#said[channel] ?? 0);
    this.#missing.push(LINKS - 1);
    this.#said[channel] = (this.#said[channel] ?? 0) + 1;
    return `${message} ${TEXT}`;
  }

  /** The network hands the message of that text to the hub. Called again when it has to be handed over again. */
  handed(text: string): void {
    const message = Number.parseInt(text, 10);
    this.#handedAt[message] ??= performance.now();
  }

  /** The hub has called `send` for a link of that network. @throws Wrong */
  arrived(network: number, delivery: Delivery): void {
    if (delivery.event.kind !== 'message') throw new Wrong(`a delivery of kind ${delivery.event.kind}`);
    const message = Number.parseInt(delivery.event.plain, 10);
    const from = this.#channelOf[message] ?? Number.NaN;
    const room = Math.floor(from / LINKS);
    const channel = room * LINKS + network;
    if (delivery.channel !== channelName(channel)) {
      throw new Wrong(`message ${message} of ${channelName(from)} came to ${delivery.channel}`);
    }
    const row = channel * LINKS + (from % LINKS);
    if (delivery.maybeSent && (this.#placeOf[message] ?? 0) < (this.#arrived[row] ?? 0)) {
      this.repeated += 1;
      return;
    }
    if (this.#arrived[row] !== this.#placeOf[message]) {
      throw new Wrong(
        `${channelName(channel)} got message number ${this.#placeOf[message]} of ${channelName(from)} when number ` +
          `${this.#arrived[row]} was due: lost, twice, or out of order`,
      );
    }
    this.#arrived[row] = (this.#placeOf[message] ?? 0) + 1;
    const date = delivery.event.acceptedAt;
    if (date <= (this.#lastDate[channel] ?? 0)) {
      throw new Wrong(`${channelName(channel)} does not get the messages in the order of its room`);
    }
    this.#lastDate[channel] = date;
    this.#count(message);
  }

  #count(message: number): void {
    this.deliveries += 1;
    const missing = (this.#missing[message] ?? 0) - 1;
    this.#missing[message] = missing;
    if (missing > 0) return;
    this.complete += 1;
    this.#arrivedAt[message] = performance.now();
    this.completed(message);
  }

  /** ms from the hub being handed the message to its last link being sent it. */
  added(message: number): number {
    return (this.#arrivedAt[message] ?? Number.NaN) - (this.#handedAt[message] ?? Number.NaN);
  }

  roomOf(message: number): number {
    return Math.floor((this.#channelOf[message] ?? Number.NaN) / LINKS);
  }

  saidIn(channel: Channel): number {
    return this.#said[channel] ?? 0;
  }

  /** What one channel has got from the others, all networks together. */
  gotten(channel: Channel): number {
    let sum = 0;
    for (let network = 0; network < LINKS; network++) sum += this.#arrived[channel * LINKS + network] ?? 0;
    return sum;
  }

  /** @throws Wrong when not everything said has arrived everywhere */
  assertWhole(): void {
    if (this.complete !== this.said || this.deliveries !== this.said * (LINKS - 1)) {
      throw new Wrong(
        `${this.said} messages were said, ${this.complete} reached every link (${this.deliveries} deliveries)`,
      );
    }
  }
}

export const channelName = (channel: Channel): string => `room-${Math.floor(channel / LINKS)}`;
