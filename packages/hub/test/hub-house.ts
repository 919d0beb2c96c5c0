import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@brygga/contract';
import { checkedLog, waitFor } from '@brygga/testkit';
import { Redis } from 'ioredis';
import { type Hub, type HubOptions, startHub } from '../src/hub.ts';
import { Settings } from '../src/settings/index.ts';
import { FakeNetwork, manifest } from './fake-network.ts';

export type Limits = Partial<Settings['limits']>;
interface RoomMore {
  readonly links?: Readonly<Record<string, object>>;
  readonly [setting: string]: unknown;
}

/** Hubs that share one Redis and some networks in memory, all stopped at the end. */
export class HubHouse {
  readonly prefix = `h${randomUUID().slice(0, 8)}`;
  readonly problems: string[] = [];
  readonly log = checkedLog(this.problems);
  readonly raw: Redis;
  readonly networks = new Map<string, FakeNetwork>();
  readonly #url: string;
  readonly #hubs: Hub[] = [];
  readonly #rejected = (error: unknown): void =>
    void this.problems.push(`unhandled rejection: ${String(error)}`);

  constructor(url: string, networks: readonly (string | FakeNetwork)[] = ['a', 'b']) {
    this.#url = url;
    this.raw = new Redis(url);
    this.raw.on('error', () => undefined);
    process.on('unhandledRejection', this.#rejected);
    for (const one of networks) {
      const network = typeof one === 'string' ? new FakeNetwork(one, manifest()) : one;
      this.networks.set(network.id, network);
    }
  }

  network(id: string): FakeNetwork {
    const network = this.networks.get(id);
    if (network === undefined) throw new Error(`no network ${id}`);
    return network;
  }

  /** One room `r` with a channel `c` on every network, `announce` off, if not told otherwise. */
  settings(limits: Limits = {}, room: RoomMore = {}, hub: object = {}, url = this.#url): Settings {
    const ids = [...this.networks.keys()];
    const { links = {}, ...more } = room;
    return Settings.parse({
      hub: { id: 'hub', http: { port: 0 }, ...hub },
      redis: { url, prefix: this.prefix },
      organisations: ids.map((id) => ({ id: `org-${id}`, name: `Agency ${id.toUpperCase()}` })),
      networks: ids.map((id) => ({ id, bridge: 'fake', organisation: `org-${id}` })),
      rooms: [
        {
          id: 'r',
          name: 'Room',
          announce: false,
          links: ids.map((network) => ({ network, channel: 'c', ...links[network] })),
          ...more,
        },
      ],
      limits: { leaseSeconds: 2, retryMaxSeconds: 1, asideSeconds: 2, ...limits },
    });
  }

  /** Starts a hub process; resolves when it speaks to all networks that nobody else speaks to. */
  async start(settings = this.settings(), more: Partial<HubOptions> & { clock?: Clock } = {}): Promise<Hub> {
    const bridges = new Map(
      [...this.networks.values()].map((network) => [network.id, { bridge: network.bridge(), settings: {} }]),
    );
    const options = {
      settings,
      bridges,
      log: this.log.log,
      clock: systemClock,
      stopWithinMs: 3000,
      processMetrics: false,
      ...more,
    };
    const hub = await startHub(options);
    this.#hubs.push(hub);
    await waitFor(() => [...this.networks.values()].every((network) => network.open.size > 0), {
      withinMs: 10_000,
      what: 'every network is spoken to',
    });
    return hub;
  }

  key(name: string): string {
    return `${this.prefix}:{r}:${name}`;
  }

  /** Waits until nothing is under way any more. */
  async quiet(withinMs = 10_000): Promise<void> {
    const lanes = ['in', 'aside', ...[...this.networks.keys()].map((id) => `out:${id}`)];
    await waitFor(async () => (await this.raw.exists(...lanes.map((lane) => this.key(lane)))) === 0, {
      withinMs,
      what: 'the lanes are empty',
    });
  }

  /** Codes of the log lines so far. */
  get logged(): string[] {
    return this.log.lines.map(({ code }) => code);
  }

  /** Stops everything; fails on a rejection nobody handled and on a log line that could leak. */
  async close(): Promise<void> {
    await Promise.all(this.#hubs.map((hub) => hub.stop()));
    this.raw.disconnect();
    await new Promise((resolve) => setImmediate(resolve)); // what is rejected now is told now
    process.off('unhandledRejection', this.#rejected);
    if (this.problems.length > 0) throw new Error(this.problems.join('\n'));
  }
}

/** The value of one metric, labels as they stand in the text. */
export async function metric(hub: Hub, name: string): Promise<number> {
  const text = await hub.metrics.registry.metrics();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  return line === undefined ? 0 : Number(line.split(' ').at(-1));
}
