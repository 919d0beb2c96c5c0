import { AppError } from './app-error.ts';
import { Body } from './call.ts';
import { directChannel } from './channels.ts';
import { hasChannelPermission } from './permissions.ts';
import { runes } from './post-rules.ts';
import { createPost } from './posting.ts';
import { attachmentsFromSlack, fromSlack, linksToMarkdown } from './slack-text.ts';
import type { Channel, IncomingWebhook, Props } from './types.ts';
import { isAtLeast, type World } from './world.ts';

/** model.PostPropsMaxUserRunes */
const PROPS_RUNES = 760_000;
const failure = (status: number): AppError => new AppError('web.incoming_webhook.general.app_error', status);

/** HandleIncomingWebhook, in its order. Whatever is wrong has the same id; only the status tells. */
export async function runHook(
  world: World,
  hookId: string,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { store, settings } = world;
  if (!settings.EnableIncomingWebhooks) throw failure(501);
  const body = new Body(row, 'incoming_webhook');
  const given = Array.isArray(row.attachments) ? row.attachments : undefined;
  if (body.text('text') === '' && given === undefined) throw failure(400);
  const hook = store.hooks.get(hookId);
  if (hook === undefined || hook.delete_at > 0) throw failure(400);
  const channel = channelFor(world, hook, body.text('channel'));
  const isLocked = hook.channel_locked || settings.EnforceIncomingWebhookChannelLocking;
  if (isLocked && hook.channel_id !== channel.id) throw failure(403);
  if (!store.users.has(hook.user_id)) throw failure(403);
  const mayRead = hasChannelPermission(store, hook.user_id, channel.id, 'read_channel_content');
  if (channel.type !== 'O' && !mayRead) throw failure(403);
  if (body.text('type').startsWith('system_')) throw failure(400);
  const attachments = attachmentsFromSlack(store, given ?? []);
  const message = linksToMarkdown(fromSlack(store, body.text('text')));
  await postAll(world, hook, channel, body, message, attachments);
}

function channelFor(world: World, hook: IncomingWebhook, name: string): Channel {
  const { store } = world;
  if (name === '') {
    const channel = store.channels.get(hook.channel_id);
    if (channel === undefined) throw failure(404);
    return channel;
  }
  if (name.startsWith('@')) {
    const user = store.userNamed(name.slice(1));
    if (user === undefined) throw failure(400);
    return directChannel(world, hook.user_id, user.id);
  }
  const channel = store.channelNamed(hook.team_id, name.replace(/^#/, ''));
  if (channel === undefined || channel.delete_at > 0) throw failure(404);
  return channel;
}

/** CreateWebhookPost: what is too long becomes several posts; any failure on the way is a 500. */
async function postAll(
  world: World,
  hook: IncomingWebhook,
  channel: Channel,
  body: Body,
  message: string,
  attachments: readonly Props[],
): Promise<void> {
  const props = propsOf(world, hook, body);
  if (runes(JSON.stringify(props)) > PROPS_RUNES) throw failure(400);
  const parts = split(message, world.settings.MaxPostSize);
  const type = attachments.length > 0 ? 'slack_attachment' : body.text('type');
  const rootId = isAtLeast(world, '11.8') ? body.text('root_id') : '';
  try {
    for (const [at, part] of parts.entries()) {
      const isLast = at === parts.length - 1 && attachments.length > 0;
      await createPost(world, {
        userId: hook.user_id,
        channelId: channel.id,
        message: part,
        type,
        rootId,
        props: isLast ? { ...props, attachments } : props,
      });
    }
  } catch (error) {
    if (error instanceof AppError) throw failure(500);
    throw error;
  }
}

function propsOf({ settings }: World, hook: IncomingWebhook, body: Body): Props {
  const given = { ...body.row('props'), webhook_display_name: hook.display_name };
  const kept = Object.entries(given).filter(
    ([name]) => !['override_icon_url', 'override_username', 'from_webhook', 'attachments'].includes(name),
  );
  const username = body.text('username') || hook.username || 'webhook';
  const icon = body.text('icon_url') || hook.icon_url;
  const emoji = body.text('icon_emoji');
  return {
    from_webhook: 'true',
    ...(settings.EnablePostUsernameOverride ? { override_username: username } : {}),
    ...(settings.EnablePostIconOverride && icon !== '' ? { override_icon_url: icon } : {}),
    ...(settings.EnablePostIconOverride && emoji !== '' ? { override_icon_emoji: emoji } : {}),
    ...Object.fromEntries(kept),
  };
}

/** By code points, wherever that is: in the middle of a word or of a fence. */
function split(text: string, most: number): string[] {
  const all = [...text];
  const parts: string[] = [];
  for (let at = 0; at < all.length || at === 0; at += most) parts.push(all.slice(at, at + most).join(''));
  return parts;
}
