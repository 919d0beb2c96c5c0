import type { Bridge } from '@brygga/contract';
import { channelId, networkId } from '@brygga/event';
import { conformance, fakeContext, type Instance } from '@brygga/testkit';
import { afterAll, beforeAll } from 'vitest';
import {
  type Account,
  addChannel,
  addUser,
  join,
  type Stage,
  setUp,
} from '../../../test/networks/mattermost/bootstrap.ts';
import { type MattermostServer, startMattermost } from '../../../test/networks/mattermost/index.ts';
import { mattermost } from '../src/index.ts';
import { MattermostSettings } from '../src/settings.ts';
import { Line } from './line.ts';
import { ChannelActor } from './native-actor.ts';
import { shown } from './shown.ts';

const network = networkId('near');
let server: MattermostServer;
let stage: Stage;
let line: Line;
let url: string;
let people: [Account, Account];
let channels = 0;

beforeAll(async () => {
  server = await startMattermost();
  stage = await setUp(server.url);
  // As an operator may who wants moderators elsewhere to be heeded here.
  const role = await stage.admin.rest.must('GET', '/roles/name/channel_admin');
  const permissions = [...(role.permissions as string[]), 'delete_others_posts'];
  await stage.admin.rest.must('PUT', `/roles/${role.id}/patch`, { permissions });
  line = new Line(new URL(server.url));
  url = await line.start();
  people = [await addUser(stage.admin, 'ada'), await addUser(stage.admin, 'ben')];
});
afterAll(async () => {
  line.stop();
  await server.stop();
});

async function make(): Promise<Instance> {
  const { admin, team, bot } = stage;
  channels += 1;
  const channel = await addChannel(admin, team, `case-${channels}`);
  for (const one of [bot, ...people]) await join(admin, team, channel, one.id);
  const roles = { scheme_admin: true, scheme_user: true };
  await admin.rest.must('PUT', `/channels/${channel.id}/members/${bot.id}/schemeRoles`, roles);
  const actors: readonly [ChannelActor, ChannelActor] = [
    new ChannelActor(people[0], channel, () => actors[1]),
    new ChannelActor(people[1], channel, () => actors[0]),
  ];
  const settings = MattermostSettings.parse({ url, token: bot.rest.token });
  return {
    ctx: fakeContext({ network: 'near', settings }),
    channel: channelId(channel.id),
    actors,
    moderator: new ChannelActor(admin, channel, () => actors[0]),
    create: () => mattermost.create(network, settings) as Bridge,
    readHistory: async () => shown(server, channel.id, bot.id),
    outage: { down: async () => line.cut(), up: async () => line.mend() },
    loseNextAnswer: () =>
      server.faults.next({ method: 'POST', path: /\/api\/v4\/posts$/ }, { kind: 'loseAnswer' }),
    close: async () => {
      line.mend();
      server.faults.clear();
    },
  };
}

conformance({
  name: 'mattermost, simulator',
  manifest: mattermost.manifest,
  make,
  patienceMs: 8000,
  skips: {
    'a removal by a moderator comes in as a moderator’s':
      'Mattermost tells ordinary accounts that a post is gone, and not who removed it.',
    'native text comes in letter for letter: calls to everybody':
      'These letters call everybody in Mattermost, however they are written, unless in code.',
    'native text comes in letter for letter: brackets of links':
      'A word between two colons is an emoji in Mattermost, and a backslash does not change that.',
  },
});
