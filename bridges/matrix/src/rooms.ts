import type { HubNotice } from '@brygga/contract';
import type { ChannelId } from '@brygga/event';
import { RoomState } from './room-state.ts';

/** A room we are attached to, with what this process knows of it. */
export interface Room {
  readonly channel: ChannelId;
  readonly state: RoomState;
  /** The bot is in it and its state has been read since the connection came up. */
  entered: boolean;
  /** Resolves when the first catch-up since there was reason to doubt has been tried: live events wait for it. */
  caughtUp: Promise<void>;
  noteCaughtUp: () => void;
  /** There is reason to doubt, and no catch-up has begun since. */
  inDoubt: boolean;
  /** The next catch-up is due now. `wake` makes it so, and ends the pause before it. */
  due: boolean;
  wake: () => void;
  endPause: () => void;
  /** What this hub says of itself here; and which notices the hub was last told of. */
  notice: HubNotice | null;
  hubsTold: string | null;
  /** Who is writing now, as last told, and what stops the clock that ends it. */
  readonly typing: Map<string, () => void>;
  /** Aborts when the room is detached or the bridge closed. */
  readonly stop: AbortController;
}

export function newRoom(channel: ChannelId): Room {
  const { promise, resolve } = Promise.withResolvers<void>();
  const room: Room = {
    channel,
    state: new RoomState(),
    entered: false,
    caughtUp: promise,
    noteCaughtUp: resolve,
    inDoubt: true,
    due: false,
    wake: () => {
      room.due = true;
      room.endPause();
    },
    endPause: () => undefined,
    notice: null,
    hubsTold: null,
    typing: new Map(),
    stop: new AbortController(),
  };
  return room;
}

/** Events may be missing: live ones wait for a catch-up that begins after this. */
export function doubtEvents(room: Room): void {
  if (room.inDoubt) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  room.inDoubt = true;
  room.caughtUp = promise;
  room.noteCaughtUp = resolve;
}

/** The connection was lost: what is known of the room may be old, and events may be missing. */
export function doubt(room: Room): void {
  room.noteCaughtUp();
  room.inDoubt = false;
  room.entered = false;
  doubtEvents(room);
}
