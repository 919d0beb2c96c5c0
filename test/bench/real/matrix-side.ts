import { randomBytes } from 'node:crypto';
import { networkId } from '@brygga/event';
import { matrix } from '@brygga/matrix';
import { freePort, type SynapseServer, startSynapse } from '../../servers/index.ts';
import type { Ends } from './course.ts';
import { Hub, openPlace, type Scene, type Side, seat, writer, xmppSide } from './stage.ts';

const NETWORK = networkId('side-1');
const SERVER = 'localhost';
const BOT = `@_brygga_bot:${SERVER}`;

interface Seen {
  readonly type: string;
  readonly content: { readonly body?: unknown };
}
interface Sync {
  readonly next_batch: string;
  readonly rooms?: { readonly join?: Readonly<Record<string, { timeline?: { events?: readonly Seen[] } }>> };
}

/** From an XMPP server to a Matrix server: written natively on one side, seen by a syncing client on the other. */
export async function toMatrix(redis: string, rooms: number, scene: Scene): Promise<Ends> {
  const near = await openPlace('near.test', scene);
  scene.tell('starting Synapse');
  const token = (): string => randomBytes(32).toString('hex');
  const own = { serverName: SERVER, asToken: token(), hsToken: token(), listen: { port: await freePort() } };
  const registration = matrix.registration?.(NETWORK, settingsFor(own, 'http://127.0.0.1:1')) ?? '';
  const synapse = await startSynapse({ serverName: SERVER, appservices: [registration] });
  scene.open.defer(() => synapse.stop({ wipe: true }));
  const bosse = new Bosse(synapse, (await synapse.register('bosse', 'bosse-password')).accessToken);
  scene.open.defer(() => bosse.leave());
  const channels: string[] = [];
  for (let room = 0; room < rooms; room++) channels.push(await bosse.makeRoom());
  const far: Side = { bridge: 'matrix', settings: { ...own, homeserverUrl: synapse.url }, channels };
  const hub = await Hub.start(redis, [xmppSide(near.server, rooms), far], scene);
  await seat(near, 'anna', rooms);
  const ends: Ends = { rooms, say: writer(near), heard: () => undefined, hub };
  bosse.listen((channel, text) => ends.heard(channels.indexOf(channel), text));
  return ends;
}

const settingsFor = (own: object, homeserverUrl: string) => matrix.settings.parse({ ...own, homeserverUrl });

/** A client that syncs all the time. */
class Bosse {
  readonly #url: string;
  readonly #token: string;
  readonly #gone = new AbortController();

  constructor(server: SynapseServer, token: string) {
    this.#url = `${server.url}/_matrix/client/v3`;
    this.#token = token;
  }

  async makeRoom(): Promise<string> {
    const answer = await this.#call('POST', '/createRoom', {
      preset: 'private_chat',
      invite: [BOT],
      power_level_content_override: { users: { [`@bosse:${SERVER}`]: 100, [BOT]: 60 } },
    });
    return String((answer as { room_id?: unknown }).room_id);
  }

  listen(heard: (channel: string, text: string) => void): void {
    this.#sync(heard).catch((error: unknown) => {
      if (!this.#gone.signal.aborted) throw error;
    });
  }

  leave(): void {
    this.#gone.abort();
  }

  async #sync(heard: (channel: string, text: string) => void): Promise<void> {
    let since = '';
    while (!this.#gone.signal.aborted) {
      const sync = (await this.#call('GET', `/sync?timeout=30000${since}`)) as Sync;
      for (const [channel, { timeline }] of Object.entries(sync.rooms?.join ?? {})) {
        for (const { type, content } of timeline?.events ?? []) {
          if (type === 'm.room.message' && since !== '') heard(channel, String(content.body));
        }
      }
      since = `&since=${encodeURIComponent(sync.next_batch)}`;
    }
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      signal: this.#gone.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
    return answer.json();
  }
}
