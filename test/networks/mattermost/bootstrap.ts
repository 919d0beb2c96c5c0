import { RestClient, type Row } from './client.ts';

export interface Account {
  readonly id: string;
  readonly username: string;
  readonly rest: RestClient;
}

export interface Stage {
  readonly admin: Account;
  readonly bot: Account;
  readonly team: Row;
  readonly channel: Row;
}

export const PASSWORD = 'Correct-horse-1';

/** Logs in and keeps the session's token. */
export async function logIn(url: string, username: string, password = PASSWORD): Promise<Account> {
  const said = await new RestClient(url).say('POST', '/users/login', { login_id: username, password });
  const token = said.headers.get('token') ?? '';
  if (said.status !== 200 || token === '') throw new Error(`log-in of ${username}: ${said.status}`);
  return { id: (said.body as Row).id, username, rest: new RestClient(url, token) };
}

/** Over REST alone, as with a fresh real server: the first user is its administrator. */
export async function setUp(url: string): Promise<Stage> {
  const first = { username: 'admin', email: 'admin@example.test', password: PASSWORD };
  await new RestClient(url).must('POST', '/users', first);
  const admin = await logIn(url, 'admin');
  await admin.rest.must('PUT', '/config/patch', {
    ServiceSettings: { EnableBotAccountCreation: true, EnableUserAccessTokens: true },
    TeamSettings: { MaxUsersPerTeam: 1000 },
  });
  const team = await admin.rest.must('POST', '/teams', {
    name: 'harbour',
    display_name: 'Harbour',
    type: 'O',
  });
  const channel = await addChannel(admin, team, 'quay');
  const bot = await addBot(admin, 'bridge');
  await join(admin, team, channel, bot.id);
  return { admin, bot, team, channel };
}

export function addChannel(by: Account, team: Row, name: string, type: 'O' | 'P' = 'O'): Promise<Row> {
  return by.rest.must('POST', '/channels', { team_id: team.id, name, display_name: name, type });
}

export async function addBot(admin: Account, username: string): Promise<Account> {
  const bot = await admin.rest.must<{ user_id: string }>('POST', '/bots', { username });
  const rest = admin.rest.as(await tokenFor(admin, bot.user_id));
  return { id: bot.user_id, username, rest };
}

export async function tokenFor(by: Account, userId: string): Promise<string> {
  const made = await by.rest.must<{ token: string }>('POST', `/users/${userId}/tokens`, {
    description: 'test',
  });
  return made.token;
}

/** Made by the administrator, since sign-up is closed on a fresh server. */
export async function addUser(admin: Account, username: string): Promise<Account> {
  const email = `${username}@example.test`;
  await admin.rest.must('POST', '/users', { username, email, password: PASSWORD });
  return logIn(admin.rest.url, username);
}

export async function join(by: Account, team: Row, channel: Row | undefined, userId: string): Promise<void> {
  await by.rest.must('POST', `/teams/${team.id}/members`, { team_id: team.id, user_id: userId });
  if (channel !== undefined)
    await by.rest.must('POST', `/channels/${channel.id}/members`, { user_id: userId });
}
