import { AppError, invalidParam } from '../app-error.ts';
import {
  actor,
  bodyOf,
  type Call,
  created,
  done,
  type Handler,
  idParam,
  ok,
  pageOf,
  type Route,
  slice,
} from '../call.ts';
import { runHook } from '../hooks.ts';
import { isMultipart, partsOf } from '../multipart.ts';
import { hasTeamPermission, needRead, needTeam } from '../permissions.ts';
import type { IncomingWebhook } from '../types.ts';

function needEnabled(call: Call): void {
  if (!call.world.settings.EnableIncomingWebhooks) {
    throw new AppError('api.incoming_webhook.disabled.app_error', 501);
  }
}

const create: Handler = (call) => {
  const { world } = call;
  const { store, settings } = world;
  const body = bodyOf(call, 'incoming_webhook');
  const channel = store.channel(body.text('channel_id'));
  const userId = actor(call);
  needTeam(store, userId, channel.team_id, 'manage_own_incoming_webhooks');
  needRead(store, userId, channel.id);
  const owner = body.text('user_id') === '' ? userId : body.text('user_id');
  if (owner !== userId) needTeam(store, userId, channel.team_id, 'manage_others_incoming_webhooks');
  store.user(owner);
  needEnabled(call);
  const mayBypass = hasTeamPermission(store, userId, channel.team_id, 'bypass_incoming_webhook_channel_lock');
  const now = world.clock.now();
  const hook: IncomingWebhook = {
    id: world.newId(),
    create_at: now,
    update_at: now,
    delete_at: 0,
    user_id: owner,
    channel_id: channel.id,
    team_id: channel.team_id,
    display_name: body.text('display_name'),
    description: body.text('description'),
    username: settings.EnablePostUsernameOverride ? body.text('username') : '',
    icon_url: settings.EnablePostIconOverride ? body.text('icon_url') : '',
    channel_locked:
      !mayBypass || settings.EnforceIncomingWebhookChannelLocking || body.flag('channel_locked'),
  };
  store.hooks.set(hook.id, hook);
  return created(hook);
};

function hookOf(call: Call): IncomingWebhook {
  needEnabled(call);
  const { store } = call.world;
  const hook = store.hooks.get(idParam(call, 'hook_id'));
  if (hook === undefined || hook.delete_at > 0)
    throw new AppError('app.webhooks.get_incoming.app_error', 404);
  needTeam(store, actor(call), hook.team_id, 'manage_own_incoming_webhooks');
  if (hook.user_id !== actor(call))
    needTeam(store, actor(call), hook.team_id, 'manage_others_incoming_webhooks');
  return hook;
}

const list: Handler = (call) => {
  needEnabled(call);
  const { store } = call.world;
  const team = call.url.searchParams.get('team_id');
  const visible = [...store.hooks.values()].filter(
    (hook) =>
      hook.delete_at === 0 &&
      (team === null || hook.team_id === team) &&
      (hook.user_id === actor(call) ||
        hasTeamPermission(store, actor(call), hook.team_id, 'manage_others_incoming_webhooks')),
  );
  return ok(slice(visible, pageOf(call)));
};

const update: Handler = (call) => {
  const hook = hookOf(call);
  const body = bodyOf(call, 'incoming_webhook');
  if (body.text('id') !== hook.id) throw invalidParam('hook_id');
  const channel = call.world.store.channel(body.text('channel_id'));
  if (channel.team_id !== hook.team_id) throw invalidParam('channel_id');
  const { settings, clock } = call.world;
  if (settings.EnablePostUsernameOverride) hook.username = body.text('username');
  if (settings.EnablePostIconOverride) hook.icon_url = body.text('icon_url');
  hook.channel_id = channel.id;
  hook.display_name = body.text('display_name');
  hook.description = body.text('description');
  hook.channel_locked = body.flag('channel_locked');
  hook.update_at = clock.now();
  return created(hook);
};

const remove: Handler = (call) => {
  hookOf(call).delete_at = call.world.clock.now();
  return done();
};

type Row = Readonly<Record<string, unknown>>;
/** What cannot be read has an id of its own (web/webhook.go). */
const failure = (): AppError => new AppError('web.incoming_webhook.decode.app_error', 400);

/** Raw control characters inside texts are forgiven (IncomingWebhookRequestFromJSON). */
function lenient(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const mended = text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, (part) =>
      part.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t'),
    );
    return JSON.parse(mended);
  }
}

async function textOf(call: Call): Promise<string> {
  const type = call.headers['content-type'] ?? '';
  const text = call.raw.toString();
  if (type.startsWith('application/x-www-form-urlencoded'))
    return new URLSearchParams(text).get('payload') ?? '';
  if (!isMultipart(call)) return text;
  const parts = (await partsOf(call)) ?? [];
  return JSON.stringify(Object.fromEntries(parts.map(({ name, bytes }) => [name, bytes.toString()])));
}

/** Answers `ok`, and nothing of what became of it. */
const run: Handler = async (call) => {
  let row: unknown;
  try {
    row = lenient(await textOf(call));
  } catch {
    throw failure();
  }
  if (typeof row !== 'object' || row === null) throw failure();
  await runHook(call.world, call.params.hook_id ?? '', row as Row);
  return { status: 200, body: 'ok', headers: { 'content-type': 'text/plain' } };
};

export const HOOKS: readonly Route[] = [
  ['POST', '/hooks/:hook_id', run, 'open'],
  ['POST', '/api/v4/hooks/incoming', create],
  ['GET', '/api/v4/hooks/incoming', list],
  ['GET', '/api/v4/hooks/incoming/:hook_id', (call) => ok(hookOf(call))],
  ['PUT', '/api/v4/hooks/incoming/:hook_id', update],
  ['DELETE', '/api/v4/hooks/incoming/:hook_id', remove],
];
