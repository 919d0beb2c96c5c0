import { ManualClock } from '@brygga/testkit';
import { type Account, addChannel, join, type Stage, setUp } from './bootstrap.ts';
import { EventListener, type Row } from './client.ts';
import { type MattermostOptions, type MattermostServer, startMattermost } from './index.ts';

/** A server with a clock that a test moves, set up over REST, and what tests do with it. */
export class Stand {
  readonly server: MattermostServer;
  readonly clock: ManualClock;
  readonly stage: Stage;
  readonly #listeners: EventListener[] = [];
  #channels = 0;

  constructor(server: MattermostServer, clock: ManualClock, stage: Stage) {
    this.server = server;
    this.clock = clock;
    this.stage = stage;
  }

  static async start(options: MattermostOptions = {}): Promise<Stand> {
    const clock = new ManualClock();
    const server = await startMattermost({ clock, ...options });
    return new Stand(server, clock, await setUp(server.url));
  }

  get admin(): Account {
    return this.stage.admin;
  }

  get bot(): Account {
    return this.stage.bot;
  }

  /** A channel of its own for a test, with the administrator and the bot in it. */
  async channel(type: 'O' | 'P' = 'O'): Promise<Row> {
    this.#channels += 1;
    const channel = await addChannel(this.admin, this.stage.team, `pier-${this.#channels}`, type);
    await join(this.admin, this.stage.team, channel, this.bot.id);
    return channel;
  }

  async listen(account: Account = this.bot, query = ''): Promise<EventListener> {
    const listener = new EventListener(this.server.url, account.rest.token, query);
    this.#listeners.push(listener);
    return query === '' ? listener.opened() : listener;
  }

  post(by: Account, channel: Row, message: string, more: object = {}): Promise<Row> {
    return by.rest.must('POST', '/posts', { channel_id: channel.id, message, ...more });
  }

  async stop(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    await this.server.stop();
  }
}
