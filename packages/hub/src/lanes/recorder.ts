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
 * Deliveries that may be done and not yet recorded, beside those being sent just now. A process that takes the
 * lane over treats as many as maybe sent.
 */
export const UNRECORDED_MAX = 64;

/**
 * Station 5 of one lane: while one record is under way the next deliveries gather, and go into Redis together.
 * Heads are released in order, each with its id map entry in the same step. After a record of which Redis gave
 * no answer nothing more is written: what it released is not known.
 */
export class Recorder {
  readonly #bus: Pick<Bus, 'record'>;
  readonly #claim: Claim<OutboxItem>;
  readonly #link: LinkId;
  /** Gathered for the next record, and how many heads it releases. */
  #records: DeliveryRecord[] = [];
  #gathered = 0;
  #wanted = false;
  /** How many heads the record under way releases. */
  #underWay = 0;
  #step: Promise<void> | null = null;
  #last: Left<OutboxItem> | Lost | null = null;
  #error: { readonly cause: unknown } | null = null;

  constructor(bus: Pick<Bus, 'record'>, claim: Claim<OutboxItem>, link: LinkId) {
    this.#bus = bus;
    this.#claim = claim;
    this.#link = link;
  }

  /**
   * Notes one delivery as done, and what is to be recorded of it. `wanted`: nothing more is at hand, so read what
   * comes next.
   */
  add(record: DeliveryRecord | null, wanted: boolean): void {
    if (record !== null) this.#records.push(record);
    this.#gathered += 1;
    this.#wanted = wanted;
    if (this.#step === null) this.#begin();
  }

  /** Waits while too many are not recorded; `stop` when the lane is lost. @throws when Redis did not answer */
  async room(): Promise<'on' | 'stop'> {
    while (this.#gathered + this.#underWay >= UNRECORDED_MAX && this.#step !== null) await this.#step;
    if (this.#error !== null) throw this.#error.cause;
    return this.#last === LOST ? 'stop' : 'on';
  }

  /**
   * Waits until all is recorded. What the last record left in the lane, or null when there was none since.
   * @throws when Redis did not answer
   */
  async settled(): Promise<Left<OutboxItem> | Lost | null> {
    while (this.#step !== null) await this.#step;
    if (this.#error !== null) throw this.#error.cause;
    const last = this.#last;
    if (last !== LOST) this.#last = null;
    return last;
  }

  #begin(): void {
    if (this.#gathered > 0 && this.#last !== LOST && this.#error === null) this.#step = this.#write();
  }

  /** What is done in the same turn goes together. Never rejects. */
  async #write(): Promise<void> {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const records = this.#records;
    this.#underWay = this.#gathered;
    this.#records = [];
    this.#gathered = 0;
    try {
      this.#last = await this.#bus.record(this.#claim, this.#link, records, this.#underWay, this.#wanted);
    } catch (cause) {
      this.#error = { cause };
    }
    this.#underWay = 0;
    this.#step = null;
    this.#begin();
  }
}
