import { type Account, addBot, addChannel, addUser, join, setUp } from '../networks/mattermost/bootstrap.ts';
import type { Row } from '../networks/mattermost/client.ts';
import { type MattermostServer, startMattermost } from '../networks/mattermost/index.ts';
import { freePort } from '../servers/index.ts';
import { MattermostUser } from './mattermost-user.ts';
import type { Said } from './said.ts';

export type Appearance = 'nameLine' | 'webhook';

/** A simulated Mattermost server beside the real ones, with a channel for each room, the hub's bot and a person. */
export interface MattermostSide {
  readonly server: MattermostServer;
  readonly admin: Account;
  readonly bot: Account;
  /** Shown as `Maja Lind`. In all channels. */
  readonly maja: MattermostUser;
  /** The id of the channel of each room, in their order. */
  readonly channels: readonly string[];
  /** Of the network, as the settings file of the hub has them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What must stand in no log. */
  readonly secrets: readonly string[];
  /** A further person, in all channels. */
  person(username: string, nickname: string): Promise<MattermostUser>;
  close(): Promise<void>;
}

export async function openMattermost(
  rooms: readonly string[],
  appear: Appearance,
  said: Said,
): Promise<MattermostSide> {
  // Webhooks can answer from 11.8 on.
  const version = appear === 'webhook' ? '11.10' : '11.7';
  // A port that stays its own while it is down: one of the system's might go to a client meanwhile.
  const server = await startMattermost({ version, port: await freePort() });
  const { admin, team } = await setUp(server.url);
  await admin.rest.must('PUT', '/config/patch', {
    ServiceSettings: { EnableIncomingWebhooks: true, EnablePostUsernameOverride: true },
    TeamSettings: { TeammateNameDisplay: 'nickname_full_name' },
  });
  const bot = await addBot(admin, 'brygga');
  const channels: Row[] = [];
  for (const room of rooms) channels.push(await addChannel(admin, team, room));
  for (const channel of channels) await join(admin, team, channel, bot.id);
  const person = async (username: string, nickname: string): Promise<MattermostUser> => {
    const user = new MattermostUser(await addUser(admin, username), said);
    await user.rename(nickname);
    for (const channel of channels) await join(admin, team, channel, user.id);
    return user;
  };
  const webhooks: Record<string, string> = {};
  if (appear === 'webhook') for (const { id } of channels) webhooks[id] = await addHook(admin, id, bot);
  const people = appear === 'webhook' ? { appear, webhooks } : { appear };
  return {
    server,
    admin,
    bot,
    maja: await person('maja', 'Maja Lind'),
    channels: channels.map(({ id }) => id),
    settings: { url: server.url, token: bot.rest.token, people },
    secrets: [bot.rest.token, ...Object.values(webhooks)],
    person,
    close: () => server.stop(),
  };
}

async function addHook(admin: Account, channel: string, bot: Account): Promise<string> {
  const hook = { channel_id: channel, user_id: bot.id, display_name: 'Brygga' };
  return (await admin.rest.must('POST', '/hooks/incoming', hook)).id;
}
