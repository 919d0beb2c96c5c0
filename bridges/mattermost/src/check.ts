import type { CheckContext, Finding } from '@brygga/contract';
import { httpClient } from '@brygga/wire';
import { z } from 'zod';
import { type Failure, hasStatus, wordOf } from './errors.ts';
import { Channel, User } from './native.ts';
import { path, Rest } from './rest.ts';
import { rightsFindings } from './rights.ts';
import type { MattermostSettings } from './settings.ts';

const Config = z.record(z.string(), z.string().catch(''));
type Config = z.infer<typeof Config>;

const ok = (what: string): Finding => ({ level: 'ok', what });
const fail = (what: string, remedy: string): Finding => ({ level: 'fail', what, remedy });
const warn = (what: string, remedy: string): Finding => ({ level: 'warn', what, remedy });

/** Where each switch of the server is changed, in words of its System Console (11.6). */
const SWITCHES = {
  EnableBotAccountCreation: 'System Console > Integrations > Bot Accounts > Enable Bot Account Creation',
  EnableIncomingWebhooks: 'System Console > Integrations > Integration Management > Enable Incoming Webhooks',
  EnablePostUsernameOverride:
    'System Console > Integrations > Integration Management > Enable integrations to override usernames',
} as const;

/** What each look at the server needs. */
interface Look {
  readonly rest: Rest;
  readonly settings: MattermostSettings;
  readonly bot: string;
  readonly signal: AbortSignal;
}

/** Whether the server, the token, the settings and each channel are as the bridge needs them. Reads only. */
export async function check(ctx: CheckContext<MattermostSettings>): Promise<readonly Finding[]> {
  const { settings, clock, signal } = ctx;
  const http = httpClient(clock);
  try {
    const rest = new Rest(http, clock, settings.url, settings.token);
    const me = await rest.call({ method: 'GET', path: '/users/me', schema: User, signal });
    if (!me.ok) return [unanswered(me.failure)];
    const query = { format: 'old' };
    const config = await rest.call({ method: 'GET', path: '/config/client', query, schema: Config, signal });
    const look: Look = { rest, settings, bot: me.value.id, signal };
    const channels = await Promise.all(ctx.channels.map((channel) => channelFindings(look, channel)));
    const known = config.ok ? config.value : {};
    return [
      ...accountFindings(me.value, known),
      ...switchFindings(settings, known),
      ...limitFindings(known),
      ...(await rightsFindings(rest, me.value, ctx.channels, signal)),
      ...channels.flat(),
    ];
  } finally {
    await http.close();
  }
}

const NEW_TOKEN = 'make a token for the bot: Product menu > Integrations > Bot Accounts > Create New Token';

const unanswered = (failure: Failure): Finding =>
  hasStatus(failure, 401)
    ? fail('the server does not take the token', NEW_TOKEN)
    : fail(
        `the server does not answer (${wordOf(failure)})`,
        'see that `url` is right, the server runs, and this machine reaches it',
      );

function accountFindings({ is_bot, username }: User, config: Config): Finding[] {
  if (is_bot) return [ok(`the token is the bot's @${username}`)];
  const bots = 'Product menu > Integrations > Bot Accounts > Add Bot Account';
  const found = warn(
    `the token is @${username}'s, who is a person: what they write themselves is not carried, and their token ends with them`,
    `make a bot account: ${bots}`,
  );
  return config.EnableBotAccountCreation === 'false' ? [found, off('EnableBotAccountCreation')] : [found];
}

const off = (name: keyof typeof SWITCHES): Finding =>
  fail(`${name} is off`, `switch it on: ${SWITCHES[name]}`);

/** What webhooks need. */
function switchFindings({ people }: MattermostSettings, config: Config): Finding[] {
  if (people.appear !== 'webhook') return [];
  return (['EnableIncomingWebhooks', 'EnablePostUsernameOverride'] as const).map((name) =>
    config[name] === 'true' ? ok(`${name} is on`) : off(name),
  );
}

function limitFindings({ PostEditTimeLimit: seconds = '-1' }: Config): Finding[] {
  if (seconds === '-1') return [];
  const what = `posts can be edited for ${seconds} s: later edits arrive as new messages`;
  return [
    warn(what, 'allow more: System Console > Site Configuration > Posts > Post Edit Time Limit, or -1'),
  ];
}

async function channelFindings(look: Look, channel: string): Promise<Finding[]> {
  const { rest, signal, bot, settings } = look;
  const found = await rest.call({ method: 'GET', path: path`/channels/${channel}`, schema: Channel, signal });
  if (!found.ok)
    return [
      fail(
        `channel ${channel} cannot be read (${wordOf(found.failure)})`,
        'see that the id is right, and add the bot to its team (Team menu > Invite People) and to the channel (channel menu > Members > Add)',
      ),
    ];
  const { display_name: name, delete_at: archived } = found.value;
  if (archived > 0)
    return [
      fail(`channel ${name} is archived`, 'restore it: channel menu > Unarchive Channel; or retire the link'),
    ];
  const place = path`/channels/${channel}/members/${bot}`;
  const member = await rest.call({ method: 'GET', path: place, schema: z.unknown(), signal });
  const membership = member.ok
    ? ok(`the bot is in channel ${name}`)
    : fail(`the bot is not in channel ${name}`, 'add it: channel menu > Members > Add');
  const { people } = settings;
  return people.appear === 'webhook'
    ? [membership, await hookFinding(look, channel, name, people.webhooks[channel])]
    : [membership];
}

const Hook = z.object({ user_id: z.string(), channel_id: z.string() });
const HOOKS = 'Product menu > Integrations > Incoming Webhooks';

/** Whether a channel has a webhook of the bot's: of another account's posts nobody would know that they are ours. */
async function hookFinding(
  { rest, bot, signal }: Look,
  channel: string,
  name: string,
  hook: string | undefined,
): Promise<Finding> {
  if (hook === undefined)
    return warn(
      `channel ${name} has no webhook in the settings: the bot writes there, with names in bold`,
      `make one for it (${HOOKS} > Add) and write it under people.webhooks`,
    );
  const call = { method: 'GET', path: path`/hooks/incoming/${hook}`, schema: Hook, signal } as const;
  const found = await rest.call(call);
  if (!found.ok)
    return hasStatus(found.failure, 404)
      ? fail(
          `the webhook of channel ${name} does not exist`,
          `make one (${HOOKS} > Add) and write its address anew`,
        )
      : ok(`channel ${name} has a webhook (not looked at: the bot may not see webhooks)`);
  const { user_id: owner, channel_id: place } = found.value;
  if (owner !== bot)
    return fail(
      `the webhook of channel ${name} is another account's: what it writes would be taken for a stranger's`,
      "make one in the bot's name: POST /api/v4/hooks/incoming with its user_id, or mmctl webhook create-incoming --user",
    );
  return place === channel
    ? ok(`channel ${name} has a webhook of the bot's`)
    : fail(
        `the webhook of channel ${name} writes into another channel`,
        `choose the channel there: ${HOOKS} > Edit`,
      );
}
