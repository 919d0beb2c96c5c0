import { randomBytes } from 'node:crypto';
import {
  type Account,
  addBot,
  addUser,
  join,
  type Stage,
  setUp,
} from '../../../test/networks/mattermost/bootstrap.ts';
import { RestClient, type Row } from '../../../test/networks/mattermost/client.ts';
import { type MattermostServer, startMattermost } from '../../../test/networks/mattermost/index.ts';

/** A server to test against: a simulated one, or the real one that the environment names. */
export interface TestServer {
  readonly url: string;
  readonly stage: Omit<Stage, 'channel'>;
  /** Two ordinary people of the team. */
  readonly people: readonly [Account, Account];
  /** Null where the server is real. */
  readonly simulator: MattermostServer | null;
  readonly title: string;
  stop(): Promise<void>;
}

/** `MATTERMOST_URL` and `MATTERMOST_TOKEN`, an administrator's, name a real one; everything is made anew in it. */
export async function testServer(): Promise<TestServer> {
  const { MATTERMOST_URL: url, MATTERMOST_TOKEN: token } = process.env;
  if (url === undefined) {
    const simulator = await startMattermost();
    const stage = await setUp(simulator.url);
    return {
      url: simulator.url,
      stage,
      people: await twoPeople(stage, ''),
      simulator,
      title: 'simulator',
      stop: () => simulator.stop(),
    };
  }
  if (token === undefined) throw new Error('MATTERMOST_TOKEN: the token of an administrator is missing');
  const mark = randomBytes(4).toString('hex');
  const stage = await stageOf(new RestClient(url.replace(/\/+$/, ''), token), mark);
  const people = await twoPeople(stage, `-${mark}`);
  return { url, stage, people, simulator: null, title: 'real server', stop: async () => undefined };
}

async function stageOf(rest: RestClient, mark: string): Promise<TestServer['stage']> {
  const me = await rest.must('GET', '/users/me');
  const admin: Account = { id: me.id, username: String(me.username), rest };
  await rest.must('PUT', '/config/patch', {
    ServiceSettings: { EnableBotAccountCreation: true, EnableUserAccessTokens: true },
  });
  const name = `brygga-${mark}`;
  const team: Row = await rest.must('POST', '/teams', { name, display_name: name, type: 'O' });
  const bot = await addBot(admin, `bridge-${mark}`);
  await join(admin, team, undefined, bot.id);
  return { admin, bot, team };
}

async function twoPeople(
  { admin, bot, team }: TestServer['stage'],
  end: string,
): Promise<[Account, Account]> {
  const [ada, ben] = [await addUser(admin, `ada${end}`), await addUser(admin, `ben${end}`)];
  for (const one of [ada, ben]) await join(admin, team, undefined, one.id);
  // An administrator of the team may remove what others wrote: so moderators elsewhere are heeded here.
  const path = `/teams/${team.id}/members/${bot.id}/schemeRoles`;
  await admin.rest.must('PUT', path, { scheme_admin: true, scheme_user: true });
  return [ada, ben];
}
