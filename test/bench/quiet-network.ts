import {
  type Bridge,
  type BridgeContext,
  type Delivery,
  done,
  FEATURES,
  type Finding,
  full,
  type Manifest,
  type Outcome,
  refused,
} from '@brygga/contract';
import {
  type ChannelId,
  channelId,
  EVENT_VERSION,
  type IncomingEvent,
  type NetworkId,
  nativeId,
  personId,
  plainBody,
} from '@brygga/event';
import type { Ledger } from './ledger.ts';

/** Messages handed to one `accept`. */
const BATCH_MAX = 200;

const manifest: Manifest = {
  protocol: 'quiet',
  title: 'Quiet (does nothing)',
  specifications: [],
  features: Object.fromEntries(FEATURES.map((feature) => [feature, full()])) as Manifest['features'],
  limits: {
    textBytes: 4000,
    partsMax: 1,
    editAgeMs: null,
    fileBytes: 0,
    reactions: 'any',
    sendWindow: 16,
    sendTimeoutMs: 30_000,
  },
  idempotency: 'key',
  people: 'ghosts',
};

/** What has been said in a channel and not been handed over. */
interface Channel {
  readonly id: ChannelId;
  said: string[];
  /** Number of the last message handed over: the cursor. */
  handed: number;
  handing: boolean;
}

export interface QuietParts {
  readonly id: NetworkId;
  readonly number: number;
  readonly ledger: Ledger;
  /** Told of what must not happen; the first of it spoils the measure. */
  readonly note: (what: string) => void;
  readonly attached: () => void;
}

/**
 * A network and its bridge in one that do nothing of their own, as a job does nothing: what people say is handed
 * over as any bridge does, one `accept` under way a channel; what is sent is shown to the ledger, and has arrived.
 */
export class QuietNetwork implements Bridge {
  readonly manifest = manifest;
  readonly #parts: QuietParts;
  readonly #channels = new Map<string, Channel>();
  #ctx: BridgeContext<unknown> | null = null;
  #sent = 0;

  constructor(parts: QuietParts) {
    this.#parts = parts;
  }

  /** Somebody says something in that channel. */
  say(name: string, text: string): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) throw new Error(`${name} is not attached`);
    channel.said.push(text);
    if (!channel.handing) void this.#hand(channel);
  }

  async open(ctx: BridgeContext<unknown>): Promise<void> {
    this.#ctx = ctx;
    ctx.state('up');
  }

  async close(): Promise<void> {
    this.#ctx?.state('down', 'HUB_STOPPING');
    this.#ctx = null;
  }

  async attach(id: ChannelId): Promise<void> {
    this.#channels.set(id, { id, said: [], handed: 0, handing: false });
    await this.#ctx?.accept({ channel: id, events: [], cursor: '0' });
    this.#parts.attached();
  }

  async detach(id: ChannelId): Promise<void> {
    this.#channels.delete(id);
  }

  async send(delivery: Delivery): Promise<Outcome> {
    try {
      this.#parts.ledger.arrived(this.#parts.number, delivery);
    } catch (error) {
      this.#parts.note(error instanceof Error ? error.message : String(error));
      return refused('FORBIDDEN');
    }
    this.#sent += 1;
    return done([{ id: nativeId(`${this.#parts.id}-sent-${this.#sent}`) }]);
  }

  async check(): Promise<readonly Finding[]> {
    return [];
  }

  async #hand(channel: Channel): Promise<void> {
    channel.handing = true;
    while (channel.said.length > 0 && this.#ctx !== null) {
      const texts = channel.said.length > BATCH_MAX ? channel.said.splice(0, BATCH_MAX) : channel.said;
      if (texts === channel.said) channel.said = [];
      try {
        const events = texts.map((text) => this.#event(channel, text));
        await this.#ctx.accept({ channel: channel.id, events, cursor: String(channel.handed) });
      } catch (error) {
        this.#parts.note(`the hub did not accept: ${String(error)}`);
      }
    }
    channel.handing = false;
  }

  #event(channel: Channel, text: string): IncomingEvent {
    const { id, ledger } = this.#parts;
    channel.handed += 1;
    ledger.handed(text);
    return {
      v: EVENT_VERSION,
      kind: 'message',
      origin: {
        network: id,
        channel: channelId(channel.id),
        nativeId: nativeId(`${id}-${channel.id}-${channel.handed}`),
        revision: '1',
        aliases: [],
      },
      sender: { nativeId: personId(`anna-${channel.id}`), displayName: 'Anna Svensson', kind: 'person' },
      sentAt: Date.now(),
      hops: [],
      body: plainBody(text),
      plain: text,
      style: 'text',
      mentions: [],
      attachments: [],
    };
  }
}
