import type { House, HouseRoom } from './house.ts';
import type { MatrixUser, SeenEvent } from './matrix-user.ts';
import { until } from './until.ts';
import { type Comparable, comparable, seenOnMatrix, seenOnXmpp } from './views.ts';

const GHOST = /^@_brygga_.*:localhost$/;

/** One side's people as they wrote, and the same as their ghosts show it on the other side. */
export interface Crossing {
  readonly native: readonly Comparable[];
  readonly ghost: readonly Comparable[];
}

/**
 * Both directions of one room, read from the servers' own histories. Notices of the hub itself are left out.
 * `natives` are the XMPP nicks of native people; everybody else there is a ghost or the hub.
 */
export async function crossings(
  house: House,
  room: HouseRoom,
  natives: readonly string[],
): Promise<{ readonly fromMatrix: Crossing; readonly fromXmpp: Crossing }> {
  const matrix = seenOnMatrix(await wholeTimeline(house.anna, room.matrix));
  const xmpp = seenOnXmpp(await house.xmpp.archive('bosse', room.muc));
  const native = (sender: string): boolean => natives.includes(sender.slice(room.muc.length + 1));
  const hub = (sender: string): boolean => sender === `${room.muc}/Brygga`;
  const bot = (sender: string): boolean => sender.startsWith('@_brygga_bot:');
  return {
    fromMatrix: {
      native: comparable(matrix, (sender) => !GHOST.test(sender)),
      ghost: comparable(xmpp, (sender) => !native(sender) && !hub(sender)),
    },
    fromXmpp: {
      native: comparable(xmpp, native),
      ghost: comparable(matrix, (sender) => GHOST.test(sender) && !bot(sender)),
    },
  };
}

/** The whole history by `/messages`, oldest first. */
export async function wholeTimeline(person: MatrixUser, room: string): Promise<SeenEvent[]> {
  const events: SeenEvent[] = [];
  for (let from = ''; ; ) {
    const place = `/v3/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=500${from === '' ? '' : `&from=${encodeURIComponent(from)}`}`;
    const page = await person.call('GET', place);
    events.push(...(page.chunk as SeenEvent[]));
    if (typeof page.end !== 'string' || (page.chunk as SeenEvent[]).length === 0) return events.reverse();
    from = page.end;
  }
}

const same = ({ native, ghost }: Crossing): boolean => JSON.stringify(native) === JSON.stringify(ghost);

/** Waits until both sides show the same; returns the last look, whether they do or not. */
export async function settled(house: House, room: HouseRoom, natives: readonly string[], withinMs: number) {
  let look = await crossings(house, room, natives);
  const alike = async (): Promise<boolean> => {
    look = await crossings(house, room, natives);
    return same(look.fromMatrix) && same(look.fromXmpp);
  };
  await until('both sides show the same', alike, { withinMs, everyMs: 500 }).catch(() => undefined);
  return look;
}
