import { type BridgeContext, faultOf } from '@brygga/contract';
import type { ChannelId, IncomingEvent } from '@brygga/event';
import { ask } from './ask.ts';
import { eventOf, type Place } from './incoming.ts';
import type { TincanChannel } from './world/channel.ts';
import type { TincanLine } from './world/line.ts';
import { type TincanChange, TincanError } from './world/types.ts';

export interface FeedParts {
  readonly ctx: Pick<
    BridgeContext<unknown>,
    'network' | 'hub' | 'accept' | 'cursor' | 'clock' | 'random' | 'log'
  >;
  readonly channel: ChannelId;
  /** How long an answer of the network is waited for. */
  readonly answerMs: number;
}

/** Changes handed to one `accept`. */
const BATCH_MAX = 200;
/** Changes after which the cursor is saved although nothing came in with them. */
const UNSAVED_MAX = 500;
const PAUSE_MS_MIN = 20;
const PAUSE_MS_MAX = 10_000;

/**
 * What comes in from one channel. Changes are numbered, so a notification is but a hint: repeated ones are left
 * out, out-of-order ones wait, missing ones are asked for. One accept at a time; the cursor is the number of
 * the last change, saved with the events, so that after a crash at any point the rest is asked for again.
 */
export class Feed {
  readonly #parts: FeedParts;
  readonly #stop = new AbortController();
  /** Changes that came before their turn, or wait for the accept under way. */
  readonly #early = new Map<number, TincanChange>();
  /** Number of the next change to be handed in; null until the channel is watched for the first time. */
  #next: number | null = null;
  /** The newest number heard of. */
  #heard = 0;
  /** Number the saved cursor stands at. */
  #saved = Number.NEGATIVE_INFINITY;
  #line: TincanLine | null = null;
  #beginning: Promise<void> | null = null;
  #running: Promise<void> | null = null;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Begins to watch over a new line; what was missed meanwhile is asked for. */
  async watch(line: TincanLine): Promise<void> {
    const { channel, ctx } = this.#parts;
    line.watch(channel);
    try {
      const latest = await this.#latest(line);
      this.#line = line;
      if (this.#next === null) {
        this.#beginning ??= this.#begin(latest).finally(() => {
          this.#beginning = null;
        });
        await this.#beginning;
      }
      this.heard(latest);
    } catch (error) {
      // One channel that is gone must not keep the others from being watched.
      if (!(error instanceof TincanError) || error.trouble !== 'noChannel') throw error;
      ctx.log.warn('channel.gone');
    }
  }

  /** Finds out about notifications that were forgotten and followed by none. */
  async compare(line: TincanLine): Promise<void> {
    this.heard(await this.#latest(line));
  }

  #latest(line: TincanLine): Promise<number> {
    return this.#question(line, 'watch', (there) => there.latest);
  }

  #question<T>(line: TincanLine, name: 'watch' | 'changes', of: (there: TincanChannel) => T): Promise<T> {
    const { ctx, channel, answerMs } = this.#parts;
    return ask(line, ctx.clock, { name, channel, ask: of, withinMs: answerMs });
  }

  async #begin(latest: number): Promise<void> {
    const { ctx, channel } = this.#parts;
    const saved = await ctx.cursor(channel);
    this.#next = (saved === null ? latest : Number(saved)) + 1;
    if (saved !== null) this.#saved = Number(saved);
    // From now on nothing may be missed, so that this is where we begin has to be remembered.
    if (saved === null) await this.#accept([], latest);
  }

  get #open(): boolean {
    return this.#line?.open === true && !this.#stop.signal.aborted;
  }

  /** The channel is known to have come as far as this. */
  heard(seq: number): void {
    if (seq > this.#heard) this.#heard = seq;
    this.#pump();
  }

  changed(change: TincanChange): void {
    const { seq } = change;
    if (this.#next !== null && seq < this.#next) return;
    if (seq === this.#next && this.#running === null && this.#isEcho(change) && !this.#worthSaving(seq)) {
      // Most changes of a busy channel are what the hub itself has just written.
      this.#next = seq + 1;
    } else {
      this.#early.set(seq, change);
    }
    this.heard(seq);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #pump(): void {
    if (this.#running !== null || this.#next === null || this.#heard < this.#next) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      if (this.#open) this.#pump();
    });
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted && this.#next !== null && this.#heard >= this.#next) {
      const batch = this.#inTurn(this.#next);
      const more = batch.length > 0 || (await this.#ask(this.#next));
      if (!more) return;
      const last = batch.at(-1);
      if (last !== undefined && !(await this.#accept(batch, last.seq))) return;
    }
  }

  /** The changes that are there and next, without a gap. */
  #inTurn(from: number): TincanChange[] {
    const batch: TincanChange[] = [];
    for (let seq = from; batch.length < BATCH_MAX; seq += 1) {
      const change = this.#early.get(seq);
      if (change === undefined) break;
      batch.push(change);
    }
    return batch;
  }

  /** Asks for missing changes; false when nobody can be asked now: the next line will bring them. */
  async #ask(from: number): Promise<boolean> {
    const { ctx } = this.#parts;
    const line = this.#line;
    if (line === null || !this.#open) return false;
    try {
      const changes = await this.#question(line, 'changes', (there) => there.after(from - 1, BATCH_MAX));
      for (const change of changes) this.#early.set(change.seq, change);
      const first = changes[0]?.seq ?? this.#heard + 1;
      // The server has forgotten some: nobody can bring them back, and the rest must not wait for them.
      if (first > from) {
        ctx.log.warn('intake.gap', { count: first - from });
        this.#next = first;
      }
      return true;
    } catch (error) {
      if (!(error instanceof TincanError)) throw error;
      await this.#pause(0);
      return this.#open;
    }
  }

  /** Hands in until it is kept; false when the bridge is closed before that. */
  async #accept(batch: readonly TincanChange[], last: number): Promise<boolean> {
    const { ctx, channel } = this.#parts;
    const { network } = ctx;
    const others = batch.filter((change) => !this.#isEcho(change));
    const events = others.flatMap((change) => this.#eventOf(change, { network, channel }));
    if (events.length === 0 && !this.#worthSaving(last)) {
      this.#kept(batch, last);
      return true;
    }
    for (let failures = 0; !this.#stop.signal.aborted; failures += 1) {
      try {
        await ctx.accept({ channel, events, cursor: String(last) });
        this.#saved = last;
        this.#kept(batch, last);
        return true;
      } catch {
        ctx.log.warn('intake.not-kept', { count: events.length, attempt: failures + 1 });
        await this.#pause(failures);
      }
    }
    return false;
  }

  /** What passed through this hub is our own doing come back. */
  #isEcho({ via }: TincanChange): boolean {
    return via.includes(this.#parts.ctx.hub);
  }

  /** Echoes alone are not worth a write: read again after a crash, they are known as echoes again. */
  #worthSaving(last: number): boolean {
    return last - this.#saved >= UNSAVED_MAX;
  }

  #kept(batch: readonly TincanChange[], last: number): void {
    for (const { seq } of batch) this.#early.delete(seq);
    this.#next = last + 1;
  }

  /** What cannot even be read is a defect, and must not stop what comes after it. */
  #eventOf(change: TincanChange, place: Place): IncomingEvent[] {
    try {
      return [eventOf(change, place)];
    } catch (error) {
      this.#parts.ctx.log.error('intake.fault', { fault: faultOf(error) });
      return [];
    }
  }

  async #pause(failures: number): Promise<void> {
    const { clock, random } = this.#parts.ctx;
    const most = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(failures, 10));
    await clock.sleep(random() * most, this.#stop.signal);
  }
}
