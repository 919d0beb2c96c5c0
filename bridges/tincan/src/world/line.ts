import type { TincanChannel } from './channel.ts';
import type { CallFault } from './faults.ts';
import type { CallName, TincanNetwork } from './network.ts';
import { type TincanChange, TincanError, type TincanSignal } from './types.ts';

/** The client's end of a line: what it wants to be told. */
export interface LineEnd {
  changed(channel: string, change: TincanChange): void;
  signalled(signal: TincanSignal): void;
  /** Clients pinned other cards to a channel. */
  pinned?(channel: string): void;
  /** The line is gone; calls under way have been rejected. */
  broken(): void;
}

/**
 * The string between two cans. A client calls over it and is told over it what happens in the channels it
 * watches. Without faults a call takes no time, and its echo comes before its answer.
 */
export class TincanLine {
  /** The client's. */
  readonly password: string;
  readonly #network: TincanNetwork;
  readonly #end: LineEnd;
  readonly #gone: () => void;
  readonly #watched = new Set<string>();
  readonly #waiting = new Set<(error: TincanError) => void>();
  /** A notification that comes after the next one. */
  #held: { readonly channel: string; readonly change: TincanChange } | null = null;
  #open = true;

  constructor(network: TincanNetwork, password: string, end: LineEnd, gone: () => void) {
    this.#network = network;
    this.password = password;
    this.#end = end;
    this.#gone = gone;
  }

  get open(): boolean {
    return this.#open;
  }

  watch(channel: string): void {
    this.#watched.add(channel);
  }

  unwatch(channel: string): void {
    this.#watched.delete(channel);
  }

  /** Pins the client's card to a channel, where all clients see it while this line is open; null takes it off. */
  pin(channel: string, card: object | null): void {
    if (this.#open) this.#network.pin(this, channel, card);
  }

  pinned(channel: string): void {
    if (this.#open && this.#watched.has(channel)) this.#end.pinned?.(channel);
  }

  /** Asks the server to do something in a channel. Rejects with `TincanError` only. */
  async call<T>(
    name: CallName,
    channel: string,
    signal: AbortSignal | null,
    deed: (channel: TincanChannel) => T,
  ): Promise<T> {
    if (!this.#open) throw new TincanError('down');
    const { calls } = this.#network;
    if (calls.none) return deed(this.#network.existing(channel));
    const fault = calls.meet({ name, channel, password: this.password });
    const run = (): T => deed(this.#network.existing(channel));
    return fault === undefined ? run() : this.#faulty(fault, signal, run);
  }

  async #faulty<T>(fault: CallFault, signal: AbortSignal | null, run: () => T): Promise<T> {
    switch (fault.kind) {
      case 'refuse':
        throw new TincanError('forbidden');
      case 'throttle':
        throw new TincanError('throttled', fault.afterMs);
      case 'internal':
        throw new TincanError('internal');
      case 'lag':
        await this.#wait(fault.ms, signal);
        return run();
      case 'lateAnswer': {
        const answer = run();
        await this.#wait(fault.ms, signal);
        return answer;
      }
      case 'loseAnswer':
        run();
        await this.#wait(null, signal);
        throw new TincanError('lost');
      case 'hangUp':
        if (fault.commit) run();
        this.broken();
        throw new TincanError('lost');
    }
  }

  /** Waits (for ever when `ms` is null) until the line breaks or the caller gives up, which rejects. */
  async #wait(ms: number | null, signal: AbortSignal | null): Promise<void> {
    let giveUp = (): void => undefined;
    let fail = (_: TincanError): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      fail = reject;
      giveUp = () => reject(new TincanError('aborted'));
    });
    this.#waiting.add(fail);
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await Promise.race([ended, ...(ms === null ? [] : [this.#network.clock.sleep(ms)])]);
    } finally {
      this.#waiting.delete(fail);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  changed(channel: string, change: TincanChange): void {
    if (!this.#watched.has(channel)) return;
    const { notices } = this.#network;
    const fault = notices.none ? undefined : notices.meet(change);
    if (fault === undefined) this.#deliver(channel, change);
    else if (fault.kind === 'lag') this.#network.clock.after(fault.ms, () => this.#deliver(channel, change));
    else if (fault.kind === 'reorder') this.#held = { channel, change };
    else if (fault.kind === 'duplicate') {
      this.#deliver(channel, change);
      this.#deliver(channel, change);
    }
  }

  signalled(signal: TincanSignal): void {
    if (this.#watched.has(signal.channel)) this.#end.signalled(signal);
  }

  #deliver(channel: string, change: TincanChange): void {
    if (!this.#open) return;
    this.#end.changed(channel, change);
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#end.changed(held.channel, held.change);
  }

  /** The line breaks. Everybody who waits for an answer learns it. */
  broken(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#gone();
    for (const fail of [...this.#waiting]) fail(new TincanError('lost'));
    this.#end.broken();
  }

  /** The client hangs up. */
  close(): void {
    this.broken();
  }
}
