import type { CheckContext, Finding } from '@brygga/contract';
import type { ChannelId } from '@brygga/event';
import { type Failure, wordOf } from './errors.ts';
import { type Answer, type Homeserver, path } from './homeserver.ts';
import { HUB } from './hubs.ts';
import { mxid } from './ids.ts';
import { field, textField } from './native.ts';
import { applyState, RoomState } from './room-state.ts';
import type { MatrixSettings } from './settings.ts';

export const CHECK_MS = 10_000;

export const good = (what: string): Finding => ({ level: 'ok', what });
export const warn = (what: string, remedy: string): Finding => ({ level: 'warn', what, remedy });
export const fail = (what: string, remedy: string): Finding => ({ level: 'fail', what, remedy });

/** What a look at one room needs. */
export interface RoomLook {
  readonly ctx: CheckContext<MatrixSettings>;
  readonly homeserver: Homeserver;
  readonly channel: ChannelId;
  /** Before the hub has run there is no bot, and nothing can be asked in its name. */
  readonly botExists: boolean;
}

const botOf = ({ ctx: { settings } }: RoomLook): string => mxid(settings.botLocalpart, settings.serverName);

function ask(look: RoomLook, url: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const { ctx, homeserver } = look;
  const { signal } = ctx;
  return homeserver.call({ as: botOf(look), method: 'GET', path: url, query, timeoutMs: CHECK_MS, signal });
}

/** Whether the bot is in the room, or can come in, and what it may do there. */
export async function checkRoom(look: RoomLook): Promise<Finding[]> {
  const { channel } = look;
  const answer = await ask(look, path`/v3/rooms/${channel}/state`);
  if (!answer.ok && !isNo(answer.failure)) return [unseen(look, answer.failure)];
  const state = new RoomState();
  // Who was put out may still read the room as it was then.
  if (answer.ok) applyState(state, answer.value);
  const user = botOf(look);
  if (state.isJoined(user))
    return [good(`${channel}: the bot is in the room`), ...rights(state, user, channel)];
  return [outside(look, await wayIn(look))];
}

/** A clear no, and not a homeserver that is too old or too busy for the question. */
const isNo = (failure: Failure): boolean =>
  failure.kind === 'refusal' &&
  failure.status >= 400 &&
  failure.status < 500 &&
  failure.status !== 429 &&
  failure.errcode !== 'M_UNRECOGNIZED';

const unseen = ({ channel }: RoomLook, failure: Failure): Finding =>
  warn(`${channel}: the room cannot be looked at (${wordOf(failure)})`, 'run the check again');

type WayIn = 'invited' | 'public' | 'none' | 'unknown';

function outside(look: RoomLook, way: WayIn): Finding {
  const user = botOf(look);
  const what = `${look.channel}: the bot is not in the room`;
  if (way === 'invited' || way === 'public')
    return warn(`${what} yet (${way})`, 'it joins when the hub runs');
  const remedy = `invite ${user}, or make the room public; it joins when the hub runs`;
  return way === 'unknown' ? warn(what, remedy) : fail(what, remedy);
}

async function wayIn(look: RoomLook): Promise<WayIn> {
  if (!look.botExists) return 'unknown';
  const [invited, open] = await Promise.all([isInvited(look), isPublic(look)]);
  if (invited === true) return 'invited';
  if (open === true) return 'public';
  return invited === null || open === null ? 'unknown' : 'none';
}

const NOTHING = { types: [] };

/** By the bot's own list: a room that is on other servers yet is not known here before. Null: not told. */
async function isInvited(look: RoomLook): Promise<boolean | null> {
  const kinds = { timeline: NOTHING, state: NOTHING, ephemeral: NOTHING, account_data: NOTHING };
  const room = { rooms: [look.channel], ...kinds };
  const filter = JSON.stringify({ room, presence: NOTHING, account_data: NOTHING });
  const answer = await ask(look, path`/v3/sync`, { filter, timeout: '0', set_presence: 'offline' });
  if (!answer.ok) return null;
  return field(field(field(answer.value, 'rooms'), 'invite'), look.channel) !== undefined;
}

async function isPublic(look: RoomLook): Promise<boolean | null> {
  const answer = await ask(look, path`/v1/room_summary/${look.channel}`);
  if (!answer.ok) return isNo(answer.failure) ? false : null;
  const { value } = answer;
  return textField(value, 'join_rule') === 'public' && textField(value, 'membership') !== 'ban';
}

function rights(state: RoomState, user: string, channel: string): Finding[] {
  const found: Finding[] = [];
  const level = state.levelOf(user);
  const need = (tell: typeof warn, action: string, needed: number, what: string): void => {
    if (level >= needed) return;
    found.push(
      tell(`${channel}: the bot may not ${action}`, `give ${user} the power level ${needed}: ${what}`),
    );
  };
  if (state.encrypted) {
    found.push(
      fail(`${channel}: the room is end-to-end encrypted`, 'link a room without encryption instead'),
    );
  }
  if (state.levelForMessage > state.levelOf('')) {
    const remedy = 'lower events_default, or the level of m.room.message: else ghosts cannot speak';
    found.push(fail(`${channel}: newcomers may not write`, remedy));
  }
  // Without it nothing from elsewhere can be said there.
  if (state.joinRule !== 'public')
    need(fail, 'invite', state.levelFor('invite'), 'ghosts join by its invitation');
  need(warn, 'redact', state.levelFor('redact'), 'else what moderators elsewhere remove stays');
  need(warn, 'announce the hub', state.levelForState(HUB), 'else a second hub in the room goes unnoticed');
  need(warn, 'set the topic', state.levelForState('m.room.topic'), 'else a new topic is only said');
  return found;
}
