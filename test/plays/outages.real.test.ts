import { afterAll, beforeAll, describe, it } from 'vitest';
import { seeded } from '../house/dice.ts';
import { type House, type HouseRoom, openHouse } from '../house/house.ts';
import { matrixWriter, write, xmppWriter } from '../house/traffic.ts';
import { expectSame, talk } from './conversation.ts';

const DOWN_MS = 30_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('an outage in mid-stream', () => {
  let house: House;
  let room: HouseRoom;
  const said = { matrix: 0, xmpp: 0 };

  const add = (part: { readonly matrix?: number; readonly xmpp?: number }): void => {
    said.matrix += part.matrix ?? 0;
    said.xmpp += part.xmpp ?? 0;
  };

  beforeAll(async () => {
    house = await openHouse({ rooms: 1, redis: { appendfsync: 'always' } });
    const [first] = house.rooms;
    if (first === undefined) throw new Error('no room');
    room = first;
    await house.hub.start();
  });
  afterAll(() => house.close());

  it('of the Matrix server for 30 s loses, doubles and reorders nothing', async () => {
    add(await talk(house, room, { messages: 30, seed: 11, name: 'before' }));
    const writing = write(xmppWriter(house, 'bosse', 'Bosse', room), {
      messages: 200,
      name: 'down-x',
      random: seeded(12),
      paceMs: 150,
    });
    await house.synapse.stop();
    await pause(DOWN_MS);
    await house.synapse.start();
    add(await talk(house, room, { messages: 0, seed: 0 }));
    add({ xmpp: (await writing).kept });
    add({
      matrix: (
        await write(matrixWriter(house.anna, room), { messages: 30, name: 'after-m', random: seeded(13) })
      ).kept,
    });
    await expectSame(house, room, said, 90_000);
  }, 240_000);

  it('of the XMPP server for 30 s loses, doubles and reorders nothing', async () => {
    const writing = write(matrixWriter(house.anna, room), {
      messages: 200,
      name: 'down-m',
      random: seeded(14),
      paceMs: 150,
    });
    await house.xmpp.close();
    await house.prosody.stop();
    await pause(DOWN_MS);
    await house.prosody.start();
    await house.xmpp.connect();
    add({
      xmpp: (
        await write(xmppWriter(house, 'bosse', 'Bosse', room), {
          messages: 30,
          name: 'after-x',
          random: seeded(15),
        })
      ).kept,
    });
    add({ matrix: (await writing).kept });
    await expectSame(house, room, said, 90_000);
  }, 240_000);

  it('of Redis, restarted with its append-only file, loses, doubles and reorders nothing', async () => {
    const talking = talk(house, room, {
      messages: 150,
      seed: 16,
      name: 'redis',
      matrixPaceMs: 30,
      xmppPaceMs: 40,
    });
    await pause(2000);
    await house.redis?.stop();
    await pause(3000);
    await house.redis?.start();
    await pause(2000);
    await house.redis?.stop({ signal: 'SIGKILL' });
    await house.redis?.start();
    add(await talking);
    await expectSame(house, room, said, 90_000);
  }, 240_000);
});
