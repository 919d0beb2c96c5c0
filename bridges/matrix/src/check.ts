import type { CheckContext, Finding } from '@brygga/contract';
import { type Failure, hasStatus } from './errors.ts';
import { type Answer, type Homeserver, openHomeserver, path } from './homeserver.ts';
import { mxid } from './ids.ts';
import { numberField, textField } from './native.ts';
import { registrationId } from './registration.ts';
import { applyState, RoomState } from './room-state.ts';
import type { MatrixSettings } from './settings.ts';

type Context = CheckContext<MatrixSettings>;
const CHECK_MS = 10_000;

const good = (what: string): Finding => ({ level: 'ok', what });
const warn = (what: string, remedy: string): Finding => ({ level: 'warn', what, remedy });
const fail = (what: string, remedy: string): Finding => ({ level: 'fail', what, remedy });

/** Permissions, versions, limits. Reads only; the one exception is the ping, which changes nothing. */
export async function check(ctx: Context): Promise<readonly Finding[]> {
  const homeserver = await openHomeserver(ctx.network, ctx.settings, ctx.clock);
  try {
    const there = await reachable(ctx, homeserver);
    if (there.level === 'fail') return [there];
    const known = await credentials(ctx, homeserver);
    if (known.level === 'fail') return [there, known];
    const whole = await Promise.all([bot(ctx, homeserver), ping(ctx, homeserver), limits(ctx, homeserver)]);
    const rooms: Finding[] = [];
    for (const channel of ctx.channels) rooms.push(...(await room(ctx, homeserver, channel)));
    return [there, known, ...whole, ...rooms];
  } finally {
    await homeserver.close();
  }
}

const get = (ctx: Context, homeserver: Homeserver, url: string, as: string | null = null): Promise<Answer> =>
  homeserver.call({ as, method: 'GET', path: url, timeoutMs: CHECK_MS, signal: ctx.signal });

async function reachable(ctx: Context, homeserver: Homeserver): Promise<Finding> {
  const answer = await get(ctx, homeserver, path`/versions`);
  const at = ctx.settings.homeserverUrl;
  if (answer.ok) return good(`the homeserver answers at ${at}`);
  // Without a right to ask, it still is a homeserver: the next step tells.
  if (hasStatus(answer.failure, 401)) return good(`the homeserver answers at ${at}`);
  return fail(
    `the homeserver does not answer at ${at} (${wordOf(answer.failure)})`,
    'start it, or correct homeserverUrl in the settings',
  );
}

const wordOf = (failure: Failure): string =>
  failure.kind === 'trouble' ? failure.reason : `${failure.status} ${failure.errcode}`.trim();

async function credentials(ctx: Context, homeserver: Homeserver): Promise<Finding> {
  const answer = await get(ctx, homeserver, path`/v3/account/whoami`);
  const sender = mxid(ctx.settings.senderLocalpart, ctx.settings.serverName);
  const renew = 'write the registration anew (`brygga registration`), list it in the homeserver, restart it';
  if (!answer.ok) return fail(`the homeserver refuses asToken (${wordOf(answer.failure)})`, renew);
  const user = textField(answer.value, 'user_id');
  if (user === sender) return good(`the homeserver knows us as ${sender}`);
  return fail(`the homeserver knows us as ${user ?? 'nobody'}, not ${sender}`, renew);
}

async function bot(ctx: Context, homeserver: Homeserver): Promise<Finding> {
  const user = mxid(ctx.settings.botLocalpart, ctx.settings.serverName);
  const answer = await get(ctx, homeserver, path`/v3/profile/${user}`);
  if (answer.ok) return good(`the bot ${user} exists`);
  return warn(`the bot ${user} does not exist yet`, 'it is made when the hub first connects');
}

async function ping(ctx: Context, homeserver: Homeserver): Promise<Finding> {
  const answer = await homeserver.call({
    as: null,
    method: 'POST',
    path: path`/v1/appservice/${registrationId(ctx.network)}/ping`,
    timeoutMs: CHECK_MS,
    signal: ctx.signal,
  });
  if (answer.ok) return good('the homeserver reaches the hub');
  if (hasStatus(answer.failure, 403)) {
    return fail(
      `the registration has another id than ${registrationId(ctx.network)}`,
      'write it anew: `brygga registration`',
    );
  }
  return warn(
    `the homeserver does not reach the hub (${wordOf(answer.failure)})`,
    'expected while the hub is not running; else see url and listen in the settings, and hsToken',
  );
}

async function limits(ctx: Context, homeserver: Homeserver): Promise<Finding> {
  const user = mxid(ctx.settings.senderLocalpart, ctx.settings.serverName);
  const answer = await get(ctx, homeserver, path`/v1/media/config`, user);
  const bytes = answer.ok ? numberField(answer.value, 'm.upload.size') : undefined;
  return good(bytes === undefined ? 'no upload limit is told' : `files up to ${bytes} bytes`);
}

async function room(ctx: Context, homeserver: Homeserver, channel: string): Promise<Finding[]> {
  const user = mxid(ctx.settings.botLocalpart, ctx.settings.serverName);
  const answer = await get(ctx, homeserver, path`/v3/rooms/${channel}/state`, user);
  if (!answer.ok) {
    const remedy = `invite ${user}, or make the room public; it joins when the hub runs`;
    return [warn(`${channel}: the bot is not in the room (${wordOf(answer.failure)})`, remedy)];
  }
  const state = new RoomState();
  applyState(state, answer.value);
  return [good(`${channel}: the bot is in the room`), ...rights(state, user, channel)];
}

function rights(state: RoomState, user: string, channel: string): Finding[] {
  const found: Finding[] = [];
  const level = state.levelOf(user);
  const need = (action: string, needed: number, what: string): void => {
    if (level >= needed) return;
    found.push(
      warn(`${channel}: the bot may not ${action}`, `give ${user} the power level ${needed}: ${what}`),
    );
  };
  if (state.encrypted) {
    found.push(
      fail(`${channel}: the room is end-to-end encrypted`, 'link a room without encryption instead'),
    );
  }
  if (state.levelFor('events_default') > state.levelOf('')) {
    found.push(fail(`${channel}: newcomers may not write`, 'lower events_default, or ghosts cannot speak'));
  }
  if (state.joinRule !== 'public') need('invite', state.levelFor('invite'), 'ghosts join by its invitation');
  need('redact', state.levelFor('redact'), 'else what moderators elsewhere remove stays');
  need('set the topic', state.levelForState('m.room.topic'), 'else a new topic is only said');
  return found;
}
