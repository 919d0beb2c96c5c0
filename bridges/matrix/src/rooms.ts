import type { ChannelId } from '@brygga/event';
import { RoomState } from './room-state.ts';

/** A room we are attached to, with what this process knows of it. */
export interface Room {
  readonly channel: ChannelId;
  readonly state: RoomState;
  /** The bot is in it and its state has been read since the connection came up. */
  entered: boolean;
  /** Resolves when the first catch-up since the connection came up has been tried: live events wait for it. */
  caughtUp: Promise<void>;
  noteCaughtUp: () => void;
  /** Ends the pause before the next catch-up. */
  wake: () => void;
  /** Who is writing now, as last told, and what stops the clock that ends it. */
  readonly typing: Map<string, () => void>;
  /** Aborts when the room is detached or the bridge closed. */
  readonly stop: AbortController;
}

export function newRoom(channel: ChannelId): Room {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    channel,
    state: new RoomState(),
    entered: false,
    caughtUp: promise,
    noteCaughtUp: resolve,
    wake: () => undefined,
    typing: new Map(),
    stop: new AbortController(),
  };
}

/** The connection was lost: what is known of the room may be old, and events may be missing. */
export function doubt(room: Room): void {
  const { promise, resolve } = Promise.withResolvers<void>();
  room.noteCaughtUp();
  room.entered = false;
  room.caughtUp = promise;
  room.noteCaughtUp = resolve;
}
