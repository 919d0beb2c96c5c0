import { describe, it } from 'vitest';
import { seeded } from '../house/dice.ts';
import { type House, type HouseOptions, type HouseRoom, openHouse } from '../house/house.ts';
import { matrixWriter, mattermostWriter, type Writer, write, xmppWriter } from '../house/traffic.ts';
import { until } from '../house/until.ts';
import { startReplicatedRedis } from '../servers/index.ts';
import { expectSame, type Kept, sum, talk } from './conversation.ts';

const DOWN_MS = 30_000;
const SETTLED_MS = 90_000;
const TEST_MS = 300_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A house of its own for one outage, with a conversation that has begun. Compares all sides in the end. */
async function inMidStream(
  play: (house: House, room: HouseRoom) => Promise<Kept>,
  options: Partial<HouseOptions> = { redis: { appendfsync: 'always' } },
): Promise<void> {
  const house = await openHouse({ rooms: 1, mattermost: 'webhook', ...options });
  try {
    const [room] = house.rooms;
    if (room === undefined) throw new Error('no room');
    await house.hub.start();
    const before = await talk(house, room, { messages: 30, seed: 11, name: 'before' });
    const part = await play(house, room);
    await expectSame(house, room, sum(before, part), SETTLED_MS);
  } finally {
    await house.close();
  }
}

const writes = <Id>(writer: Writer<Id>, name: string, messages: number, seed: number, paceMs: number) =>
  write(writer, { messages, name: `${name}${seed}`, random: seeded(seed), deep: false, paceMs });
const onMatrix = (house: House, room: HouseRoom, messages: number, seed: number, paceMs = 0) =>
  writes(matrixWriter(house.anna, room), 'm', messages, seed, paceMs);
const onXmpp = (house: House, room: HouseRoom, messages: number, seed: number, paceMs = 0) =>
  writes(xmppWriter(house, 'bosse', 'Bosse', room), 'x', messages, seed, paceMs);
const onMattermost = (
  { mattermost }: House,
  room: HouseRoom,
  messages: number,
  seed: number,
  paceMs = 20,
) => {
  if (mattermost === null || room.mattermost === null) throw new Error('the house has no Mattermost');
  return writes(mattermostWriter(mattermost.maja, room.mattermost), 'f', messages, seed, paceMs);
};

const metrics = async ({ statusUrl }: House): Promise<string> => (await fetch(`${statusUrl}/metrics`)).text();
/** Resolves when somebody was told to wait because of that lane. */
const full = (house: House, lane: string): Promise<unknown> =>
  until(
    `${lane} is full`,
    async () =>
      (await metrics(house)).includes(`brygga_lane_full_total{room="${house.rooms[0]?.id}",lane="${lane}"}`),
    { withinMs: 60_000, everyMs: 250 },
  );

// Most of the time they wait: each has servers of its own, so they can do that together.
describe.concurrent('an outage in mid-stream loses, doubles and reorders nothing', () => {
  it('of the Matrix server for 30 s', { timeout: TEST_MS }, () =>
    inMidStream(async (house, room) => {
      const writing = [onXmpp(house, room, 200, 12, 150), onMattermost(house, room, 150, 32, 150)];
      await house.synapse.stop();
      await pause(DOWN_MS);
      await house.synapse.start();
      const [xmpp, mattermost] = await Promise.all(writing);
      const matrix = (await onMatrix(house, room, 30, 13)).kept;
      return { matrix, xmpp: xmpp?.kept ?? 0, mattermost: mattermost?.kept ?? 0 };
    }),
  );

  it('of the XMPP server for 30 s', { timeout: TEST_MS }, () =>
    inMidStream(async (house, room) => {
      const writing = onMatrix(house, room, 200, 14, 150);
      await house.xmpp.close();
      await house.prosody.stop();
      await pause(DOWN_MS);
      await house.prosody.start();
      await house.xmpp.connect();
      const xmpp = (await onXmpp(house, room, 30, 15)).kept;
      return { xmpp, matrix: (await writing).kept };
    }),
  );

  it('of the Mattermost server for 30 s', { timeout: TEST_MS }, () =>
    inMidStream(async (house, room) => {
      const writing = [onMatrix(house, room, 150, 34, 150), onXmpp(house, room, 150, 35, 150)];
      await house.mattermost?.server.restart({ downMs: DOWN_MS });
      const mattermost = (await onMattermost(house, room, 30, 36)).kept;
      const [matrix, xmpp] = await Promise.all(writing);
      return { mattermost, matrix: matrix?.kept ?? 0, xmpp: xmpp?.kept ?? 0 };
    }),
  );

  it('of each server until its lane is full, and the other is told to wait', { timeout: 2 * TEST_MS }, () =>
    inMidStream(
      async (house, room) => {
        const matrix = onMatrix(house, room, 180, 18, 150);
        await house.xmpp.close();
        await house.prosody.stop();
        await full(house, 'out:msb-xmpp');
        await house.prosody.start();
        await house.xmpp.connect();
        const { kept } = await matrix;
        const xmpp = onXmpp(house, room, 180, 19, 150);
        await house.synapse.stop();
        await full(house, 'out:skv-matrix');
        await house.synapse.start();
        return { matrix: kept, xmpp: (await xmpp).kept };
      },
      { settings: { limits: { leaseSeconds: 2, lateSeconds: 600, laneItemsMax: 100 } } },
    ),
  );

  it('of Redis, stopped and killed, restarted with its append-only file', { timeout: TEST_MS }, () =>
    inMidStream(async (house, room) => {
      const how = {
        messages: 150,
        seed: 16,
        name: 'redis',
        matrixPaceMs: 30,
        xmppPaceMs: 40,
        mattermostPaceMs: 50,
      };
      const talking = talk(house, room, how);
      await pause(2000);
      await house.redis?.stop();
      await pause(3000);
      await house.redis?.start();
      await pause(2000);
      await house.redis?.stop({ signal: 'SIGKILL' });
      await house.redis?.start();
      return talking;
    }),
  );

  it('of the master Redis, killed twice, with a copy in its place', { timeout: TEST_MS }, async () => {
    const redis = await startReplicatedRedis();
    const { url, sentinel } = redis;
    const settings = { redis: { url, prefix: 'failing-over', sentinel, replicas: 1 } };
    const playing = inMidStream(
      async (house, room) => {
        const how = {
          messages: 250,
          seed: 17,
          name: 'master',
          matrixPaceMs: 60,
          xmppPaceMs: 80,
          mattermostPaceMs: 80,
        };
        const talking = talk(house, room, how);
        for (let time = 0; time < 2; time += 1) {
          await pause(2000);
          const master = await redis.master();
          await master.stop({ signal: 'SIGKILL' });
          await until('there is another master', async () => (await redis.master()) !== master);
          await master.start();
          await redis.settled();
        }
        return talking;
      },
      { redisUrl: url, settings },
    );
    try {
      await playing;
    } finally {
      await redis.stop();
    }
  });
});
