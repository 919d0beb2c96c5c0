import { freePort, startSynapse, synapseAvailable, type SynapseServer } from '../../../test/servers/index.ts';
import { channelId } from '@brygga/event';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matrix } from '../src/index.ts';
import { MatrixSettings } from '../src/settings.ts';
import { delivery, said } from './deliveries.ts';
import { FakeHub } from './fake-hub.ts';
import { MatrixUser } from './matrix-user.ts';
import { mount } from './mount.ts';

const never = new AbortController().signal;

test('a message there and back', async () => {
  const port = await freePort();
  const hub = new FakeHub();
  const base = { serverName: 'agency.test', asToken: 'as'.repeat(20), hsToken: 'hs'.repeat(20), listen: { port } };
  const synapse = await startSynapse({ serverName: 'agency.test', appservices: [matrix.registration?.(hub.network, MatrixSettings.parse({ ...base, homeserverUrl: 'http://x' })) ?? ''] });
  const settings = MatrixSettings.parse({ ...base, homeserverUrl: synapse.url });
  const bridge = matrix.create(hub.network, settings);
  const ada = new MatrixUser(() => synapse.url, await synapse.register('ada', 'pw'));
  const room = await ada.createRoom({ preset: 'private_chat', name: 'Kitchen', invite: ['@_brygga_bot:agency.test'] });
  const server = await mount(bridge.http!);
  await bridge.open(hub.context(settings));
  await expect.poll(() => hub.state, { timeout: 10000 }).toBe('up');
  await bridge.attach(channelId(room));
  await expect.poll(() => hub.cursors.size, { timeout: 10000 }).toBe(1);
  await ada.say(room, 'hello');
  await expect.poll(() => hub.events.length, { timeout: 10000 }).toBe(1);
  console.log(JSON.stringify(hub.events, null, 1));
  console.log(await bridge.send(delivery(room, said('hi from xmpp')), never));
  console.log(JSON.stringify(await ada.messages(room), null, 1));
  console.log(hub.log, hub.states);
  console.log(await bridge.check({ network: hub.network, settings, channels: [channelId(room)], clock: hub.context(settings).clock, signal: never }));
  await bridge.close();
  server.close();
  await synapse.stop({ wipe: true });
}, 200000);
