import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { HubProcess } from '../../house/hub-process.ts';
import { freePort, type ProsodyServer, startProsody } from '../../servers/index.ts';
import type { Tell } from '../job.ts';
import type { Ends } from './course.ts';
import { NativeXmpp } from './native-xmpp.ts';

/** A network of the hub's settings, with the channel of each room. */
export interface Side {
  readonly bridge: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly channels: readonly string[];
}

/** What every part of a scene needs: whom to tell, and where to leave what must be closed in the end. */
export interface Scene {
  readonly tell: Tell;
  readonly open: AsyncDisposableStack;
}

const QUIET = { announce: false, membership: false, topic: false, typing: false };

/** The hub as operators run it, between two sides. */
export class Hub {
  readonly #process: HubProcess;
  readonly #url: string;

  private constructor(process: HubProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  static async start(redis: string, sides: readonly [Side, Side], { tell, open }: Scene): Promise<Hub> {
    tell('starting the hub');
    const folder = mkdtempSync(join(tmpdir(), 'brygga-bench-'));
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const port = await freePort();
    const config = join(folder, 'brygga.yaml');
    writeFileSync(config, stringify(settingsOf(redis, port, sides)), { mode: 0o600 });
    const url = `http://127.0.0.1:${port}`;
    const hub = new HubProcess({ config, logFile: join(folder, 'hub.log'), statusUrl: url, own: true });
    open.defer(() => hub.stop().then(() => undefined));
    await hub.start();
    return new Hub(hub, url);
  }

  async cpuMicros(): Promise<number> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    return Number(/^process_cpu_seconds_total ([\d.e+-]+)/m.exec(text)?.[1]) * 1e6;
  }

  /** What the hub reported as an error; null when there was nothing. */
  complaint(): string | null {
    return /^\{"level":50.*$/m.exec(this.#process.log())?.[0] ?? null;
  }
}

function settingsOf(redis: string, port: number, sides: readonly [Side, Side]): object {
  return {
    hub: { http: { port } },
    redis: { url: redis },
    organisations: sides.map((_, side) => ({ id: `agency-${side}`, name: `Agency ${side}` })),
    networks: sides.map(({ bridge, settings }, side) => ({
      id: `side-${side}`,
      bridge,
      organisation: `agency-${side}`,
      settings,
    })),
    rooms: sides[0].channels.map((_, room) => ({
      id: `room-${room}`,
      name: `Room ${room}`,
      ...QUIET,
      links: sides.map(({ channels }, side) => ({ network: `side-${side}`, channel: channels[room] })),
    })),
  };
}

/** No archive: what Prosody writes down is not what is measured, and costs it two thirds of its speed. */
const startRoomServer = (domain: string): Promise<ProsodyServer> => startProsody({ domain, archive: 'none' });

const roomsOn = (server: ProsodyServer, rooms: number): string[] =>
  Array.from({ length: rooms }, (_, room) => `room-${room}@${server.muc}`);

export function xmppSide(server: ProsodyServer, rooms: number): Side {
  const [account] = server.components;
  return {
    bridge: 'xmpp',
    settings: {
      mode: 'component',
      port: server.componentPort,
      domain: account?.domain,
      secret: account?.secret,
    },
    channels: roomsOn(server, rooms),
  };
}

/** A server, and somebody on it in each room: `anna-0`, `anna-1`. */
export interface Place {
  readonly server: ProsodyServer;
  readonly people: NativeXmpp;
}

export async function openPlace(domain: string, { tell, open }: Scene): Promise<Place> {
  tell(`starting Prosody for ${domain}`);
  const server = await startRoomServer(domain);
  open.defer(() => server.stop({ wipe: true }));
  const people = await NativeXmpp.open(server);
  open.defer(() => people.close());
  return { server, people };
}

export async function seat({ server, people }: Place, name: string, rooms: number): Promise<void> {
  for (const [room, address] of roomsOn(server, rooms).entries())
    await people.join(`${name}-${room}`, address);
}

/** Two people in one room of one server, no hub: what the server itself takes. */
export async function alone(rooms: number, scene: Scene): Promise<Ends> {
  const place = await openPlace('near.test', scene);
  await seat(place, 'anna', rooms);
  await seat(place, 'bosse', rooms);
  const ends: Ends = { rooms, say: writer(place), heard: () => undefined, hub: null };
  place.people.heard = (person, text) => {
    if (person.startsWith('bosse-')) ends.heard(roomOf(person), text);
  };
  return ends;
}

/** Two servers joined by the hub. */
export async function joined(redis: string, rooms: number, scene: Scene): Promise<Ends> {
  const near = await openPlace('near.test', scene);
  const far = await openPlace('far.test', scene);
  const hub = await Hub.start(redis, [xmppSide(near.server, rooms), xmppSide(far.server, rooms)], scene);
  await seat(near, 'anna', rooms);
  await seat(far, 'bosse', rooms);
  const ends: Ends = { rooms, say: writer(near), heard: () => undefined, hub };
  far.people.heard = (person, text) => ends.heard(roomOf(person), text);
  return ends;
}

/** Anna writes, in each room. */
export const writer =
  ({ server, people }: Place) =>
  (room: number, text: string): void =>
    people.say(`anna-${room}`, `room-${room}@${server.muc}`, text);

const roomOf = (person: string): number => Number(person.slice(person.indexOf('-') + 1));
