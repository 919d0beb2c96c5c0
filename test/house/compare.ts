import { type House, type HouseRoom, MATRIX, MATTERMOST, XMPP } from './house.ts';
import type { MatrixUser, SeenEvent } from './matrix-user.ts';
import { until } from './until.ts';
import {
  type Answers,
  type Comparable,
  comparable,
  type SeenMessage,
  seenOnMatrix,
  seenOnMattermost,
  seenOnXmpp,
} from './views.ts';

export type SideName = 'matrix' | 'xmpp' | 'mattermost';

/** One side's people as they wrote, and the same as it is shown on another side. */
export interface Crossing {
  readonly from: SideName;
  readonly to: SideName;
  readonly native: readonly Comparable[];
  readonly ghost: readonly Comparable[];
}

/** What one network shows of a room. */
interface Side {
  readonly name: SideName;
  readonly seen: readonly SeenMessage[];
  /** Whether that was written by a person of that side; the hub itself is of none. */
  isFrom(side: SideName, sender: string): boolean;
}

/**
 * All directions of one room, read from the servers' own histories. Notices of the hub itself are left out.
 * `natives` are the XMPP nicks of native people; everybody else there is a ghost or the hub.
 */
export async function crossings(
  house: House,
  room: HouseRoom,
  natives: readonly string[],
): Promise<readonly Crossing[]> {
  const sides = await Promise.all([
    matrixSide(house, room),
    xmppSide(house, room, natives),
    ...(room.mattermost === null ? [] : [mattermostSide(house, room.mattermost)]),
  ]);
  return sides.flatMap((from) => sides.filter((to) => to !== from).map((to): Crossing => crossing(from, to)));
}

function crossing(from: Side, to: Side): Crossing {
  const answers = answersBetween(from.name, to.name);
  const shown = ({ seen, isFrom }: Side): Comparable[] =>
    comparable(seen, (sender) => isFrom(from.name, sender), answers);
  return { from: from.name, to: to.name, native: shown(from), ghost: shown(to) };
}

/** Answers are threads on Mattermost, and threads have no root on XMPP. */
function answersBetween(from: SideName, to: SideName): Answers {
  if (from !== 'mattermost') return to === 'mattermost' ? 'root' : 'message';
  return to === 'xmpp' ? 'thread' : 'root';
}

const NETWORKS: Readonly<Record<SideName, string>> = {
  matrix: MATRIX,
  xmpp: XMPP,
  mattermost: MATTERMOST,
};

/** What stands behind the names of each side's people elsewhere. */
const ORGANISATIONS: Readonly<Record<SideName, string>> = {
  matrix: '(Skatteverket)',
  xmpp: '(MSB)',
  mattermost: '(Försäkringskassan)',
};

async function matrixSide(house: House, room: HouseRoom): Promise<Side> {
  return {
    name: 'matrix',
    seen: seenOnMatrix(await wholeTimeline(house.anna, room.matrix)),
    isFrom: (side, sender) =>
      side === 'matrix' ? !sender.startsWith('@_brygga_') : sender.startsWith(`@_brygga_${NETWORKS[side]}_`),
  };
}

async function xmppSide(house: House, room: HouseRoom, natives: readonly string[]): Promise<Side> {
  const nick = (sender: string): string => sender.slice(room.muc.length + 1);
  return {
    name: 'xmpp',
    seen: seenOnXmpp(await house.xmpp.archive('bosse', room.muc)),
    isFrom: (side, sender) =>
      side === 'xmpp' ? natives.includes(nick(sender)) : nick(sender).endsWith(ORGANISATIONS[side]),
  };
}

async function mattermostSide({ mattermost }: House, channel: string): Promise<Side> {
  if (mattermost === null) throw new Error('the house has no Mattermost');
  const { maja, bot } = mattermost;
  const isAccount = (sender: string): boolean => /^[a-z0-9]{26}$/.test(sender);
  return {
    name: 'mattermost',
    seen: seenOnMattermost(await maja.history(channel), bot.id),
    isFrom: (side, sender) =>
      side === 'mattermost' ? isAccount(sender) && sender !== bot.id : sender.endsWith(ORGANISATIONS[side]),
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

/** Waits until all sides show the same; returns the last look, whether they do or not. */
export async function settled(house: House, room: HouseRoom, natives: readonly string[], withinMs: number) {
  let look: readonly Crossing[] = [];
  const alike = async (): Promise<boolean> => {
    look = await crossings(house, room, natives);
    return look.every(same);
  };
  await until('all sides show the same', alike, { withinMs, everyMs: 500 }).catch(() => undefined);
  return look;
}
