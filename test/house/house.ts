import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkId } from '@brygga/event';
import { matrix } from '@brygga/matrix';
import { stringify } from 'yaml';
import {
  freePort,
  type Progress,
  type ProsodyOptions,
  type ProsodyServer,
  type RedisOptions,
  type RedisServer,
  type SynapseServer,
  startProsody,
  startRedis,
  startSynapse,
} from '../servers/index.ts';
import { HubProcess } from './hub-process.ts';
import { MatrixUser, type SeenEvent } from './matrix-user.ts';
import { type Appearance, type MattermostSide, openMattermost } from './mattermost-side.ts';
import { Said } from './said.ts';
import { XmppPeople } from './xmpp-people.ts';

export { MatrixUser, type SeenEvent };

export interface HouseOptions {
  /** Cross-agency rooms, each with one channel on either network. */
  readonly rooms: number;
  readonly progress?: Progress;
  /** Fields laid over the settings file's top level. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Fields laid over each room. */
  readonly room?: Readonly<Record<string, unknown>>;
  /** Fields laid over the settings of the Matrix network, and so over its registration. */
  readonly matrix?: Readonly<Record<string, unknown>>;
  /** Of the private Redis. */
  readonly redis?: RedisOptions;
  /** Use this Redis in place of a private one. */
  readonly redisUrl?: string;
  readonly folder?: string;
  /** Names of the rooms in place of `kitchen-0` and on; open to all, and found again where they exist already. */
  readonly names?: (index: number) => RoomNames;
  /** Bosse's nick; `Bosse` when left out. */
  readonly nick?: string;
  /** The servers' state goes into folders of these names here, in place of temporary ones. */
  readonly servers?: string;
  readonly prosody?: Pick<ProsodyOptions, 'tls' | 'users'>;
  /** Further networks of the Matrix server, for other hubs: by id their settings, which the server knows as well. */
  readonly otherMatrix?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** A Mattermost server is the third, and people of the others appear there so. */
  readonly mattermost?: Appearance;
  /** A hub that an interrupt from the terminal does not reach, and that ends with this process. */
  readonly ownHub?: boolean;
}

export interface RoomNames {
  /** The hub's id of it, the name of the MUC, and the alias on Matrix. */
  readonly id: string;
  readonly name: string;
}

export interface HouseRoom {
  readonly id: string;
  readonly matrix: string;
  readonly muc: string;
  /** Id of the channel on Mattermost; null where the house has no such server. */
  readonly mattermost: string | null;
}

/** A hub between a real Matrix server and a real XMPP server, with people on both sides; on a third if asked for. */
export interface House {
  readonly folder: string;
  readonly redis: RedisServer | null;
  readonly redisUrl: string;
  readonly synapse: SynapseServer;
  readonly prosody: ProsodyServer;
  readonly hub: HubProcess;
  readonly config: string;
  readonly statusUrl: string;
  readonly rooms: readonly HouseRoom[];
  /** Owns the Matrix rooms. */
  readonly anna: MatrixUser;
  readonly xmpp: XmppPeople;
  readonly mattermost: MattermostSide | null;
  /** A further Matrix person, in all rooms. */
  matrixPerson(name: string, displayName: string): Promise<MatrixUser>;
  close(): Promise<void>;
}

export const MATRIX = networkId('skv-matrix');
export const XMPP = networkId('msb-xmpp');
export const MATTERMOST = networkId('fk-mattermost');

/** Starts everything but the hub; `house.hub.start()` does that. The XMPP rooms are Bosse's. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'brygga-house-'));
  const own = { ...(await matrixSettings()), ...options.matrix };
  const said = new Said();
  const { redis, prosody, synapse } = await startServers(options, own);
  const redisUrl = options.redisUrl ?? redis?.url ?? '';
  const annaAccount = await synapse.register('anna', 'anna-password');
  const anna = new MatrixUser(() => synapse.url, annaAccount, said);
  await anna.call('PUT', `/v3/profile/${encodeURIComponent(anna.id)}/displayname`, {
    displayname: 'Anna Svensson',
  });
  const xmpp = new XmppPeople(prosody, said);
  await xmpp.connect();
  const pairs = await makeRooms(options, anna, xmpp, prosody.muc);
  const names = pairs.map(({ id }) => id);
  const mattermost =
    options.mattermost === undefined ? null : await openMattermost(names, options.mattermost, said);
  const rooms = pairs.map((pair, at) => ({ ...pair, mattermost: mattermost?.channels[at] ?? null }));
  const port = await freePort();
  const config = join(folder, 'brygga.yaml');
  const bridges = bridgeSettings(own, { prosody, synapse, mattermost });
  const settings = settingsOf(options, redisUrl, port, rooms, bridges);
  writeFileSync(config, stringify(settings), { mode: 0o600 });
  const statusUrl = `http://127.0.0.1:${port}`;
  const logFile = join(folder, 'hub.log');
  const hub = new HubProcess({ config, logFile, statusUrl, own: options.ownHub ?? false });
  return {
    folder,
    redis,
    redisUrl,
    synapse,
    prosody,
    hub,
    config,
    statusUrl,
    rooms,
    anna,
    xmpp,
    mattermost,
    matrixPerson: (name, displayName) => joinMatrix({ synapse, anna, rooms, said }, name, displayName),
    close: async () => {
      await hub.stop();
      const { asToken, hsToken } = bridges.matrix;
      const secrets = [asToken, hsToken, bridges.xmpp.secret].map(String);
      const leak = leakIn(folder, said, [...secrets, ...(mattermost?.secrets ?? [])]);
      await xmpp.close();
      await mattermost?.close();
      await Promise.all([
        redis?.stop({ wipe: true }),
        prosody.stop({ wipe: true }),
        synapse.stop({ wipe: true }),
      ]);
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
      if (leak !== null) throw new Error(leak);
    },
  };
}

function bridgeSettings(
  matrixOwn: Readonly<Record<string, unknown>>,
  { prosody, synapse, mattermost }: Pick<House, 'prosody' | 'synapse' | 'mattermost'>,
): OwnSettings {
  const [bridge] = prosody.components;
  if (bridge === undefined) throw new Error('the XMPP server has no component for the bridge');
  const { domain, secret } = bridge;
  return {
    matrix: { ...matrixOwn, homeserverUrl: synapse.url },
    xmpp: { mode: 'component', port: prosody.componentPort, domain, secret },
    mattermost: mattermost?.settings ?? null,
  };
}

async function startServers(
  options: HouseOptions,
  own: Record<string, unknown>,
): Promise<Pick<House, 'redis' | 'prosody' | 'synapse'>> {
  const { progress } = options;
  const appservices = Object.entries({ [MATRIX]: own, ...options.otherMatrix }).map(([id, settings]) => {
    const whole = matrix.settings.parse({ ...settings, homeserverUrl: 'http://127.0.0.1:1' });
    return matrix.registration?.(networkId(id), whole) ?? '';
  });
  const said = (server: string) => ({
    ...(progress === undefined ? {} : { progress }),
    ...(options.servers === undefined ? {} : { folder: privateFolder(join(options.servers, server)) }),
  });
  const [redis, prosody, synapse] = await Promise.all([
    options.redisUrl === undefined ? startRedis({ ...said('redis'), ...options.redis }) : null,
    startProsody({ ...said('prosody'), ...options.prosody }),
    startSynapse({ ...said('synapse'), appservices }),
  ]);
  return { redis, prosody, synapse };
}

function privateFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** What must never be in the log of a hub, at any level: what people wrote, and secrets. */
function leakIn(folder: string, said: Said, secrets: readonly string[]): string | null {
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.log'))) {
    const log = readFileSync(join(folder, name), 'utf8');
    if (said.isIn(log)) return `${name} holds message text`;
    if (secrets.some((secret) => log.includes(secret))) return `${name} holds a secret`;
  }
  return null;
}

/** What is drawn for an application service of the Matrix server. */
export async function matrixSettings(): Promise<Record<string, unknown>> {
  const token = (): string => randomBytes(32).toString('hex');
  const listen = { host: '127.0.0.1', port: await freePort() };
  return { serverName: 'localhost', asToken: token(), hsToken: token(), listen };
}

async function makeRooms(
  options: HouseOptions,
  anna: MatrixUser,
  xmpp: XmppPeople,
  muc: string,
): Promise<Omit<HouseRoom, 'mattermost'>[]> {
  const { names, nick = 'Bosse' } = options;
  const rooms: Omit<HouseRoom, 'mattermost'>[] = [];
  for (let index = 0; index < options.rooms; index++) {
    const { id, name } = names?.(index) ?? { id: `kitchen-${index}`, name: `Kitchen ${index}` };
    const room = { id, muc: `${id}@${muc}` };
    const matrixRoom =
      names === undefined
        ? await anna.createRoom(matrixRoomOf(anna, name))
        : ((await existingRoom(anna, id)) ?? (await anna.createRoom(openRoomOf(anna, id, name))));
    await xmpp.join('bosse', room.muc, nick);
    await configureMuc(xmpp, room.muc);
    rooms.push({ ...room, matrix: matrixRoom });
  }
  return rooms;
}

const matrixRoomOf = (anna: MatrixUser, name: string): object => ({
  name,
  preset: 'private_chat',
  invite: ['@_brygga_bot:localhost'],
  power_level_content_override: { users: { [anna.id]: 100, '@_brygga_bot:localhost': 60 } },
});

const openRoomOf = (anna: MatrixUser, alias: string, name: string): object => ({
  ...matrixRoomOf(anna, name),
  room_alias_name: alias,
  initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'public' } }],
});

const existingRoom = (anna: MatrixUser, alias: string): Promise<string | null> =>
  anna.call('GET', `/v3/directory/room/${encodeURIComponent(`#${alias}:localhost`)}`).then(
    (answer) => String(answer.room_id),
    () => null,
  );

/** Keeps the room and makes the hub's own address admin of it, as its README asks. */
async function configureMuc(xmpp: XmppPeople, muc: string): Promise<void> {
  await xmpp.ownRoom('bosse', muc, `brygga@bridge.${muc.split('@')[1]?.split('.').slice(1).join('.') ?? ''}`);
}

async function joinMatrix(
  { synapse, anna, rooms, said }: Pick<House, 'synapse' | 'anna' | 'rooms'> & { readonly said: Said },
  name: string,
  displayName: string,
): Promise<MatrixUser> {
  const person = new MatrixUser(() => synapse.url, await synapse.register(name, `${name}-password`), said);
  await person.call('PUT', `/v3/profile/${encodeURIComponent(person.id)}/displayname`, {
    displayname: displayName,
  });
  for (const room of rooms) {
    await anna.call('POST', `/v3/rooms/${encodeURIComponent(room.matrix)}/invite`, { user_id: person.id });
    await person.call('POST', `/v3/join/${encodeURIComponent(room.matrix)}`, {});
  }
  return person;
}

/** The same each time: a house may be kept and opened again. */
const SEAL_KEY = { id: 'house', key: Buffer.alloc(32, 'brygga').toString('base64') };

/** What each bridge is told. */
interface OwnSettings {
  readonly matrix: Readonly<Record<string, unknown>>;
  readonly xmpp: Readonly<Record<string, unknown>>;
  readonly mattermost: Readonly<Record<string, unknown>> | null;
}

function settingsOf(
  options: HouseOptions,
  redisUrl: string,
  port: number,
  rooms: readonly HouseRoom[],
  own: OwnSettings,
): Record<string, unknown> {
  return {
    hub: { http: { port }, log: { level: 'debug' } },
    redis: { url: redisUrl, sealKeys: [SEAL_KEY] },
    organisations: [
      { id: 'skv', name: 'Skatteverket' },
      { id: 'msb', name: 'MSB' },
      ...(own.mattermost === null ? [] : [{ id: 'fk', name: 'Försäkringskassan' }]),
    ],
    networks: [
      { id: MATRIX, bridge: 'matrix', organisation: 'skv', settings: own.matrix },
      { id: XMPP, bridge: 'xmpp', organisation: 'msb', settings: own.xmpp },
      ...(own.mattermost === null
        ? []
        : [{ id: MATTERMOST, bridge: 'mattermost', organisation: 'fk', settings: own.mattermost }]),
    ],
    rooms: rooms.map((room, index) => ({
      id: room.id,
      name: options.names?.(index).name ?? room.id,
      links: [
        { network: MATRIX, channel: room.matrix },
        { network: XMPP, channel: room.muc },
        ...(room.mattermost === null ? [] : [{ network: MATTERMOST, channel: room.mattermost }]),
      ],
      ...options.room,
    })),
    // Histories are compared letter by letter: nothing carries its time in words, however long an outage is.
    limits: { leaseSeconds: 2, lateSeconds: 600 },
    ...options.settings,
  };
}
