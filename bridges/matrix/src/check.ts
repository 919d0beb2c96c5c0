import type { CheckContext, Finding } from '@brygga/contract';
import { CHECK_MS, checkRoom, fail, good, warn } from './check-room.ts';
import { hasStatus, wordOf } from './errors.ts';
import { type Answer, type Homeserver, openHomeserver, path } from './homeserver.ts';
import { mxid } from './ids.ts';
import { numberField, textField } from './native.ts';
import { registrationId } from './registration.ts';
import type { MatrixSettings } from './settings.ts';

type Context = CheckContext<MatrixSettings>;

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
    const botExists = whole[0].level === 'ok';
    for (const channel of ctx.channels)
      rooms.push(...(await checkRoom({ ctx, homeserver, channel, botExists })));
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
