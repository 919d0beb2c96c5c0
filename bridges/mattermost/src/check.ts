import type { CheckContext, Finding } from '@brygga/contract';
import { httpClient } from '@brygga/wire';
import { z } from 'zod';
import { hasStatus, wordOf } from './errors.ts';
import { Channel, User } from './native.ts';
import { path, Rest } from './rest.ts';
import type { MattermostSettings } from './settings.ts';

const Config = z.record(z.string(), z.string().catch(''));
const ok = (what: string): Finding => ({ level: 'ok', what });
const fail = (what: string, remedy: string): Finding => ({ level: 'fail', what, remedy });
const warn = (what: string, remedy: string): Finding => ({ level: 'warn', what, remedy });

/** Whether the server, the token, the settings and each channel are as the bridge needs them. Reads only. */
export async function check(ctx: CheckContext<MattermostSettings>): Promise<readonly Finding[]> {
  const { settings, clock, signal } = ctx;
  const http = httpClient(clock);
  try {
    const rest = new Rest(http, clock, settings.url, settings.token);
    const me = await rest.call({ method: 'GET', path: '/users/me', schema: User, signal });
    if (!me.ok) {
      if (hasStatus(me.failure, 401))
        return [
          fail(
            'the server does not take the token',
            'make a new token for the bot: Integrations > Bot Accounts',
          ),
        ];
      return [
        fail(
          `the server does not answer (${wordOf(me.failure)})`,
          'see that `url` is right and the server runs',
        ),
      ];
    }
    const config = await rest.call({
      method: 'GET',
      path: '/config/client',
      query: { format: 'old' },
      schema: Config,
      signal,
    });
    const account = me.value.is_bot
      ? ok(`the token is the bot's @${me.value.username}`)
      : warn(
          `the token is @${me.value.username}'s, who is a person`,
          'make a bot account: Integrations > Bot Accounts',
        );
    const switches = config.ok ? switchesOf(settings, config.value) : [];
    const channels = await Promise.all(
      ctx.channels.map((channel) => channelFinding(rest, channel, me.value.id, signal)),
    );
    return [account, ...switches, ...channels];
  } finally {
    await http.close();
  }
}

/** Settings of the server that webhooks need, and where they are changed. */
function switchesOf({ people }: MattermostSettings, config: Readonly<Record<string, string>>): Finding[] {
  if (people.appear !== 'webhook') return [];
  const place = 'System Console > Integrations > Integration Management';
  return (['EnableIncomingWebhooks', 'EnablePostUsernameOverride'] as const).map((name) =>
    config[name] === 'true' ? ok(`${name} is on`) : fail(`${name} is off`, `switch it on: ${place}`),
  );
}

async function channelFinding(
  rest: Rest,
  channel: string,
  bot: string,
  signal: AbortSignal,
): Promise<Finding> {
  const found = await rest.call({ method: 'GET', path: path`/channels/${channel}`, schema: Channel, signal });
  if (!found.ok)
    return fail(
      `channel ${channel} cannot be read (${wordOf(found.failure)})`,
      'add the bot to the team and to the channel: the channel > Members > Add',
    );
  const { display_name: name, delete_at: archived } = found.value;
  if (archived > 0) return fail(`channel ${name} is archived`, 'restore it, or retire the link');
  const call = {
    method: 'GET',
    path: path`/channels/${channel}/members/${bot}`,
    schema: z.unknown(),
    signal,
  } as const;
  const member = await rest.call(call);
  return member.ok
    ? ok(`the bot is in channel ${name}`)
    : fail(`the bot is not in channel ${name}`, 'add it: the channel > Members > Add');
}
