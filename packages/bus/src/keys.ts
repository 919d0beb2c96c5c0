import type { LinkId, NativeId, RoomId } from '@brygga/event';

/** A lane of a room: its inbox, or the outbox of one link. */
export type LaneName = 'in' | `out:${string}`;
export const INBOX: LaneName = 'in';
export const outbox = (link: LinkId): LaneName => `out:${link}`;

/** What a native id is called within its room: ids of different links never meet. */
export const nativeName = (link: LinkId, native: NativeId): string => `${link} ${native}`;

/**
 * All keys of a room carry the room as hash tag, so that a Redis Cluster keeps them in one slot and one script
 * can touch them all.
 */
export class Keys {
  readonly hub: string;

  constructor(prefix: string) {
    this.hub = prefix;
  }

  room(room: RoomId): string {
    return `${this.hub}:{${room}}:`;
  }

  lane(room: RoomId, lane: LaneName): string {
    return this.room(room) + lane;
  }

  lease(name: string): readonly [string, string] {
    const key = `${this.hub}:{lease:${name}}`;
    return [key, `${key}:holders`];
  }

  store(network: string): string {
    return `${this.hub}:{net:${network}}:store`;
  }

  /** Under which layout of the data is written down. */
  get schema(): string {
    return `${this.hub}:schema`;
  }

  /** Under which all that is BullMQ's lies, in one slot. */
  get jobs(): string {
    return `{${this.hub}-jobs}`;
  }

  /** The name of this installation, since when it carries which room, and the hubs it has seen in its channels. */
  get instance(): string {
    return `${this.hub}:instance`;
  }
  get since(): string {
    return `${this.hub}:since`;
  }
  get seen(): string {
    return `${this.hub}:seen`;
  }

  get signals(): string {
    return `${this.hub}:signals`;
  }
}
