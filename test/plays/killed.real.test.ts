import { afterAll, beforeAll, describe, it } from 'vitest';
import { seeded } from '../house/dice.ts';
import { type House, openHouse } from '../house/house.ts';
import { expectSame, type Kept, sum, talk } from './conversation.ts';

const KILLS = 20;

describe('a hub that is killed again and again', () => {
  let house: House;

  beforeAll(async () => {
    house = await openHouse({ rooms: 1, mattermost: 'webhook' });
    await house.hub.start();
  });
  afterAll(() => house.close());

  it(`loses, doubles and reorders nothing over ${KILLS} kills at random moments`, async () => {
    const [room] = house.rooms;
    if (room === undefined) throw new Error('no room');
    const random = seeded(7);
    let writing = true;
    const kill = async (): Promise<void> => {
      for (let kills = 0; kills < KILLS; kills++) {
        await new Promise((resolve) => setTimeout(resolve, random() * 2000));
        await house.hub.kill();
        // Mostly it is at work again before the next kill; every fourth time it may be killed while it starts.
        await house.hub.start(kills % 4 !== 3);
      }
      writing = false;
    };
    const speak = async () => {
      let said: Kept = { matrix: 0, xmpp: 0 };
      for (let round = 0; writing || round < 4; round++) {
        const part = await talk(house, room, {
          messages: 125,
          seed: 100 + round,
          name: `r${round}`,
          matrixPaceMs: 40,
          xmppPaceMs: 60,
          mattermostPaceMs: 80,
        });
        said = sum(said, part);
      }
      return said;
    };
    const [said] = await Promise.all([speak(), kill()]);
    await house.hub.ready();
    await expectSame(house, room, said, 120_000);
  }, 600_000);
});
