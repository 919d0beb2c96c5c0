import type { Bus } from '@brygga/bus';
import type { Room, Rooms } from './rooms.ts';

/** Rooms asked about in one pipeline. */
const AT_ONCE = 200;

/**
 * Which links are open: a link is once its channel has a cursor, that is, once it is known from where on its
 * events are carried. What was found open stays so.
 */
export class Openings {
  readonly #bus: Bus;
  readonly #pending: Set<Room>;

  constructor({ bus, rooms }: { readonly bus: Bus; readonly rooms: Rooms }) {
    this.#bus = bus;
    this.#pending = new Set(rooms.all);
  }

  /** How many links are not open yet. */
  async pending(): Promise<number> {
    let closed = 0;
    const rooms = [...this.#pending];
    while (rooms.length > 0) {
      const counts = await Promise.all(rooms.splice(0, AT_ONCE).map((room) => this.#look(room)));
      closed += counts.reduce((sum, count) => sum + count, 0);
    }
    return closed;
  }

  async #look(room: Room): Promise<number> {
    const open = await this.#bus.openLinks(room.id);
    const closed = room.links.filter((link) => !open.has(link.id)).length;
    if (closed === 0) this.#pending.delete(room);
    return closed;
  }
}
