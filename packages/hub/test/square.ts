import { randomUUID } from 'node:crypto';
import {
  type Bridge,
  type BridgeContext,
  type Delivery,
  type HubNotice,
  type Outcome,
  systemClock,
} from '@brygga/contract';
import { type ChannelId, channelId, plainBody } from '@brygga/event';
import { FakeNetwork } from './fake-network.ts';

/** Something said in a channel. `hops`: of the hub that wrote it; empty when a person of the network did. */
interface Said {
  readonly text: string;
  readonly native: string;
  readonly hops: readonly string[];
  readonly byHub: boolean;
  readonly sentAt: number;
}

/** What a channel is, whoever looks at it: all that was said there, and the notices of the hubs in it. */
interface Channel {
  readonly said: Said[];
  readonly notices: Map<Bridge, HubNotice>;
}

/** A place with channels in which several hubs may be, each by a network of its own. */
export class Square {
  readonly #channels = new Map<ChannelId, Channel>();
  readonly #changed = new Set<() => void>();

  channel(id: ChannelId): Channel {
    const known = this.#channels.get(id);
    if (known !== undefined) return known;
    const channel = { said: [], notices: new Map() };
    this.#channels.set(id, channel);
    return channel;
  }

  /** A person says something there. */
  say(text: string, channel = 'c'): void {
    const said = { text, native: randomUUID(), hops: [], byHub: false, sentAt: systemClock.now() };
    this.channel(channelId(channel)).said.push(said);
    this.changed();
  }

  /** What everybody there reads; `byHub`: what hubs say themselves. */
  texts(byHub = false, channel = 'c'): string[] {
    const said = this.channel(channelId(channel)).said.filter((one) => one.byHub === byHub);
    return said.map(({ text }) => text);
  }

  changed(): void {
    for (const look of this.#changed) look();
  }

  watch(look: () => void): () => void {
    this.#changed.add(look);
    return () => this.#changed.delete(look);
  }
}

/** A network whose channels are those of a square: what one hub writes there, the others read. */
export class SquareNetwork extends FakeNetwork {
  /** A channel is entered when this resolves. */
  entering: Promise<void> = Promise.resolve();
  readonly #square: Square;

  constructor(id: string, square: Square) {
    super(id);
    this.#square = square;
  }

  override bridge(): Bridge {
    const base = super.bridge();
    const readers = new Map<ChannelId, Reader>();
    const told = (): void => {
      for (const [id, reader] of readers) reader.look(this.#square.channel(id));
    };
    let ignore = (): unknown => undefined;
    return {
      ...base,
      open: async (ctx) => {
        ignore = this.#square.watch(told);
        await base.open(ctx);
      },
      announce: (channel, notice) => {
        this.#square.channel(channel).notices.set(base, notice);
        this.#square.changed();
      },
      attach: async (channel) => {
        await this.entering;
        const ctx = this.open.get(base);
        await base.attach(channel);
        if (ctx === undefined) return;
        const { said } = this.#square.channel(channel);
        const saved = await ctx.cursor(channel);
        const at = saved === null ? said.length : Number(saved);
        if (saved === null) await ctx.accept({ channel, events: [], cursor: String(at) });
        readers.set(channel, new Reader(this, ctx, channel, at));
        told();
      },
      close: async () => {
        ignore();
        for (const channel of readers.keys()) this.#square.channel(channel).notices.delete(base);
        readers.clear();
        await base.close();
        this.#square.changed();
      },
      send: (delivery) => this.#write(base, delivery),
    };
  }

  async #write(base: Bridge, delivery: Delivery): Promise<Outcome> {
    const before = this.shown.length;
    const hub = this.open.get(base)?.hub ?? '';
    const outcome = await this.send(delivery);
    const { event, channel } = delivery;
    if (this.shown.length > before && event.kind === 'message') {
      const hops = [...event.hops.filter((hop) => hop !== hub), hub];
      const native = `${hub} ${randomUUID()}`;
      const said = { text: event.plain, byHub: event.style === 'notice', sentAt: systemClock.now() };
      this.#square.channel(channel).said.push({ ...said, native, hops });
      this.#square.changed();
    }
    return outcome;
  }
}

/** Hands on what is said in one channel, in order, and who is there. */
class Reader {
  readonly #network: SquareNetwork;
  readonly #ctx: BridgeContext<unknown>;
  readonly #channel: ChannelId;
  #at: number;
  #busy = false;
  #told = '-';

  constructor(network: SquareNetwork, ctx: BridgeContext<unknown>, channel: ChannelId, at: number) {
    this.#network = network;
    this.#ctx = ctx;
    this.#channel = channel;
    this.#at = at;
  }

  look({ said, notices }: Channel): void {
    const there = [...notices.values()];
    const told = JSON.stringify(there);
    if (told !== this.#told) this.#ctx.hubs(this.#channel, there);
    this.#told = told;
    if (!this.#busy) void this.#read(said);
  }

  async #read(said: readonly Said[]): Promise<void> {
    this.#busy = true;
    for (let next = said[this.#at]; next !== undefined; next = said[this.#at]) {
      const { text, native, hops, byHub, sentAt } = next;
      const style = byHub ? 'notice' : 'text';
      const words = { kind: 'message', plain: text, body: plainBody(text), hops, style, sentAt };
      const event = this.#network.incoming({ channel: this.#channel, native }, words);
      const cursor = String(this.#at + 1);
      const taken = await this.#ctx.accept({ channel: this.#channel, events: [event], cursor }).then(
        () => true,
        () => false, // the hub is stopping: the next one begins here
      );
      if (!taken) return;
      this.#at += 1;
    }
    this.#busy = false;
  }
}
