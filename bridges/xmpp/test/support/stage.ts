import type { Bridge, Delivery, Done, NativeMessage, Outcome } from '@brygga/contract';
import { type ChannelId, channelId, networkId } from '@brygga/event';
import { type ProsodyOptions, type ProsodyServer, startProsody } from '../../../../test/servers/index.ts';
import { el } from '../../src/element.ts';
import { type XmppSettings, xmpp } from '../../src/index.ts';
import { NS } from '../../src/stanza.ts';
import { FakeHub, until } from './context.ts';
import { Deliveries } from './deliveries.ts';
import { type Native, Natives } from './natives.ts';

const SEND_MS = 60_000;

/** One Prosody with scripted natives, and bridges on it. */
export class Stage {
  readonly server: ProsodyServer;
  natives: Natives;
  #rooms = 0;
  #bridges: Bridge<XmppSettings>[] = [];

  static async start(options: ProsodyOptions = {}): Promise<Stage> {
    const server = await startProsody(options);
    const stage = new Stage(server);
    await stage.natives.start();
    return stage;
  }

  private constructor(server: ProsodyServer) {
    this.server = server;
    this.natives = this.newNatives();
  }

  newNatives(): Natives {
    const { domain = '', secret = '' } = this.server.components[2] ?? {};
    return new Natives(this.server.componentPort, domain, secret);
  }

  async stop(): Promise<void> {
    for (const bridge of this.#bridges) await bridge.close();
    await this.natives.stop();
    await this.server.stop({ wipe: true });
  }

  room(): ChannelId {
    return channelId(`room${++this.#rooms}@${this.server.muc}`);
  }

  settings(more: object = {}): XmppSettings {
    const { domain, secret } = this.server.components[0] ?? {};
    const { componentPort: port } = this.server;
    return xmpp.settings.parse({ mode: 'component', host: '127.0.0.1', port, domain, secret, ...more });
  }

  create(settings: XmppSettings): Bridge<XmppSettings> {
    const bridge = xmpp.create(networkId('xmpp-test'), settings);
    this.#bridges.push(bridge);
    return bridge;
  }

  /** A room with a native who owns it, and a bridge that is in it and has caught up. */
  async scene(more: SceneOptions = {}): Promise<Scene> {
    const room = this.room();
    const owner = await this.natives.join('owner', room, 'Olga');
    if (more.config !== undefined) await configure(owner, more.config);
    const settings = more.account ?? this.settings(more.settings);
    const scene = new Scene(this, room, owner, settings);
    if (more.botAffiliation !== undefined) {
      const jid =
        settings.mode === 'component'
          ? `${settings.bot}@${settings.domain}`
          : `${settings.username}@${settings.domain}`;
      await owner.admin(el('item', { affiliation: more.botAffiliation, jid }));
    }
    await scene.open();
    return scene;
  }
}

export interface SceneOptions {
  readonly settings?: object;
  readonly account?: XmppSettings;
  readonly botAffiliation?: string;
  /** Fields of the room's configuration. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Submits fields of a room's configuration (XEP-0045 §10.2). */
export async function configure(owner: Native, fields: Readonly<Record<string, string>>): Promise<void> {
  const field = (name: string, value: string) => el('field', { var: name }, el('value', {}, value));
  const form = el(
    'x',
    { xmlns: NS.dataForm, type: 'submit' },
    field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig'),
    ...Object.entries(fields).map(([name, value]) => field(name, value)),
  );
  const query = el('query', { xmlns: 'http://jabber.org/protocol/muc#owner' }, form);
  const answer = await owner.iq('set', owner.room, query);
  if (answer.attrs.type !== 'result') throw new Error(`configuration refused: ${answer.toString()}`);
}

export class Scene {
  readonly room: ChannelId;
  readonly owner: Native;
  readonly hub = new FakeHub();
  readonly deliveries: Deliveries;
  readonly settings: XmppSettings;
  bridge: Bridge<XmppSettings>;
  readonly #stage: Stage;

  constructor(stage: Stage, room: ChannelId, owner: Native, settings: XmppSettings) {
    this.#stage = stage;
    this.room = room;
    this.owner = owner;
    this.settings = settings;
    this.deliveries = new Deliveries(room);
    this.bridge = stage.create(settings);
  }

  get nick(): string {
    return this.settings.nick;
  }

  async open(): Promise<void> {
    await this.bridge.open(this.hub.context(this.settings));
    await this.bridge.attach(this.room);
    await this.live();
  }

  /** Waits until the bridge hears the room: something said arrives. */
  async live(): Promise<void> {
    const text = `are you there ${crypto.randomUUID()}`;
    await until('the bot is in', () =>
      this.owner.heard.some((s) => s.attrs.from === `${this.room}/${this.nick}`),
    );
    this.owner.say(text);
    await until('the bridge hears', () => this.hub.messages().includes(text));
  }

  /** As after a crash or an update: a new bridge, with what the hub kept. */
  async reopen(): Promise<void> {
    await this.bridge.close();
    this.bridge = this.#stage.create(this.settings);
    await this.open();
  }

  send(delivery: Delivery): Promise<Outcome> {
    return this.bridge.send(delivery, AbortSignal.timeout(SEND_MS));
  }

  async done(delivery: Delivery): Promise<Done> {
    const outcome = await this.send(delivery);
    if (outcome.kind !== 'done') throw new Error(`not done: ${JSON.stringify(outcome)}`);
    return outcome;
  }

  /** Sends as the hub does: again, until it is known what became of it. */
  async insist(delivery: Delivery): Promise<Done> {
    for (let maybeSent = delivery.maybeSent; ; ) {
      const outcome = await this.send({ ...delivery, maybeSent });
      if (outcome.kind === 'done') return outcome;
      if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.code}`);
      if (outcome.kind === 'unsure') maybeSent = true;
      else await until('up again', () => this.hub.state === 'up', 90_000);
    }
  }

  async close(): Promise<void> {
    await this.bridge.close();
  }
}

export const firstOf = (outcome: Done): NativeMessage => {
  const first = outcome.messages[0];
  if (first === undefined) throw new Error('no message');
  return first;
};
