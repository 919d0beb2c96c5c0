import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relationIn } from '../house/eyes.ts';
import { withSettings } from '../house/settings-file.ts';
import { until } from '../house/until.ts';
import { type SeenMessage, seenOnXmpp } from '../house/views.ts';
import { Relay } from '../servers/http-relay.ts';
import { openScene, type Scene } from './scene.ts';

const BOT = '@_brygga_bot:localhost';
const LATE_SECONDS = 3;
const TOLD = { withinMs: 40_000, everyMs: 200 };
const STATUS = 'com.beeper.message_send_status';

let scene: Scene;
let relay: Relay;

beforeAll(async () => {
  scene = await openScene({
    beforeStart: async (house) => {
      relay = new Relay(house.synapse.url);
      const homeserverUrl = await relay.start();
      withSettings(house, null, (settings) => {
        settings.limits = { ...settings.limits, lateSeconds: LATE_SECONDS };
        for (const { settings: own } of settings.networks)
          if ('homeserverUrl' in own) own.homeserverUrl = homeserverUrl;
      });
    },
  });
});
afterAll(async () => {
  await scene.house.close();
  relay.stop();
});

const archive = async (): Promise<SeenMessage[]> => {
  const { xmpp, room } = scene;
  return seenOnXmpp(await xmpp.archive('bosse', room.muc));
};

/** What the hub says on XMPP in answer to that message. */
const answersOnXmpp = async (text: string): Promise<readonly string[]> => {
  const seen = await archive();
  const about = seen.find((one) => one.text === text);
  return seen.filter(({ replyTo }) => about !== undefined && replyTo === about.id).map((one) => one.text);
};
const signsOnXmpp = async (text: string): Promise<readonly string[]> => {
  const about = (await archive()).find((one) => one.text === text);
  return [...(about?.reactions ?? [])].flatMap(([emoji, people]) => (people.size === 0 ? [] : [emoji]));
};
const answered = (text: string, count: number) =>
  until(`the hub answers "${text}"`, async () => (await answersOnXmpp(text)).length === count, TOLD);

/** What the bot says in the thread of a message on Matrix, and the states it showed beside it. */
const threadOf = async (event: string) => {
  const about = (await scene.eyes.matrixNow()).filter(
    (one) => one.sender === BOT && relationIn(one).event_id === event,
  );
  return {
    said: about.flatMap(({ type, content }) => (type === 'm.room.message' ? [String(content.body)] : [])),
    states: about.flatMap(({ type, content }) => (type === STATUS ? [content.status] : [])),
  };
};

describe('who wrote what did not arrive is told, in the histories of their own server', () => {
  it('while the XMPP server is down, and when it is back', { timeout: 120_000 }, async () => {
    const { house, anna, room, xmpp } = scene;
    await xmpp.close();
    await house.prosody.stop();
    const first = await anna.say(room.matrix, 'said in vain');
    await anna.say(room.matrix, 'said once more');
    await until('Anna is told', async () => (await threadOf(first)).states.length === 1, TOLD);
    expect(await threadOf(first)).toEqual({
      said: [
        expect.stringMatching(/^Messages have not reached MSB since .* Their system cannot be reached\./),
      ],
      states: ['PENDING'],
    });
    await house.prosody.start();
    await xmpp.connect();
    await until('Anna is told again', async () => (await threadOf(first)).states.length === 2, TOLD);
    expect(await threadOf(first)).toEqual({
      said: [expect.any(String), 'Messages reach MSB again. Arrived late: 2 messages.'],
      states: ['PENDING', 'SUCCESS'],
    });
    const late = (await archive()).filter(({ text }) => text.startsWith('said '));
    expect(late.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^said in vain\n+\(written .*\)$/),
      expect.stringMatching(/^said once more\n+\(written .*\)$/),
    ]);
  });

  it('while the Matrix server is down, and when it is back', { timeout: 120_000 }, async () => {
    const { house, room, xmpp, eyes } = scene;
    await house.synapse.stop();
    relay.cut();
    const before = Date.now();
    await xmpp.say('bosse', room.muc, 'hello in there');
    await answered('hello in there', 1);
    expect(await answersOnXmpp('hello in there')).toEqual([
      expect.stringMatching(/^Messages have not reached Skatteverket since .* cannot be reached\./),
    ]);
    expect(await signsOnXmpp('hello in there')).toEqual(['⏳']);
    const until_ = Date.now();
    await house.synapse.start();
    relay.target = house.synapse.url;
    relay.mend();
    await answered('hello in there', 2);
    expect((await answersOnXmpp('hello in there'))[1]).toBe(
      'Messages reach Skatteverket again. Arrived late: 1 message.',
    );
    await until('the sign is gone', async () => (await signsOnXmpp('hello in there')).length === 0, TOLD);
    const { origin_server_ts: at } = await eyes.readsMatrix('hello in there');
    expect(at).toBeGreaterThan(before - 5000);
    expect(at).toBeLessThan(until_);
  });

  it('while the Matrix server takes nothing because of too many requests', { timeout: 120_000 }, async () => {
    const { room, xmpp } = scene;
    const slow = { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', error: 'slow', retry_after_ms: 1500 } };
    for (let count = 0; count < 4; count += 1) relay.next(/\/send\//, slow);
    await xmpp.say('bosse', room.muc, 'not so fast');
    await answered('not so fast', 2);
    expect(await answersOnXmpp('not so fast')).toEqual([
      expect.stringMatching(/^Messages have not reached Skatteverket since .* takes messages only slowly\./),
      'Messages reach Skatteverket again. Arrived late: 1 message.',
    ]);
  });

  it('when the other side refuses for good', { timeout: 60_000 }, async () => {
    const { anna, room, xmpp, ghosts } = scene;
    const ban = `/v3/rooms/${encodeURIComponent(room.matrix)}/ban`;
    await anna.call('POST', ban, { user_id: ghosts.bosse });
    await xmpp.say('bosse', room.muc, 'let me in');
    await answered('let me in', 1);
    expect(await answersOnXmpp('let me in')).toEqual([
      'A message was not delivered to Skatteverket. The person is banned on the other side.',
    ]);
    expect(await signsOnXmpp('let me in')).toEqual(['⚠️']);
  });
});
