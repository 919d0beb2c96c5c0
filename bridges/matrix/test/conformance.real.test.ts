import type { Bridge } from '@brygga/contract';
import { channelId, networkId } from '@brygga/event';
import { conformance, fakeContext, type Instance } from '@brygga/testkit';
import { afterAll, beforeAll, describe } from 'vitest';
import { Relay } from '../../../test/servers/http-relay.ts';
import { freePort, type SynapseServer, startSynapse, synapseAvailable } from '../../../test/servers/index.ts';
import { matrix } from '../src/index.ts';
import { MatrixSettings } from '../src/settings.ts';
import { Door } from './door.ts';
import { MatrixUser } from './matrix-user.ts';
import { RoomActor } from './native-actor.ts';
import { shown } from './shown.ts';
import { Typing } from './typing.ts';

const available = await synapseAvailable();
const network = networkId('near');
const bot = '@_brygga_bot:near.test';
const NAMES = ['Olga', 'Ada', 'Ben'] as const;

let synapse: SynapseServer;
let relay: Relay;
let settings: MatrixSettings;
let users: MatrixUser[];
const door = new Door();

beforeAll(async () => {
  // The reason for skipping is the suite's.
  if (!available.ok) return;
  const sample = {
    homeserverUrl: 'http://127.0.0.1:1',
    serverName: 'near.test',
    asToken: '5c0e8a7b6d4f3921a8b7c6d5e4f30912',
    hsToken: '21903f4e5d6c7b8a1293f4d6b7a8e0c5',
    listen: { host: '127.0.0.1', port: await freePort() },
  };
  const registration = matrix.registration?.(network, MatrixSettings.parse(sample)) ?? '';
  synapse = await startSynapse({ serverName: 'near.test', appservices: [registration] });
  await door.start(sample.listen.port);
  relay = new Relay(synapse.url);
  settings = MatrixSettings.parse({ ...sample, homeserverUrl: await relay.start() });
  users = await Promise.all(
    NAMES.map(async (name) => {
      const user = new MatrixUser(() => synapse.url, await synapse.register(name.toLowerCase(), 'secret'));
      await user.call('PUT', `/v3/profile/${user.id}/displayname`, { displayname: name });
      return user;
    }),
  );
});
afterAll(async () => {
  relay?.stop();
  door.stop();
  await synapse?.stop({ wipe: true });
});

async function make(): Promise<Instance> {
  const [olga, ada, ben] = users;
  if (olga === undefined || ada === undefined || ben === undefined) throw new Error('nobody is there');
  const levels = { [olga.id]: 100, [ada.id]: 50, [ben.id]: 50, [bot]: 50 };
  const room = await olga.createRoom({
    preset: 'public_chat',
    invite: [bot],
    power_level_content_override: { users: levels },
  });
  for (const user of [ada, ben]) await user.call('POST', `/v3/rooms/${encodeURIComponent(room)}/join`, {});
  const actors: readonly [RoomActor, RoomActor] = [
    new RoomActor(ada, 'Ada', room, () => actors[1]),
    new RoomActor(ben, 'Ben', room, () => actors[0]),
  ];
  const typing = new Typing(olga, room);
  const nameOf = async (): Promise<(user: string) => string> => {
    const members = await olga.call('GET', `/v3/rooms/${encodeURIComponent(room)}/joined_members`);
    const joined = members.joined as Record<string, { display_name?: string }>;
    return (user) => joined[user]?.display_name ?? user;
  };
  return {
    ctx: fakeContext({ network: 'near', settings }),
    channel: channelId(room),
    actors,
    moderator: new RoomActor(olga, 'Olga', room, () => actors[0]),
    create: () => door.of(matrix.create(network, settings)) as Bridge,
    readHistory: async () => shown(await olga.timeline(room), await nameOf()),
    readChannel: async () => {
      const topic = await olga.call('GET', `/v3/rooms/${encodeURIComponent(room)}/state/m.room.topic`);
      return { topic: String(topic.topic) };
    },
    readTyping: () => typing.now(),
    outage: {
      down: async () => {
        relay.cut();
        door.cut(true);
      },
      up: async () => {
        relay.mend();
        door.cut(false);
      },
    },
    loseNextAnswer: () => relay.next(/\/send\//, 'loseAnswer'),
    close: async () => {
      relay.mend();
      door.cut(false);
    },
  };
}

/** Needs a Synapse that can be started here: the reason for skipping is told by `synapseAvailable`. */
describe.skipIf(!available.ok)('on a real server', () => {
  conformance({
    name: 'matrix, Synapse',
    manifest: matrix.manifest,
    make,
    patienceMs: 20_000,
    caseMs: 120_000,
  });
});
