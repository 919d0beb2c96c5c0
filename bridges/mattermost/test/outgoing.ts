import { randomUUID } from 'node:crypto';
import type { Bridge, Delivery, Outcome } from '@brygga/contract';
import { type ChannelId, channelId, networkId } from '@brygga/event';
import { type FakeContext, FarPeople, fakeContext, newId, waitFor } from '@brygga/testkit';
import { afterEach, beforeEach, expect } from 'vitest';
import type { Row } from '../../../test/networks/mattermost/client.ts';
import type { MattermostOptions } from '../../../test/networks/mattermost/index.ts';
import { Stand } from '../../../test/networks/mattermost/stand.ts';
import { mattermost } from '../src/index.ts';
import { MattermostSettings } from '../src/settings.ts';

/** A bridge on a simulated server, and people far away whose deliveries it is given: made anew for each test. */

export const network = networkId('mm');
export let stand: Stand;
export let channel: Row;
export let ctx: FakeContext<MattermostSettings>;
export let bridge: Bridge;
export let far: FarPeople;

/** Time goes on for the server and the bridge until that is so. */
export const until = (check: () => boolean) =>
  waitFor(
    async () => {
      await stand.clock.advance(200);
      return check();
    },
    { withinMs: 10_000, everyMs: 2, what: () => JSON.stringify(ctx.states) },
  );

export async function open(people: object = { appear: 'nameLine' }): Promise<void> {
  const settings = MattermostSettings.parse({ url: stand.server.url, token: stand.bot.rest.token, people });
  ctx = fakeContext<MattermostSettings>({ network, settings, clock: stand.clock });
  bridge = mattermost.create(network, settings) as Bridge;
  await bridge.open(ctx);
  await bridge.attach(place());
  await until(() => ctx.states.at(-1)?.state === 'up');
}

const place = (): ChannelId => channelId(channel.id);

/** The server that is opened to next. */
export async function serve(options: MattermostOptions = {}): Promise<void> {
  stand = await Stand.start(options);
  channel = await stand.channel();
  far = new FarPeople({ channel: place(), now: () => stand.clock.now(), newId: () => newId() });
}

beforeEach(() => serve());
afterEach(async () => {
  await bridge.close();
  await stand.stop();
  expect(ctx.problems).toEqual([]);
});

export async function send(delivery: Delivery): Promise<Outcome> {
  const sending = bridge.send(delivery, new AbortController().signal);
  let outcome: Outcome | null = null;
  void sending.then((one) => {
    outcome = one;
  });
  await until(() => outcome !== null);
  return sending;
}

export const texts = (): string[] => stand.server.livePosts(channel.id).map(({ message }) => message);

/** A webhook of the bot, for the channel. */
export async function hook(): Promise<string> {
  await stand.admin.rest.must('PUT', '/config/patch', {
    ServiceSettings: { EnableIncomingWebhooks: true, EnablePostUsernameOverride: true },
  });
  const made = await stand.admin.rest.must('POST', '/hooks/incoming', {
    channel_id: channel.id,
    user_id: stand.bot.id,
    display_name: randomUUID(),
  });
  return made.id;
}
