import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brygga, check } from '../house/command.ts';
import { asBot } from '../house/homeserver.ts';
import { type House, openHouse } from '../house/house.ts';
import * as matrix from '../house/matrix-acts.ts';
import type { HouseSettings } from '../house/settings-file.ts';
import * as acts from '../house/xmpp-acts.ts';
import { checkedWith, linked, ofLevel, settingsIn } from './checks.ts';

const BOT = '@_brygga_bot:localhost';

let house: House;
beforeAll(async () => {
  house = await openHouse({ rooms: 1 });
});
afterAll(() => house.close());

/** An online check of the house with one thing wrong in its settings. */
const checked = (name: string, change: (settings: HouseSettings) => void) => checkedWith(house, name, change);

/** Exactly that fails, it says what to do, and no secret is in it. */
async function expectFailure(
  name: string,
  change: (settings: HouseSettings) => void,
  [what, remedy]: readonly [RegExp, RegExp],
): Promise<void> {
  const { code, found } = await checked(name, change);
  expect(code).toBe(1);
  const fails = ofLevel(found, 'fail');
  expect(fails.map((one) => one.what)).toEqual([expect.stringMatching(what)]);
  expect(fails[0]?.remedy).toMatch(remedy);
  expect(JSON.stringify(found)).not.toMatch(/wrong-wrong/);
}

describe('brygga check of a house in order', () => {
  it('reads the settings', async () => {
    const { code, out } = await brygga(['check', '-c', house.config]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}ok {4}2 organisations, 2 networks, 1 room with 2 links$/m);
    expect(out).toMatch(/^2 ok, 0 warn, 0 fail/m);
  });

  it('asks the networks, before the hub was ever started', async () => {
    const { found } = await check(house.config, '--online');
    const oks = ofLevel(found, 'ok').map(({ what }) => what);
    for (const words of [/homeserver answers/, /knows us as @_brygga_sender/, /files up to \d+ bytes/])
      expect(oks).toContainEqual(expect.stringMatching(words));
    for (const words of [/connected as brygga@bridge/, /archive/, /enters as moderator, admin/])
      expect(oks).toContainEqual(expect.stringMatching(words));
    // Redis is asked too; that the bot has not accepted its invitation is told with what will mend it.
    expect(oks).toContainEqual(expect.stringMatching(/redis/i));
    for (const one of found) if (one.level !== 'ok') expect(one.remedy).toMatch(/hub/);
  });

  it('asks them while the hub runs, and finds all well', async () => {
    await house.hub.start();
    const { code, out } = await brygga(['check', '--online', '-c', house.config]);
    expect(out).toMatch(/^\d+ ok, 0 warn, 0 fail$/m);
    expect(code).toBe(0);
    expect(out).toMatch(/ok {4}the homeserver reaches the hub/);
    // The one place where a component sits is taken by the hub itself: the secret is seen to be right.
    expect(out).toMatch(/ok {4}.*secret is right/);
    await house.hub.stop();
  });
});

describe('brygga check names what is wrong and the remedy', () => {
  it('a component secret', () =>
    expectFailure(
      'secret',
      (settings) => Object.assign(settingsIn(settings, 'msb-xmpp'), { secret: 'wrong-wrong-wrong-wrong' }),
      [/refuses the secret for bridge\.localhost/, /component_secret/],
    ));

  it('a component nobody knows', () =>
    expectFailure(
      'domain',
      (settings) => Object.assign(settingsIn(settings, 'msb-xmpp'), { domain: 'nowhere.localhost' }),
      [/nowhere\.localhost/, /Component "nowhere\.localhost"/],
    ));

  it('an as_token', () =>
    expectFailure(
      'token',
      (settings) => Object.assign(settingsIn(settings, 'skv-matrix'), { asToken: 'wrong-wrong-'.repeat(4) }),
      [/refuses asToken/, /registration/],
    ));

  it('a namespace that is not the registration’s', () =>
    expectFailure(
      'namespace',
      (settings) =>
        Object.assign(settingsIn(settings, 'skv-matrix'), {
          ghostPrefix: '_other_',
          botLocalpart: '_other_bot',
          senderLocalpart: '_other_sender',
        }),
      [/knows us as @_brygga_sender:localhost, not @_other_sender:localhost/, /registration/],
    ));

  it('an encrypted room', async () => {
    const room = await house.anna.createRoom({ preset: 'private_chat', invite: [BOT] });
    await asBot(house, 'POST', `/v3/join/${encodeURIComponent(room)}`);
    await matrix.state(house.anna, room, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
    const { found } = await checked('encrypted', linked('skv-matrix', room));
    expect(ofLevel(found, 'fail')).toEqual([
      expect.objectContaining({
        what: expect.stringContaining('end-to-end encrypted'),
        remedy: expect.stringContaining('without encryption'),
      }),
    ]);
  });

  it('a room the bot is not invited to', async () => {
    const room = await house.anna.createRoom({ preset: 'private_chat' });
    const { code, found } = await checked('uninvited', linked('skv-matrix', room));
    expect(code).toBe(1);
    const [fail, ...others] = ofLevel(found, 'fail');
    expect(others).toEqual([]);
    expect(fail?.what).toMatch(/the bot is not in the room/);
    expect(fail?.remedy).toContain(`invite ${BOT}`);
  });

  it('a room where the bot has not the power to let ghosts in', async () => {
    const levels = { invite: 50, users: { [house.anna.id]: 100, [BOT]: 0 } };
    const room = await house.anna.createRoom({
      preset: 'private_chat',
      invite: [BOT],
      power_level_content_override: levels,
    });
    await asBot(house, 'POST', `/v3/join/${encodeURIComponent(room)}`);
    const { code, found } = await checked('powerless', linked('skv-matrix', room));
    const invite = found.find(({ what }) => what.includes('may not invite'));
    expect(invite?.remedy).toContain(`give ${BOT} the power level 50`);
    // Nothing from elsewhere can be said there.
    expect(invite?.level).toBe('fail');
    expect(code).toBe(1);
  });

  it('a MUC the bot may not moderate', async () => {
    const muc = `strangers@${house.prosody.muc}`;
    await house.xmpp.join('bosse', muc, 'Bosse');
    const { found } = await checked('unprivileged', linked('msb-xmpp', muc));
    const told = found.find(({ what }) => what.includes('no moderator'));
    expect(told?.remedy).toMatch(/give brygga@bridge\.localhost the affiliation admin/);
  });

  it('a MUC that does not let the bot in', async () => {
    const muc = `closed@${house.prosody.muc}`;
    await house.xmpp.join('bosse', muc, 'Bosse');
    await acts.configure(house.xmpp, 'bosse', muc, { 'muc#roomconfig_membersonly': '1' });
    await expectFailure('closed', linked('msb-xmpp', muc), [
      /cannot enter \(registration-required\)/,
      /affiliation admin/,
    ]);
  });
});

describe.concurrent('a sample of the settings, broken', () => {
  const env = {
    SKV_MATRIX_AS_TOKEN: 'a1'.repeat(32),
    SKV_MATRIX_HS_TOKEN: 'b2'.repeat(32),
    MSB_XMPP_SECRET: 'c3'.repeat(16),
    FK_MATTERMOST_TOKEN: 'd4'.repeat(13),
  };
  let sample: string;
  beforeAll(async () => {
    sample = (await brygga(['sample'])).out;
  });

  /** Breaks the sample and tells what `brygga check` says of it. `line` is found by its text. */
  async function broken(name: string, from: string, to: string, says: RegExp): Promise<void> {
    const line = sample.split('\n').findIndex((text) => text.includes(from)) + 1;
    expect(line).toBeGreaterThan(0);
    const path = join(house.folder, name);
    writeFileSync(path, sample.replace(from, to));
    const { code, out } = await brygga(['check', '-c', path], env);
    expect(code).toBe(1);
    const lines = out.split('\n');
    const at = lines.findIndex((text) => text.startsWith(`${path}:${line}:`));
    expect(lines[at]).toMatch(says);
    expect(lines[at + 1]).toMatch(/^ {4}\S.{10,}/);
  }

  it('is right as it stands', async () => {
    const path = join(house.folder, 'sample.yaml');
    writeFileSync(path, sample);
    expect((await brygga(['check', '-c', path], env)).code).toBe(0);
  });

  it('by a misspelt field', () =>
    broken('field.yaml', '    serverName: ', '    severName: ', /networks\[0\]\.settings\.severName: /));

  it('by a reference to what is not there', () =>
    broken(
      'reference.yaml',
      '- network: msb-xmpp',
      '- network: msb-xmmp',
      /rooms\[0\]\.links\[1\]\.network: /,
    ));

  it('by a quotation mark left open', () =>
    broken('quote.yaml', 'name: Situation', 'name: "Situation', /rooms\[0\]\.name: .*not closed/));
});
