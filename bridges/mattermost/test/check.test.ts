import type { Finding } from '@brygga/contract';
import { channelId, networkId } from '@brygga/event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Account, addUser, join } from '../../../test/networks/mattermost/bootstrap.ts';
import type { Row } from '../../../test/networks/mattermost/client.ts';
import { Stand } from '../../../test/networks/mattermost/stand.ts';
import { check } from '../src/check.ts';
import { MattermostSettings } from '../src/settings.ts';

let stand: Stand;
let channel: Row;
beforeEach(async () => {
  stand = await Stand.start();
  channel = await stand.channel();
});
afterEach(() => stand.stop());

async function found(change: object = {}, channels = [channel.id]): Promise<readonly Finding[]> {
  const { url } = stand.server;
  const settings = MattermostSettings.parse({ url, token: stand.bot.rest.token, ...change });
  const signal = new AbortController().signal;
  const network = networkId('mm');
  return check({
    network,
    settings,
    channels: channels.map((id) => channelId(id)),
    clock: stand.clock,
    signal,
  });
}

/** What is wrong, each with the place where it is changed. */
const wrong = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, what, remedy }) => `${level}: ${what} -> ${remedy}`);

const settings = (change: object): Promise<unknown> =>
  stand.admin.rest.must('PUT', '/config/patch', { ServiceSettings: change });

async function hook(owner: Account, into = channel): Promise<string> {
  const body = { channel_id: into.id, user_id: owner.id, display_name: 'Brygga' };
  return (await stand.admin.rest.must('POST', '/hooks/incoming', body)).id;
}

async function lacking(role: string, permission: string): Promise<void> {
  const row = await stand.admin.rest.must('GET', `/roles/name/${role}`);
  const permissions = (row.permissions as string[]).filter((one) => one !== permission);
  await stand.admin.rest.must('PUT', `/roles/${row.id}/patch`, { permissions });
}

describe('the check of a Mattermost network', () => {
  it('finds nothing wrong where all is as it should be', async () => {
    const all = await found();
    expect(wrong(all)).toEqual([]);
    expect(all.map(({ what }) => what)).toEqual([
      "the token is the bot's @bridge",
      'the bot may do what it has to',
      expect.stringContaining('does not remove (it lacks delete_others_posts)'),
      `the bot is in channel ${String(channel.display_name)}`,
    ]);
  });

  it('names a token that is not taken, and a server that is not there', async () => {
    expect(wrong(await found({ token: 'x'.repeat(26) }))).toEqual([
      expect.stringMatching(
        /^fail: the server does not take the token -> .*Bot Accounts > Create New Token$/,
      ),
    ]);
    expect(wrong(await found({ url: 'http://127.0.0.1:1' }))).toEqual([
      expect.stringMatching(/^fail: the server does not answer \(refused\) -> see that `url` is right/),
    ]);
  });

  it("names a person's token, and EnableBotAccountCreation where that is in the way", async () => {
    const person = await addUser(stand.admin, 'ada');
    await join(stand.admin, stand.stage.team, channel, person.id);
    const token = { token: person.rest.token };
    expect(wrong(await found(token))).toEqual([expect.stringMatching(/^warn: .*who is a person/)]);
    await settings({ EnableBotAccountCreation: false });
    expect(wrong(await found(token))).toContainEqual(
      expect.stringMatching(
        /^fail: EnableBotAccountCreation is off -> .*System Console > Integrations > Bot Accounts/,
      ),
    );
  });

  it('names the switches that webhooks need', async () => {
    await settings({ EnableIncomingWebhooks: true });
    const webhooks = { [channel.id]: await hook(stand.bot) };
    await settings({ EnableIncomingWebhooks: false });
    const place = 'System Console > Integrations > Integration Management';
    expect(wrong(await found({ people: { appear: 'webhook', webhooks } }))).toEqual([
      `fail: EnableIncomingWebhooks is off -> switch it on: ${place} > Enable Incoming Webhooks`,
      `fail: EnablePostUsernameOverride is off -> switch it on: ${place} > Enable integrations to override usernames`,
    ]);
  });

  it('looks at the webhooks where it may', async () => {
    await settings({ EnableIncomingWebhooks: true, EnablePostUsernameOverride: true });
    const of = async (id: string) =>
      wrong(await found({ people: { appear: 'webhook', webhooks: { [channel.id]: id } } }));
    expect(wrong(await found({ people: { appear: 'webhook', webhooks: {} } }))).toEqual([
      expect.stringMatching(/^warn: channel .* has no webhook in the settings/),
    ]);
    const [own, foreign, astray] = [
      await hook(stand.bot),
      await hook(stand.admin),
      await hook(stand.bot, await stand.channel()),
    ];
    expect(await of(foreign)).toEqual([]); // the bot may not look
    const path = `/teams/${stand.stage.team.id}/members/${stand.bot.id}/schemeRoles`;
    await stand.admin.rest.must('PUT', path, { scheme_admin: true, scheme_user: true });
    expect(await of(own)).toEqual([]);
    expect(await of(foreign)).toEqual([expect.stringMatching(/^fail: .* is another account's/)]);
    expect(await of(astray)).toEqual([expect.stringMatching(/^fail: .* writes into another channel/)]);
    expect(await of('z'.repeat(26))).toEqual([expect.stringMatching(/^fail: .* does not exist/)]);
  });

  it('names a channel that is not there, that the bot is not in, and one that is archived', async () => {
    expect(wrong(await found({}, ['z'.repeat(26)]))).toEqual([
      expect.stringMatching(/^fail: channel z+ cannot be read \(404 .*add the bot to its team/),
    ]);
    await stand.admin.rest.must('DELETE', `/channels/${channel.id}/members/${stand.bot.id}`);
    expect(wrong(await found())).toEqual([
      expect.stringMatching(/^fail: the bot is not in channel .* -> add it: channel menu > Members > Add$/),
    ]);
    const other = await stand.channel();
    await stand.admin.rest.must('DELETE', `/channels/${other.id}`);
    expect(wrong(await found({}, [other.id]))).toEqual([
      expect.stringMatching(/^fail: channel .* is archived -> restore it/),
    ]);
  });

  it('names rights that the bot lacks', async () => {
    await lacking('channel_user', 'edit_post');
    await lacking('channel_user', 'add_reaction');
    const place = 'System Console > User Management > Permissions';
    expect(wrong(await found())).toEqual([
      `fail: the bot may not edit what it wrote: it lacks edit_post -> give it to the roles of the bot: ${place}`,
      `fail: the bot may not react: it lacks add_reaction -> give it to the roles of the bot: ${place}`,
    ]);
  });

  it('tells what a limit on edits does', async () => {
    await settings({ PostEditTimeLimit: 300 });
    expect(wrong(await found())).toEqual([expect.stringMatching(/^warn: posts can be edited for 300 s/)]);
  });
});
