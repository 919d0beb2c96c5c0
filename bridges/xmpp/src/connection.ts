import { type BridgeContext, faultOf, type Lease } from '@brygga/contract';
import { backoffMs } from '@brygga/wire';
import { isRefusal } from './errors.ts';
import type { XmppSettings } from './settings.ts';
import type { Element } from './stanza.ts';

/** One live stream. */
export interface Line {
  /** Whom the bot speaks as: a full JID. */
  readonly jid: string;
  /** Never throws; a stanza written to a stream that is ending is lost, as in the socket's buffer. */
  write(stanza: Element): void;
  pause(): void;
  resume(): void;
  /** Ends it in good order, or at once when `rough`. */
  end(rough?: boolean): Promise<void>;
}
export interface LineEvents {
  /** Something is written and has not come back yet. */
  busy(): boolean;
  stanza(stanza: Element): void;
  /** Once, after it was up. `condition`: the stream error, if there was one. */
  ended(condition: string | null): void;
}
/** `condition`: a stream error, a SASL failure, or `unreachable`. */
export type Dialled = { readonly line: Line } | { readonly line: null; readonly condition: string };
export type Dial = (events: LineEvents, signal: AbortSignal) => Promise<Dialled>;

export interface ConnectionHooks {
  busy(): boolean;
  up(line: Line): void;
  down(condition: string | null): void;
  stanza(stanza: Element): void;
}

const BACKOFF = { firstMs: 1000, mostMs: 60_000 };
const REFUSED_PAUSE_MS = 60_000;
/** A stream that lasted this long was a good one: the next pause is short again. */
const GOOD_MS = 30_000;

/** Keeps one stream up, under a lease, with growing and jittered pauses. */
export class Connection {
  readonly #ctx: BridgeContext<XmppSettings>;
  readonly #dial: Dial;
  readonly #hooks: ConnectionHooks;
  readonly #stop = new AbortController();
  #line: Line | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(ctx: BridgeContext<XmppSettings>, dial: Dial, hooks: ConnectionHooks) {
    this.#ctx = ctx;
    this.#dial = dial;
    this.#hooks = hooks;
  }

  get line(): Line | null {
    return this.#line;
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => {
      this.#ctx.log.error('xmpp.connection.fault', { fault: faultOf(error) });
      this.#ctx.state('down', 'BRIDGE_FAULT');
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Ends the stream; it is built anew. */
  drop(): void {
    void this.#line?.end(true);
  }

  async #run(): Promise<void> {
    const signal = this.#stop.signal;
    while (!signal.aborted) {
      const lease = await this.#ctx.lease('component', signal);
      if (lease === null) break;
      await this.#under(lease);
      await lease.release();
    }
  }

  /** As long as the lease holds: connect, stay, pause, again. */
  async #under(lease: Lease): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, lease.lost]);
    for (let attempt = 0; !signal.aborted; attempt++) {
      const began = this.#ctx.clock.elapsed();
      const condition = await this.#once(signal);
      if (signal.aborted) break;
      if (this.#ctx.clock.elapsed() - began > GOOD_MS) attempt = 0;
      const jittered = backoffMs(attempt, BACKOFF, () => this.#ctx.random());
      const pause = isRefusal(condition ?? '') ? REFUSED_PAUSE_MS : 100 + jittered;
      this.#ctx.log.info('xmpp.connection.pause', { reason: condition ?? 'ended', ms: pause, attempt });
      await this.#ctx.clock.sleep(pause, signal);
    }
  }

  /** One stream from beginning to end; resolves with why it ended. */
  async #once(signal: AbortSignal): Promise<string | null> {
    this.#ctx.state('connecting');
    const ended = Promise.withResolvers<string | null>();
    const dialled = await this.#dial(
      {
        busy: () => this.#hooks.busy(),
        stanza: (stanza) => this.#hooks.stanza(stanza),
        ended: (condition) => ended.resolve(condition),
      },
      signal,
    );
    if (dialled.line === null) {
      const refused = isRefusal(dialled.condition);
      this.#ctx.state(refused ? 'refused' : 'down', refused ? 'CREDENTIALS_REFUSED' : 'NETWORK_DOWN');
      return dialled.condition;
    }
    const { line } = dialled;
    const end = (): void => void line.end();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    this.#line = line;
    this.#hooks.up(line);
    this.#ctx.state('up');
    const condition = await ended.promise;
    signal.removeEventListener('abort', end);
    this.#line = null;
    this.#ctx.state('down', 'CONNECTION_LOST');
    this.#hooks.down(condition);
    return condition;
  }
}
