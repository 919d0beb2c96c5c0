import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Eyes } from '../house/eyes.ts';
import { type House, type HouseRoom, matrixSettings, openHouse } from '../house/house.ts';
import { HubProcess } from '../house/hub-process.ts';
import { withSettings } from '../house/settings-file.ts';
import { until } from '../house/until.ts';
import { ownText } from '../house/views.ts';
import { freePort } from '../servers/index.ts';

const OTHER = 'other-matrix';
const BOT = '@_other_bot:localhost';

let house: House;
let room: HouseRoom;
let eyes: Eyes;
let second: HubProcess;
let secondUrl: string;

/** A hub of somebody else's, with a Redis of its own, between the same Matrix room and the same MUC. */
async function otherHub(own: Readonly<Record<string, unknown>>): Promise<HubProcess> {
  const [, component] = house.prosody.components;
  if (component === undefined) throw new Error('no second component');
  await house.anna.call('POST', `/v3/rooms/${encodeURIComponent(room.matrix)}/invite`, { user_id: BOT });
  await house.xmpp.ownRoom('bosse', room.muc, `brygga@${component.domain}`);
  const port = await freePort();
  secondUrl = `http://127.0.0.1:${port}`;
  const config = withSettings(house, 'second.yaml', (settings) => {
    const [matrix, xmpp] = settings.networks;
    if (matrix === undefined || xmpp === undefined) throw new Error('no networks');
    Object.assign(settings.hub, { id: 'second' });
    settings.hub.http.port = port;
    Object.assign(settings, { redis: { url: house.redisUrl, prefix: 'second' } });
    Object.assign(matrix, { id: OTHER, settings: { ...own, homeserverUrl: house.synapse.url } });
    Object.assign(xmpp.settings, { domain: component.domain, secret: component.secret });
    for (const one of settings.rooms)
      one.links = [
        { network: OTHER, channel: room.matrix },
        { network: xmpp.id, channel: room.muc },
      ];
  });
  return new HubProcess({ config, logFile: join(house.folder, 'second.log'), statusUrl: secondUrl });
}

beforeAll(async () => {
  const own = {
    ...(await matrixSettings()),
    ghostPrefix: '_other_',
    botLocalpart: '_other_bot',
    senderLocalpart: '_other_sender',
  };
  house = await openHouse({ rooms: 1, otherMatrix: { [OTHER]: own } });
  const [first] = house.rooms;
  if (first === undefined) throw new Error('no room');
  room = first;
  const levels = { [house.anna.id]: 100, '@_brygga_bot:localhost': 60, [BOT]: 60 };
  const path = `/v3/rooms/${encodeURIComponent(room.matrix)}/state/m.room.power_levels`;
  await house.anna.call('PUT', path, { ...(await house.anna.call('GET', path)), users: levels });
  eyes = new Eyes(house, room);
  second = await otherHub(own);
  await house.hub.start();
  await eyes.flushed();
});
afterAll(async () => {
  await second.stop();
  await house.close();
});

const cutOf = async (): Promise<unknown> =>
  ((await (await fetch(`${secondUrl}/readyz`)).json()) as { readonly cut?: unknown }).cut;

/** Takes the first hub's notice back, as `bridges/matrix/README.md` tells operators to. */
async function takeBack(): Promise<void> {
  const path = `/v3/rooms/${encodeURIComponent(room.matrix)}/state`;
  const state = Object.values(await house.anna.call('GET', path)) as StateEvent[];
  for (const { type, state_key: key, content } of state)
    if (type === 'org.brygga.hub' && content.hub !== 'second')
      await house.anna.call('PUT', `${path}/${type}/${key}`, {});
}

interface StateEvent {
  readonly type: string;
  readonly state_key: string;
  readonly content: { readonly hub?: string };
}

/** Each text is on both sides, once. */
async function expectOnce(texts: readonly string[]): Promise<void> {
  const counted = (all: readonly (string | undefined)[]): number[] =>
    texts.map((text) => all.filter((one) => one === text).length);
  const once = texts.map(() => 1);
  const matrix = (await eyes.matrixNow()).map(({ content }) => (content as { body?: string }).body);
  expect(counted(matrix)).toEqual(once);
  expect(counted(eyes.xmppNow().map((stanza) => ownText(stanza)))).toEqual(once);
}

/** Both sides say so many things in turn; `through` waits until all of it is, and returns it. */
async function talk(name: string, count: number): Promise<{ through(): Promise<string[]> }> {
  for (let at = 0; at < count; at += 1) {
    await house.anna.say(room.matrix, `${name} m${at}`);
    await house.xmpp.say('bosse', room.muc, `${name} x${at}`);
  }
  return {
    through: async () => {
      const numbers = Array.from({ length: count }, (_, at) => at);
      for (const at of numbers) await eyes.readsXmpp(`${name} m${at}`);
      for (const at of numbers) await eyes.readsMatrix(`${name} x${at}`);
      return numbers.flatMap((at) => [`${name} m${at}`, `${name} x${at}`]);
    },
  };
}

describe('two hubs between one Matrix room and one MUC', () => {
  it('carry each message once, from the start of the second on', async () => {
    const talking = talk('starting', 15);
    await second.start();
    const texts = await (await talking).through();
    await until('the second yields', async () => (await cutOf()) !== undefined);
    expect(await cutOf()).toEqual({ [`${room.id}/msb-xmpp`]: 'otherHub' });
    texts.push(...(await (await talk('both', 10)).through()));
    await eyes.flushed();
    await expectOnce(texts);
  });

  it('when the first is started anew, it goes on, and the second yields on', async () => {
    await house.hub.stop();
    const talked = await talk('away', 3);
    await house.hub.start();
    const texts = [...(await talked.through()), ...(await (await talk('back', 3)).through())];
    await eyes.flushed();
    await expectOnce(texts);
    expect(await cutOf()).toEqual({ [`${room.id}/msb-xmpp`]: 'otherHub' });
  });

  it('when the room is taken out of the first, with its notice, the second carries once it is started anew', async () => {
    await house.hub.stop();
    await takeBack();
    await second.stop();
    await second.start();
    // What its last run saw counts until it has looked into both channels.
    await until('the second has looked', async () => (await cutOf()) === undefined);
    const texts = await (await talk('alone', 3)).through();
    await expectOnce(texts);
  });
});
