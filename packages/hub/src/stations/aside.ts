import { type Bus, type InboxItem, waitOf } from '@brygga/bus';
import type { Clock } from '@brygga/contract';
import type { Event, LinkId, NativeId, RoomId } from '@brygga/event';

export interface AsideParts {
  readonly bus: Pick<Bus, 'asideCount' | 'waits'>;
  readonly clock: Clock;
  readonly asideMs: number;
  readonly asideMax: number;
}

/** So many times as long waits what may be about a message whose delivery is not settled. */
const UNSETTLED_TIMES = 10;

/** The message an event is about. */
const about = (event: Event): NativeId[] => ('target' in event ? event.target.natives : []);

/** What must not be dealt with before the event: whatever came later about its message, and about itself. */
const concernedBy = (event: Event): NativeId[] => {
  const { nativeId, aliases } = event.origin;
  return [...new Set([nativeId, ...aliases, ...about(event)])];
};

/**
 * The events of one batch that step aside until their target comes, for a bounded time and in bounded number,
 * and those that came earlier. An event about the same message that came later waits behind them: a second edit
 * does not overtake the first. Messages never step aside.
 */
export class Aside {
  /** What is to be written with the batch. */
  readonly begin: string[] = [];
  readonly end: string[] = [];
  readonly #parts: AsideParts;
  readonly #room: RoomId;
  #places: number | null = null;
  #anyBefore: boolean | null = null;

  constructor(parts: AsideParts, room: RoomId) {
    this.#parts = parts;
    this.#room = room;
  }

  /** Whether an older event about what this one is about has stepped aside and waits still. */
  async behind({ event }: InboxItem, link: LinkId): Promise<boolean> {
    this.#anyBefore ??= await this.#parts.bus.waits.any(this.#room);
    if (!this.#anyBefore && this.begin.length === 0) return false;
    for (const native of about(event)) {
      const before = await this.#parts.bus.waits.before(this.#room, link, native, event.acceptedAt);
      if (before.some((wait) => !this.end.includes(wait))) return true;
      const [from, to] = [waitOf(link, native, 0), waitOf(link, native, event.acceptedAt)];
      if (this.begin.some((wait) => wait.length === from.length && wait > from && wait < to)) return true;
    }
    return false;
  }

  /** The item as it is to be kept aside; null when the time or the places for waiting are used up. */
  async step({ event, until }: InboxItem, link: LinkId): Promise<InboxItem | null> {
    const now = this.#parts.clock.now();
    const last = until ?? now + this.#parts.asideMs;
    this.#places ??= this.#parts.asideMax - (await this.#parts.bus.asideCount(this.#room));
    if (this.#places <= 0) return null;
    if (now >= last && !(await this.#mayBeUnsettled(event, link, now - last))) return null;
    this.#places -= 1;
    this.begin.push(...this.#waits(event, link));
    return { event, until: last };
  }

  /**
   * Whether it may be about a message that the hub itself has written in this channel, with nobody knowing yet under
   * which id: the answer was lost, and the delivery is asked for again. Nobody edits what a ghost wrote.
   */
  async #mayBeUnsettled(event: Event, link: LinkId, lateMs: number): Promise<boolean> {
    if (event.kind === 'edit' || lateMs >= (UNSETTLED_TIMES - 1) * this.#parts.asideMs) return false;
    return this.#parts.bus.waits.unsettled(this.#room, link, event.acceptedAt);
  }

  /** The event does not wait (any more). */
  over({ event, until }: InboxItem, link: LinkId): void {
    if (until !== null) this.end.push(...this.#waits(event, link));
  }

  #waits(event: Event, link: LinkId): string[] {
    return concernedBy(event).map((native) => waitOf(link, native, event.acceptedAt));
  }
}
