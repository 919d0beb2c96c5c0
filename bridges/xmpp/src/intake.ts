import { type BridgeContext, faultOf } from '@brygga/contract';
import type { ChannelId, IncomingEvent } from '@brygga/event';
import { backoffMs } from '@brygga/wire';
import type { XmppSettings } from './settings.ts';

/** One thing the room said. `event` null: only the place in the archive moves. */
export interface Said {
  readonly event: IncomingEvent | null;
  readonly cursor: string | null;
}

export interface IntakeHooks {
  /** No more, please; and: go on. */
  hold(): void;
  goOn(): void;
  /** The hub could not store for a long time: everything not stored was let go, and comes from the archive. */
  stuck(): void;
}

const BATCH_MAX = 200;
const WAITING_MAX = 2000;
const WAITING_LOW = 500;
const RETRY = { firstMs: 250, mostMs: 10_000 };
const TRIES_MAX = 20;
/** How often the cursor alone is saved. */
const CURSOR_MS = 1000;

/**
 * Hands over what one room says, in order: while one `accept` is under way the next things gather, and are handed
 * over together. Own messages only move the cursor, which is saved with the next event, or once a second.
 */
export class Intake {
  readonly #ctx: BridgeContext<XmppSettings>;
  readonly #channel: ChannelId;
  readonly #hooks: IntakeHooks;
  readonly #waiting: { readonly event: IncomingEvent; readonly cursor: string | null }[] = [];
  readonly #stop = new AbortController();
  #cursor: string | null = null;
  #saved: string | null = null;
  #position: string | null = null;
  #running: Promise<void> | null = null;
  #timer: (() => void) | null = null;
  #held = false;
  #low: (() => void)[] = [];
  /** What is here is to be stored, the cursor too when it is alone. */
  #due = false;

  constructor(ctx: BridgeContext<XmppSettings>, channel: ChannelId, hooks: IntakeHooks) {
    this.#ctx = ctx;
    this.#channel = channel;
    this.#hooks = hooks;
  }

  /** The cursor of the last thing taken, stored or not; null: ask the hub. */
  get position(): string | null {
    return this.#position;
  }

  push(said: Said): void {
    if (this.#stop.signal.aborted) return;
    if (said.cursor !== null) {
      this.#cursor = said.cursor;
      this.#position = said.cursor;
    }
    if (said.event !== null) {
      this.#waiting.push({ event: said.event, cursor: said.cursor });
      if (this.#waiting.length >= WAITING_MAX) this.#hold();
      this.#start();
    } else this.#later();
  }

  /** Resolves when there is room again: for whoever reads the archive and can wait. */
  async roomy(): Promise<void> {
    if (this.#waiting.length < WAITING_LOW || this.#stop.signal.aborted) return;
    await new Promise<void>((resolve) => this.#low.push(resolve));
  }

  /** Resolves when everything taken so far is stored, or `close` was called. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Saves the cursor and ends; what is not stored by then comes again from the archive. */
  async close(): Promise<void> {
    this.#timer?.();
    this.#timer = null;
    if (this.#cursor !== this.#saved) this.#start();
    this.#stop.abort();
    for (const resolve of this.#low.splice(0)) resolve();
    await this.drained();
  }

  #later(): void {
    if (this.#running !== null || this.#timer !== null) return;
    this.#timer = this.#ctx.clock.after(CURSOR_MS, () => {
      this.#timer = null;
      this.#start();
    });
  }

  #start(): void {
    this.#due = true;
    if (this.#running !== null) return;
    this.#timer?.();
    this.#timer = null;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // from here on `#running` is set, whatever happens below
    let stored = true;
    while (stored && (this.#waiting.length > 0 || this.#due)) stored = await this.#storeSome();
    // In the same step as the last look at what waits: nothing can be pushed in between and lie there.
    this.#running = null;
    if (stored && this.#cursor !== this.#saved) this.#later();
  }

  /** Stores the next batch; false when the hub cannot. */
  async #storeSome(): Promise<boolean> {
    this.#due = false;
    const batch = this.#waiting.slice(0, BATCH_MAX);
    // `#cursor` belongs to the last thing taken: good only for a batch that reaches so far.
    const reached = batch.length === this.#waiting.length ? this.#cursor : lastCursor(batch);
    const cursor = reached === this.#saved ? null : reached;
    if (batch.length === 0 && cursor === null) return true;
    const events = batch.map(({ event }) => event);
    if (!(await this.#store(events, cursor))) return false;
    this.#waiting.splice(0, batch.length);
    if (cursor !== null) this.#saved = cursor;
    this.#relax();
    return true;
  }

  async #store(events: readonly IncomingEvent[], cursor: string | null): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#ctx.accept({ channel: this.#channel, events, ...(cursor === null ? {} : { cursor }) });
        return true;
      } catch (error) {
        this.#ctx.log.warn('xmpp.accept.failed', { attempt, count: events.length, fault: faultOf(error) });
      }
      if (this.#stop.signal.aborted) return false;
      if (attempt >= TRIES_MAX) {
        this.#reset();
        return false;
      }
      await this.#ctx.clock.sleep(
        backoffMs(attempt, RETRY, () => this.#ctx.random()),
        this.#stop.signal,
      );
    }
  }

  /** Lets go of everything that is not stored. The archive has it: nothing is lost by it. */
  #reset(): void {
    this.#waiting.length = 0;
    this.#cursor = this.#saved;
    this.#position = null;
    this.#relax();
    this.#hooks.stuck();
  }

  #hold(): void {
    if (this.#held) return;
    this.#held = true;
    this.#hooks.hold();
  }

  #relax(): void {
    if (this.#waiting.length >= WAITING_LOW) return;
    for (const resolve of this.#low.splice(0)) resolve();
    if (!this.#held) return;
    this.#held = false;
    this.#hooks.goOn();
  }
}

const lastCursor = (batch: readonly { readonly cursor: string | null }[]): string | null =>
  batch.findLast(({ cursor }) => cursor !== null)?.cursor ?? null;
