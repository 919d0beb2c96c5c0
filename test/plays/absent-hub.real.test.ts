import { afterAll, beforeAll, describe, it } from 'vitest';
import { type House, openHouse } from '../house/house.ts';
import { expectSame, talk } from './conversation.ts';

describe('a hub that is down while people write', () => {
  let house: House;

  beforeAll(async () => {
    house = await openHouse({ rooms: 1 });
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
    const all = [before, away, after];
    const sum = (side: 'matrix' | 'xmpp'): number => all.reduce((total, part) => total + part[side], 0);
    await expectSame(house, room, { matrix: sum('matrix'), xmpp: sum('xmpp') }, 90_000);
  }, 240_000);
});
