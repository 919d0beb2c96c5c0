import { later, refused } from '@brygga/contract';
import { nativeId } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import type { FakeNetwork } from '../test/fake-network.ts';
import { HubHouse } from '../test/hub-house.ts';
import { keysWith, wordsOnDisk } from '../test/redis-values.ts';

let redis: RedisServer;
let house: HubHouse;
let a: FakeNetwork;
let b: FakeNetwork;
beforeAll(async () => {
  redis = await startRedis({ appendfsync: 'always' });
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(async () => {
  house = new HubHouse(redis.url);
  // Else a rewrite packs what it writes, and no word is found in it though it is there.
  await house.raw.config('SET', 'aof-use-rdb-preamble', 'no');
  [a, b] = [house.network('a'), house.network('b')];
});
afterEach(() => house.close());

const WORDS = [
  'heron by the lake',
  'heron edited',
  'Ylva Zetterqvist',
  'plan of the bridge.pdf',
  'mxc://secret',
];
const by = { name: 'Ylva Zetterqvist' };

/** As Redis does it by itself when the file has grown. */
async function rewritten(): Promise<void> {
  await house.raw.bgrewriteaof();
  await waitFor(
    async () =>
      /aof_rewrite_in_progress:0.*aof_rewrite_scheduled:0/s.test(await house.raw.info('persistence')),
    {
      withinMs: 20_000,
      what: 'the append-only file is written anew',
    },
  );
}

/** A key that is over may still go into a rewrite, and Redis takes the old files away a moment later. */
async function goneFromDisk(): Promise<void> {
  const gone = async (): Promise<boolean> => {
    await rewritten();
    return (await wordsOnDisk(redis.folder, WORDS)).length === 0;
  };
  await waitFor(gone, { withinMs: 20_000, what: 'nothing of it is on disk' });
}

describe('without a key, when the last link is done', () => {
  it('neither keys nor the append-only file hold what was sent', async () => {
    await house.start();
    b.answer = () => later('NETWORK_DOWN');
    const attachments = [
      { name: 'plan of the bridge.pdf', mediaType: 'application/pdf', bytes: 5, source: 'mxc://secret' },
    ];
    const first = await a.say('heron by the lake', { ...by, more: { attachments } });
    await a.edit(first, 'heron edited', by);
    await a.edit(nativeId('late'), 'heron edited', by);
    await waitFor(async () => (await house.raw.llen(house.key('out:b'))) === 2);
    await waitFor(async () => (await house.raw.llen(house.key('aside'))) === 1);
    await rewritten();
    expect(await keysWith(house.raw, WORDS)).toContain(house.key('out:b'));
    expect(await wordsOnDisk(redis.folder, WORDS)).toEqual(WORDS);

    b.answer = () => null;
    b.ctx.state('down', 'NETWORK_DOWN');
    b.ctx.state('up');
    await waitFor(() => b.texts.length === 2, { withinMs: 10_000 });
    await house.quiet();
    expect(await keysWith(house.raw, WORDS)).toEqual([]);
    await goneFromDisk();
    expect(await house.raw.keys(house.key('m:*'))).not.toEqual([]);
  });

  it('a dead letter holds it until its term is over', async () => {
    await house.start(house.settings({ deadLetterDays: 5 / 86_400 }));
    b.answer = () => refused('NOT_ACCEPTABLE');
    await a.say('heron by the lake', by);
    await waitFor(async () => (await keysWith(house.raw, WORDS)).length === 1);
    expect(await keysWith(house.raw, WORDS)).toEqual([house.key('letters')]);
    await rewritten();
    expect(await wordsOnDisk(redis.folder, WORDS)).toEqual(['heron by the lake', 'Ylva Zetterqvist']);
    await waitFor(async () => (await keysWith(house.raw, WORDS)).length === 0, { withinMs: 15_000 });
    await goneFromDisk();
  });
});
