import type { Delivery } from '@brygga/contract';
import { TEXT, Wrong } from './job.ts';

/** Links of a room, each on a network of its own. */
export const LINKS = 5;

/** A channel by number: that of its room times LINKS, plus that of its network. */
export type Channel = number;

/** The newest messages by number that are remembered: several times as many as are ever under way at once. */
const REMEMBERED = 2 ** 18;

/**
 * Knows every message that was said and sees every delivery, so that a figure counts only if everything arrived
 * on every other link of its room, once, in one order. Kept cheap, and of one size: it runs in the process that is
 * measured.
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
  /** Messages said. */
  said = 0;
  /** By message, its number taken modulo REMEMBERED. */
  readonly #channelOf = new Int32Array(REMEMBERED);
  readonly #placeOf = new Int32Array(REMEMBERED);
  readonly #missing = new Int8Array(REMEMBERED);
  readonly #handedAt = new Float64Array(REMEMBERED);
  readonly #arrivedAt = new Float64Array(REMEMBERED);
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

  /** A new message is about to be said in that channel: its text. @throws Wrong */
  say(channel: Channel): string {
    const message = this.said;
    const at = message % REMEMBERED;
    if ((this.#missing[at] ?? 0) > 0)
      throw new Wrong(`message ${message - REMEMBERED} has not arrived while ${REMEMBERED} others were said`);
    this.said += 1;
    this.#channelOf[at] = channel;
    this.#placeOf[at] = this.#said[channel] ?? 0;
    this.#missing[at] = LINKS - 1;
    this.#handedAt[at] = Number.NaN;
    this.#said[channel] = (this.#said[channel] ?? 0) + 1;
    return `${message} ${TEXT}`;
  }

  /** The network hands the message of that text to the hub. Called again when it has to be handed over again. */
  handed(text: string): void {
    const at = Number.parseInt(text, 10) % REMEMBERED;
    if (Number.isNaN(this.#handedAt[at])) this.#handedAt[at] = performance.now();
  }

  /** The hub has called `send` for a link of that network. @throws Wrong */
  arrived(network: number, delivery: Delivery): void {
    if (delivery.event.kind !== 'message') throw new Wrong(`a delivery of kind ${delivery.event.kind}`);
    const message = Number.parseInt(delivery.event.plain, 10);
    const from = this.#channelOf[message % REMEMBERED] ?? Number.NaN;
    const place = this.#placeOf[message % REMEMBERED] ?? Number.NaN;
    const channel = Math.floor(from / LINKS) * LINKS + network;
    if (delivery.channel !== channelName(channel)) {
      throw new Wrong(`message ${message} of ${channelName(from)} came to ${delivery.channel}`);
    }
    const row = channel * LINKS + (from % LINKS);
    if (delivery.maybeSent && place < (this.#arrived[row] ?? 0)) {
      this.repeated += 1;
      return;
    }
    if (this.#arrived[row] !== place) {
      throw new Wrong(
        `${channelName(channel)} got message number ${place} of ${channelName(from)} when number ` +
          `${this.#arrived[row]} was due: lost, twice, or out of order`,
      );
    }
    this.#arrived[row] = place + 1;
    const date = delivery.event.acceptedAt;
    if (date <= (this.#lastDate[channel] ?? 0)) {
      throw new Wrong(`${channelName(channel)} does not get the messages in the order of its room`);
    }
    this.#lastDate[channel] = date;
    this.#count(message);
  }

  #count(message: number): void {
    const at = message % REMEMBERED;
    this.deliveries += 1;
    const missing = (this.#missing[at] ?? 0) - 1;
    this.#missing[at] = missing;
    if (missing > 0) return;
    this.complete += 1;
    this.#arrivedAt[at] = performance.now();
    this.completed(message);
  }

  /** ms from the hub being handed the message to its last link being sent it. */
  added(message: number): number {
    return (
      (this.#arrivedAt[message % REMEMBERED] ?? Number.NaN) -
      (this.#handedAt[message % REMEMBERED] ?? Number.NaN)
    );
  }

  roomOf(message: number): number {
    return Math.floor((this.#channelOf[message % REMEMBERED] ?? Number.NaN) / LINKS);
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
