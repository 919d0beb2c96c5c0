import { channelId, personId, roomId, type Signal } from '@brygga/event';
import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ClusteredRedis, startClusteredRedis } from '../../../test/servers/index.ts';
import { House, NET } from '../test/house.ts';
import { Keys } from './keys.ts';

let redis: ClusteredRedis;
let house: House;
beforeAll(async () => {
  redis = await startClusteredRedis({ copies: true });
}, 60_000);
afterAll(() => redis.stop());
afterEach(() => house.close());

const busOf = (owner: string) => house.bus(owner, { url: redis.url, cluster: redis.cluster, leaseMs: 2000 });

it('wake-ups, leases and signals outlive the node that has them', async () => {
  house = new House(redis.servers[0]?.url ?? '');
  const [one, two] = [busOf('one'), busOf('two')];
  expect(await one.claimSchema()).toMatchObject({ level: 'ok' });
  await two.claimSchema();
  let [counted, woken] = [0, 0];
  await one.wakes.regularly('count', 200, async () => {
    counted += 1;
  });
  two.wakes.attend(NET, async () => {
    woken += 1;
  });
  const heard: Signal[] = [];
  await two.signals.subscribe((signal) => heard.push(signal));
  const typing: Signal = {
    kind: 'typing',
    network: NET,
    channel: channelId('c'),
    sender: { nativeId: personId('p'), displayName: 'P', kind: 'person' },
    active: true,
    at: 1,
  };
  const allWork = async (): Promise<void> => {
    const [before, knew] = [counted, heard.length];
    await waitFor(() => counted > before + 2, { withinMs: 30_000, what: 'regular work is done' });
    const others = woken;
    const wake = () => one.wakes.wake(NET, { room: roomId('r1'), lane: 'in' }).then(() => woken > others);
    await waitFor(wake, { withinMs: 30_000, everyMs: 100, what: 'a lane is woken' });
    const signal = (): boolean => {
      one.signals.publish(typing);
      return heard.length > knew;
    };
    await waitFor(signal, { withinMs: 30_000, everyMs: 100, what: 'a signal passes' });
    const lease = await one.lease('connection', AbortSignal.timeout(30_000));
    await lease?.release();
    expect(lease).not.toBeNull();
  };
  await allWork();
  const keys = new Keys(house.prefix);
  for (const key of [keys.jobs, keys.lease('connection')[0]]) {
    const master = await redis.masterOf(key);
    await master.stop({ signal: 'SIGKILL' });
    await waitFor(async () => (await redis.masterOf(key)) !== master, { withinMs: 30_000, everyMs: 100 });
    await allWork();
    await master.start();
    await redis.settled();
  }
}, 120_000);
