import type { InboxItem, Planned } from '@brygga/bus';

/** Most items taken together. */
const ITEMS_MAX = 200;

interface Arrival {
  readonly items: readonly InboxItem[];
  /** Items that were in the lane before them. */
  readonly before: number;
}

/**
 * The first items of an inbox that is owned here. What comes behind them is taken along without being read from
 * Redis as long as nothing stands between. That is known for certain: nobody but the owner takes items out, so as
 * many before the new ones as are here means that they are the same.
 */
export class Gathering {
  #items: InboxItem[];
  /** Whether the items are all there is in the lane. */
  #whole: boolean;
  /** A date of the room's clock: what is not newer was there when the items were last told. */
  #clock = 0;
  /** Came while the items are being planned; null while they wait. */
  #meanwhile: Arrival[] | null = null;
  #counted = 0;

  constructor(items: readonly InboxItem[], whole: boolean) {
    this.#items = [...items];
    this.#whole = whole;
    this.#date(items);
  }

  /** Whether nothing has to be read from Redis behind the items. */
  get whole(): boolean {
    return this.#whole;
  }

  /** The items, to be planned. Then comes `planned`. */
  take(): readonly InboxItem[] {
    this.#meanwhile = [];
    this.#counted = 0;
    return this.#items;
  }

  add(arrival: Arrival): void {
    if (!this.#whole || dateOf(arrival) <= this.#clock) return;
    if (this.#meanwhile === null) this.#append(arrival);
    else this.#note(arrival, this.#meanwhile);
  }

  #note(arrival: Arrival, meanwhile: Arrival[]): void {
    this.#counted += arrival.items.length;
    if (this.#counted > ITEMS_MAX) this.#whole = false;
    else meanwhile.push(arrival);
  }

  /** `taken` were planned, which may have been read meanwhile; the answer tells what is left. */
  planned(taken: readonly InboxItem[], { left, next, clock }: Planned): void {
    const meanwhile = this.#meanwhile ?? [];
    this.#meanwhile = null;
    const read = next.length > 0 || taken !== this.#items;
    const earlier = meanwhile.filter((arrival) => dateOf(arrival) <= clock);
    this.#items = [...next];
    if (read) this.#whole = next.length === left;
    else this.#join(earlier, taken.length, left);
    this.#clock = clock;
    for (const arrival of meanwhile) this.add(arrival);
  }

  /** What came before the taken ones left the lane: it stood behind them. */
  #join(earlier: readonly Arrival[], taken: number, left: number): void {
    for (const { items, before } of earlier) this.#append({ items, before: before - taken });
    this.#whole &&= this.#items.length === left;
    if (!this.#whole) this.#items = [];
  }

  #append({ items, before }: Arrival): void {
    this.#whole &&= before === this.#items.length && before + items.length <= ITEMS_MAX;
    if (!this.#whole) return;
    this.#items.push(...items);
    this.#date(items);
  }

  #date(items: readonly InboxItem[]): void {
    for (const { event } of items) this.#clock = Math.max(this.#clock, event.acceptedAt);
  }
}

/** When the first of them was accepted. */
const dateOf = ({ items }: Arrival): number => items[0]?.event.acceptedAt ?? 0;
