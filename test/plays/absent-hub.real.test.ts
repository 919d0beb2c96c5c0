import { afterAll, beforeAll, describe, it } from 'vitest';
import { type House, openHouse } from '../house/house.ts';
import { expectSame, sum, talk } from './conversation.ts';

describe('a hub that is down while people write', () => {
  let house: House;

  beforeAll(async () => {
    house = await openHouse({ rooms: 1, mattermost: 'nameLine' });
    await house.hub.start();
  });
  afterAll(() => house.close());

  it('catches up after its start, with the edits, removals and reactions made meanwhile', async () => {
    const [room] = house.rooms;
    if (room === undefined) throw new Error('no room');
    const before = await talk(house, room, { messages: 20, seed: 21, name: 'before' });
    await expectSame(house, room, before);
    await house.hub.stop();
    const away = await talk(house, room, { messages: 120, seed: 22, name: 'away' });
    await house.hub.start();
    const after = await talk(house, room, { messages: 20, seed: 23, name: 'after' });
    await expectSame(house, room, sum(sum(before, away), after), 90_000);
  }, 240_000);
});
