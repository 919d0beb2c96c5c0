import type { EventId, RoomId } from '@brygga/event';
import { SEALED } from './items.ts';
import { type Seal, Unreadable } from './seal.ts';

/** Fields of the id map that hold emoji or a name: `field` in id-map.ts. */
const TOLD = /^(?:n$|e$|r:|x:)/;

/** What the id map keeps in people's own words (emoji may be any word), sealed as `!<sealed>`. */
export class Facts {
  readonly #seal: Seal;
  readonly #unreadable: (code: string) => void;

  /** `unreadable` is told by code of what cannot be read: it counts as not kept. */
  constructor(seal: Seal, unreadable: (code: string) => void) {
    this.#seal = seal;
    this.#unreadable = unreadable;
  }

  /** The value of a field as it is to be written. */
  write(room: RoomId, event: EventId, field: string, value: string): string {
    if (!this.#seal.seals || !TOLD.test(field)) return value;
    return SEALED + this.#seal.seal(value, room, `${event} ${field}`);
  }

  /** The values of some fields as they were written. */
  read(
    room: RoomId,
    event: EventId,
    fields: readonly string[],
    values: (string | null)[],
  ): (string | null)[] {
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (value?.startsWith(SEALED) === true)
        values[index] = this.#open(room, `${event} ${fields[index] ?? ''}`, value);
    }
    return values;
  }

  #open(room: RoomId, name: string, value: string): string | null {
    try {
      return this.#seal.open(value.slice(SEALED.length), room, name);
    } catch (error) {
      this.#unreadable(error instanceof Unreadable ? error.code : 'NOT_READABLE');
      return null;
    }
  }
}
