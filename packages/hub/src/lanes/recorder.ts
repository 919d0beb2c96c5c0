import {
  type Bus,
  type Claim,
  type DeliveryRecord,
  type Left,
  LOST,
  type Lost,
  type OutboxItem,
} from '@brygga/bus';
import type { LinkId } from '@brygga/event';

/**
 * Deliveries that may be done and not yet recorded. A process that takes the lane over treats as many as maybe
 * sent.
 */
export const UNRECORDED_MAX = 64;

/**
 * Station 5 of one lane: while one record is under way the next deliveries gather, and go into Redis together.
 * Heads are released in order, each with its id map entry in the same step.
 */
export class Recorder {
  readonly #bus: Bus;
  readonly #claim: Claim<OutboxItem>;
  readonly #link: LinkId;
  #records: DeliveryRecord[] = [];
  #released = 0;
  #wanted = false;
  #last: Left<OutboxItem> | Lost | null = null;
  #writing: Promise<void> | null = null;
  #error: unknown = null;

  constructor(bus: Bus, claim: Claim<OutboxItem>, link: LinkId) {
    this.#bus = bus;
    this.#claim = claim;
    this.#link = link;
  }

  /** Notes one delivery as done. `wanted`: nothing more is at hand, so read what comes next. */
  add(records: readonly DeliveryRecord[], wanted: boolean): void {
    this.#records.push(...records);
    this.#released += 1;
    this.#wanted = wanted;
    this.#writing ??= this.#write();
  }

  /** Waits while too many are not recorded; `stop` when the lane is lost. @throws when Redis did not answer */
  async room(): Promise<'on' | 'stop'> {
    while (this.#released >= UNRECORDED_MAX && this.#writing !== null) await this.#writing;
    if (this.#error !== null) throw this.#error;
    return this.#last === LOST ? 'stop' : 'on';
  }

  /**
   * Waits until all is recorded. What the last record left in the lane, or null when there was none since.
   * @throws when Redis did not answer
   */
  async settled(): Promise<Left<OutboxItem> | Lost | null> {
    while (this.#writing !== null) await this.#writing;
    if (this.#error !== null) throw this.#error;
    const last = this.#last;
    if (last !== LOST) this.#last = null;
    return last;
  }

  async #write(): Promise<void> {
    try {
      while (this.#released > 0 && this.#last !== LOST) {
        const [records, released] = [this.#records, this.#released];
        this.#records = [];
        this.#released = 0;
        this.#last = await this.#bus.record(this.#claim, this.#link, records, released, this.#wanted);
      }
    } catch (error) {
      this.#error = error;
    } finally {
      this.#writing = null;
    }
  }
}
