import { later, type Outcome, refused, unsure } from '@brygga/contract';
import { connectionLost, isPoison, type StanzaError, sendingError } from './errors.ts';
import type { Voice } from './session.ts';
import type { Element } from './stanza.ts';

/** One stanza to be written; `id` is its `@id` and origin-id. */
export interface Part {
  readonly id: string;
  readonly stanza: Element;
}

/** Stanzas of one delivery. `relayed`: by the bot, with the person's name before the text. */
export interface Order {
  readonly key: string;
  readonly voice: Voice;
  compose(relayed: boolean): readonly Part[];
  /** Ids of parts an earlier try has brought to the room, with their stanza-ids; null: it cannot be told. */
  readonly found: Promise<ReadonlyMap<string, string> | null>;
  readonly signal: AbortSignal;
}

/** `ids`: the stanza-id of each part; null where the room gives none. */
export type Written =
  | { readonly kind: 'written'; readonly ids: readonly (string | null)[]; readonly relayed: boolean }
  | { readonly kind: 'failed'; readonly outcome: Outcome };

/** `relay`: the voice may not speak, but the bot may for it. */
export type Ready =
  | { readonly kind: 'ready' | 'relay' }
  | { readonly kind: 'failed'; readonly outcome: Outcome };

export interface WriterHooks {
  /** Brings the voice into the room; `mute` is set when the room refused it the word before. */
  ready(voice: Voice, mute: boolean): Promise<Ready>;
  write(stanza: Element): boolean;
  /** The voice is not in the room any more, whatever we thought. */
  vacate(voice: Voice): void;
  /** A delivery is under way, or has landed. */
  flying(change: 1 | -1): void;
  /** Something of ours may be in the room, or not: nobody can tell without asking. */
  doubt(): void;
  /** A defect of ours. */
  fault(error: unknown): void;
  now(): number;
  after(ms: number, run: () => void): () => void;
}

interface Job extends Order {
  readonly number: number;
  readonly settle: (written: Written) => void;
  /** Part id to stanza-id, as they come back. */
  readonly back: Map<string, string | null>;
  parts: readonly Part[];
  relayed: boolean;
  mute: boolean;
  tries: number;
  over: boolean;
  cancel: () => void;
}

const QUEUE_MAX = 256;
const REFLECTION_MS = 15_000;
const TRIES_MAX = 3;
const SUSPECTS_MAX = 256;

/**
 * Writes the deliveries of one channel in the order they were given, without waiting for one to come back before
 * the next is written. XMPP answers a group message only by reflecting it; that, an error, or silence settles it.
 * When the room refuses one that can be mended, nothing new is written before all under way are settled, and
 * what was refused is written again in its old order.
 */
export class Writer {
  readonly #hooks: WriterHooks;
  readonly #queue: Job[] = [];
  readonly #flight = new Map<string, Job>();
  readonly #flying = new Set<Job>();
  readonly #broken: Job[] = [];
  /** Keys of deliveries that were under way when a stream was ended because of what we wrote. */
  readonly #suspects = new Map<string, number>();
  #landed: (() => void) | null = null;
  #running = false;
  #numbers = 0;

  constructor(hooks: WriterHooks) {
    this.#hooks = hooks;
  }

  put(order: Order): Promise<Written> {
    if (this.#queue.length >= QUEUE_MAX) {
      return Promise.resolve({ kind: 'failed', outcome: later('NETWORK_BUSY', { afterMs: 1000 }) });
    }
    const { promise, resolve } = Promise.withResolvers<Written>();
    const job: Job = {
      ...order,
      compose: (relayed) => order.compose(relayed),
      number: this.#numbers++,
      settle: resolve,
      back: new Map(),
      parts: [],
      relayed: false,
      mute: false,
      tries: 0,
      over: false,
      cancel: () => undefined,
    };
    order.signal.addEventListener('abort', () => this.#fail(job, this.#aborted(job)), { once: true });
    if (order.signal.aborted) this.#fail(job, later('NETWORK_BUSY'));
    else this.#queue.push(job);
    void this.#run();
    return promise;
  }

  /** A message of ours came back from the room. */
  reflected(id: string, stanzaId: string | null): void {
    const job = this.#flight.get(id);
    if (job === undefined) return;
    job.back.set(id, stanzaId);
    if (job.parts.every((part) => job.back.has(part.id))) this.#done(job);
  }

  /** The room refused a message of ours. */
  refused(id: string, error: StanzaError): void {
    const job = this.#flight.get(id);
    if (job === undefined) return;
    const { outcome, remedy } = sendingError(error, this.#hooks.now());
    if (remedy === null || job.tries >= TRIES_MAX || job.relayed) {
      this.#fail(job, outcome);
      return;
    }
    if (remedy === 'voice') job.mute = true;
    else this.#hooks.vacate(job.voice);
    this.#landing(job);
    this.#broken.push(job);
    void this.#run();
  }

  /** Whether a message with that id is under way. */
  isFlying(id: string): boolean {
    return this.#flight.has(id);
  }

  /** The stream ended with `condition`: what was under way may have arrived, what was not, did not. */
  lost(condition: string | null): void {
    const poison = condition !== null && isPoison(condition);
    for (const job of [...this.#flying, ...this.#broken]) {
      const before = this.#suspects.get(job.key) ?? 0;
      if (poison) this.#suspect(job.key, before + 1);
      // Alone under way, and the stream ended because of it: no other try.
      this.#fail(job, poison && before > 0 ? refused('NOT_ACCEPTABLE') : connectionLost());
    }
    for (const job of [...this.#queue]) this.#fail(job, later('NETWORK_DOWN'));
  }

  /** Ends everything: the hub stops. */
  stop(): void {
    for (const job of [...this.#flying, ...this.#broken]) this.#fail(job, unsure('HUB_STOPPING'));
    for (const job of [...this.#queue]) this.#fail(job, later('NETWORK_DOWN'));
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    // Whatever is put while the last `await` is under way is seen here: nothing may come between this look and the end.
    while (this.#queue.length > 0 || this.#broken.length > 0) {
      const job = await this.#next();
      if (job !== undefined) await this.#guarded(job);
    }
    this.#running = false;
  }

  async #guarded(job: Job): Promise<void> {
    try {
      await this.#carry(job);
    } catch (error) {
      this.#hooks.fault(error);
      this.#fail(job, unsure('BRIDGE_FAULT'));
    }
  }

  /** The next job; after a refusal only when all under way have settled. */
  async #next(): Promise<Job | undefined> {
    while (this.#broken.length > 0) {
      await this.#empty();
      const again = this.#broken.splice(0).filter((job) => !job.over);
      this.#queue.unshift(...again.sort((a, b) => a.number - b.number));
    }
    const job = this.#queue[0];
    if (job !== undefined && this.#suspects.has(job.key)) await this.#empty();
    return this.#queue[0];
  }

  async #empty(): Promise<void> {
    while (this.#flying.size > 0) {
      await new Promise<void>((resolve) => {
        this.#landed = resolve;
      });
    }
  }

  async #carry(job: Job): Promise<void> {
    const found = await job.found;
    if (found === null) return this.#fail(job, unsure('NO_ANSWER'));
    for (const [id, stanzaId] of found) job.back.set(id, stanzaId);
    const needless = job.compose(job.relayed).every((part) => job.back.has(part.id));
    const ready: Ready =
      job.over || needless ? { kind: 'ready' } : await this.#hooks.ready(job.voice, job.mute);
    // While that was awaited, the job may have been ended, or an earlier one refused.
    if (job.over || this.#queue[0] !== job || this.#broken.length > 0) return;
    this.#queue.shift();
    if (ready.kind === 'failed') return this.#fail(job, ready.outcome);
    job.relayed = ready.kind === 'relay';
    job.parts = job.compose(job.relayed);
    job.tries += 1;
    if (job.parts.every((part) => job.back.has(part.id))) return this.#done(job);
    this.#write(job);
  }

  #write(job: Job): void {
    this.#flying.add(job);
    this.#hooks.flying(1);
    for (const part of job.parts) this.#flight.set(part.id, job);
    job.cancel = this.#hooks.after(REFLECTION_MS, () => {
      this.#hooks.vacate(job.voice);
      this.#fail(job, unsure('NO_ANSWER'));
    });
    for (const part of job.parts) {
      if (job.back.has(part.id)) continue;
      if (this.#hooks.write(part.stanza)) continue;
      this.#fail(job, connectionLost());
      return;
    }
  }

  #done(job: Job): void {
    this.#end(job);
    this.#suspects.delete(job.key);
    const ids = job.parts.map((part) => job.back.get(part.id) ?? null);
    job.settle({ kind: 'written', ids, relayed: job.relayed });
  }

  #fail(job: Job, outcome: Outcome): void {
    if (job.over) return;
    if (outcome.kind === 'unsure') this.#hooks.doubt();
    this.#end(job);
    job.settle({ kind: 'failed', outcome });
  }

  #aborted(job: Job): Outcome {
    return this.#flying.has(job) || job.tries > 0 ? unsure('NO_ANSWER') : later('NETWORK_BUSY');
  }

  #end(job: Job): void {
    job.over = true;
    const at = this.#queue.indexOf(job);
    if (at >= 0) this.#queue.splice(at, 1);
    const broken = this.#broken.indexOf(job);
    if (broken >= 0) this.#broken.splice(broken, 1);
    this.#landing(job);
  }

  #landing(job: Job): void {
    job.cancel();
    for (const part of job.parts) this.#flight.delete(part.id);
    if (this.#flying.delete(job)) this.#hooks.flying(-1);
    if (this.#flying.size > 0) return;
    this.#landed?.();
    this.#landed = null;
  }

  #suspect(key: string, times: number): void {
    this.#suspects.set(key, times);
    const oldest = this.#suspects.keys().next().value;
    if (this.#suspects.size > SUSPECTS_MAX && oldest !== undefined) this.#suspects.delete(oldest);
  }
}
