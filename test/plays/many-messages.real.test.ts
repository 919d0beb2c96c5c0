import { afterAll, beforeAll, describe, it } from 'vitest';
import { type House, openHouse } from '../house/house.ts';
import { expectSame, talk } from './conversation.ts';

describe('a Matrix, an XMPP and a Mattermost server, joined', () => {
  let house: House;

  beforeAll(async () => {
    house = await openHouse({ rooms: 21, mattermost: 'nameLine' });
    await house.hub.start();
  });
  afterAll(() => house.close());

  it('carries 500 messages of each side in one room: complete, once, in order', async () => {
    const [room] = house.rooms;
    if (room === undefined) throw new Error('no room');
    await expectSame(house, room, await talk(house, room, { messages: 500, seed: 1 }));
  }, 300_000);

  it('carries 20 rooms at once: complete, once, in order', async () => {
    const rooms = house.rooms.slice(1);
    const said = await Promise.all(
      rooms.map((room, seed) => talk(house, room, { messages: 25, seed: seed + 2, xmppPaceMs: 100 })),
    );
    for (const [index, room] of rooms.entries()) {
      await expectSame(house, room, said[index] ?? { matrix: -1, xmpp: -1, mattermost: -1 });
    }
  }, 300_000);
});
