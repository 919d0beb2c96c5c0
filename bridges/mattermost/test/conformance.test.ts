import type { Bridge } from '@brygga/contract';
import { channelId, networkId } from '@brygga/event';
import { conformance, fakeContext, type Instance } from '@brygga/testkit';
import { afterAll, expect, it } from 'vitest';
import { addChannel, join } from '../../../test/networks/mattermost/bootstrap.ts';
import { Contract, contractMissing } from '../../../test/networks/mattermost/contract.ts';
import { mattermost } from '../src/index.ts';
import { headerText } from '../src/intake.ts';
import { MattermostSettings } from '../src/settings.ts';
import { Line } from './line.ts';
import { ChannelActor } from './native-actor.ts';
import { shown } from './shown.ts';
import { testServer } from './test-server.ts';

const network = networkId('near');
const server = await testServer();
const line = new Line(new URL(server.url));
const url = await line.start();
let channels = 0;
afterAll(async () => {
  line.stop();
  await server.stop();
});

async function make(): Promise<Instance> {
  const { stage, people } = server;
  const { admin, team, bot } = stage;
  channels += 1;
  const channel = await addChannel(admin, team, `case-${channels}`);
  for (const one of [bot, ...people]) await join(admin, team, channel, one.id);
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
    readChannel: async () => {
      const { header, display_name } = await admin.rest.must('GET', `/channels/${channel.id}`);
      return { topic: headerText(String(header)), name: String(display_name) };
    },
    readHistory: () => shown(admin.rest, channel.id, bot.id),
    outage: { down: async () => line.cut(), up: async () => line.mend() },
    loseNextAnswer: () => line.loseNextAnswer(),
    close: async () => line.mend(),
  };
}

conformance({
  name: `mattermost, ${server.title}`,
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

it('in all of that the bridge spoke as the vendor’s description has it, and was answered so', ({ skip }) => {
  if (contractMissing !== null) return skip(contractMissing);
  if (server.simulator === null) return skip('what a real server says is not recorded');
  const contract = new Contract();
  const { exchanges, frames } = server.simulator;
  const problems = [...contract.problemsOf(exchanges), ...contract.problemsOfFrames(frames)];
  process.stdout.write(`mattermost, held against the contract: ${JSON.stringify(contract.counts)}\n`);
  expect(problems).toEqual([]);
  expect(contract.counts.exchanges).toBeGreaterThan(1000);
  expect(contract.counts.frames).toBeGreaterThan(1000);
});
