import type { Bridge, Delivery, Done, Outcome } from '@brygga/contract';
import { type ChannelId, channelId } from '@brygga/event';
import { expect, vi } from 'vitest';
import { Relay } from '../../../test/servers/http-relay.ts';
import { freePort, type SynapseServer, startSynapse } from '../../../test/servers/index.ts';
import { matrix } from '../src/index.ts';
import { MatrixSettings } from '../src/settings.ts';
import { Door } from './door.ts';
import { FakeHub } from './fake-hub.ts';
import { MatrixUser } from './matrix-user.ts';

const WAIT = { timeout: 30_000, interval: 25 };
const never = new AbortController().signal;

/** A homeserver, a relay before it, a hub and a bridge. */
export class Stage {
  readonly synapse: SynapseServer;
  readonly relay: Relay;
  readonly hub = new FakeHub();
  readonly settings: MatrixSettings;
  #bridge: Bridge<MatrixSettings> | null = null;
  readonly door = new Door();
  readonly #attached: ChannelId[] = [];

  constructor(synapse: SynapseServer, relay: Relay, settings: MatrixSettings) {
    this.synapse = synapse;
    this.relay = relay;
    this.settings = settings;
  }

  static async build(): Promise<Stage> {
    const sample = {
      serverName: 'agency.test',
      homeserverUrl: 'http://127.0.0.1:1',
      asToken: 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4',
      hsToken: '09f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6',
      listen: { host: '127.0.0.1', port: await freePort() },
    };
    const registration = matrix.registration?.(new FakeHub().network, MatrixSettings.parse(sample)) ?? '';
    const synapse = await startSynapse({ serverName: 'agency.test', appservices: [registration] });
    const relay = new Relay(synapse.url);
    const settings = MatrixSettings.parse({ ...sample, homeserverUrl: await relay.start() });
    const stage = new Stage(synapse, relay, settings);
    await stage.door.start(settings.listen.port);
    return stage;
  }

  get bridge(): Bridge<MatrixSettings> {
    if (this.#bridge === null) throw new Error('the bridge is not open');
    return this.#bridge;
  }

  async open(): Promise<void> {
    this.#bridge = this.door.of(matrix.create(this.hub.network, this.settings));
    await this.#bridge.open(this.hub.context(this.settings));
    for (const channel of this.#attached) await this.#bridge.attach(channel);
    await this.isUp();
  }

  async close(): Promise<void> {
    await this.#bridge?.close();
    this.#bridge = null;
  }

  async end(): Promise<void> {
    await this.close();
    this.relay.stop();
    this.door.stop();
    await this.synapse.stop({ wipe: true });
  }

  isUp(): Promise<void> {
    return this.until(() => this.hub.state === 'up');
  }

  async user(name: string): Promise<MatrixUser> {
    return new MatrixUser(() => this.synapse.url, await this.synapse.register(name, 'secret'));
  }

  /** A room of that person with the bot in it, attached. */
  async room(owner: MatrixUser, options: object = {}): Promise<string> {
    const bot = `@_brygga_bot:${this.settings.serverName}`;
    const room = await owner.createRoom({ preset: 'private_chat', invite: [bot], ...options });
    await this.attach(room);
    return room;
  }

  async attach(room: string): Promise<void> {
    this.#attached.push(channelId(room));
    await this.bridge.attach(channelId(room));
    await vi.waitUntil(async () => (await this.hub.kept.cursor(channelId(room))) !== null, WAIT);
  }

  send(delivery: Delivery): Promise<Outcome> {
    return this.bridge.send(delivery, never);
  }

  /** Sends what must arrive. */
  async done(delivery: Delivery): Promise<Done> {
    const outcome = await this.send(delivery);
    expect(outcome).toMatchObject({ kind: 'done' });
    if (outcome.kind !== 'done') throw new Error(outcome.code);
    return outcome;
  }

  /** What the hub was given from that room, in its order. */
  heard(room: string) {
    return this.hub.events.filter(({ origin }) => origin.channel === room);
  }

  texts(room: string): string[] {
    return this.heard(room).flatMap((event) => (event.kind === 'message' ? [event.plain] : []));
  }

  until(holds: () => boolean): Promise<void> {
    return vi.waitUntil(holds, WAIT).then(() => undefined);
  }
}
