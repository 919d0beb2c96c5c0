import type { Bridge, Delivery, Done, Manifest, NativeMessage, Outcome } from '@brygga/contract';
import { asRead } from './body-view.ts';
import type { FakeContext } from './fake-context.ts';
import { FarPeople } from './far-people.ts';
import type { Harness, Instance, NativeActor, NativeRef, SeenMessage } from './harness.ts';
import { type Ledger, type LedgerMessage, ledger } from './ledger.ts';
import { waitFor } from './wait.ts';

/** Thrown when a case needs what the harness does not give. */
export class Lacking extends Error {
  override readonly name = 'Lacking';
}

/** One case's stage: the network, the bridge on it, open and listening, and the people on both sides. */
export class Scene {
  readonly instance: Instance;
  readonly manifest: Manifest;
  readonly ctx: FakeContext;
  readonly far: FarPeople;
  readonly patienceMs: number;
  bridge: Bridge;
  #words = 0;

  constructor(harness: Harness, instance: Instance) {
    this.instance = instance;
    this.manifest = harness.manifest;
    this.ctx = instance.ctx;
    this.patienceMs = harness.patienceMs ?? 3000;
    this.bridge = instance.create();
    const { channel, ctx } = instance;
    this.far = new FarPeople({ channel, now: () => ctx.clock.now(), newId: () => ctx.newId() });
  }

  /** The two natives. */
  get ada(): NativeActor {
    return this.instance.actors[0];
  }
  get ben(): NativeActor {
    return this.instance.actors[1];
  }

  get ledger(): Ledger {
    return ledger(this.ctx.accepted);
  }

  /** A word nobody said before. */
  word(): string {
    this.#words += 1;
    const unique = this.ctx
      .newId()
      .replace(/[^a-f0-9]/g, '')
      .slice(0, 8);
    return `tea${String(this.#words)}${unique}`.replace(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)));
  }

  /** Opens the bridge, attaches the channel, and waits until what natives say is heard. */
  async open(): Promise<void> {
    const before = this.ctx.states.length;
    await this.bridge.open(this.ctx);
    await this.bridge.attach(this.instance.channel);
    await this.eventually('the state "up"', () =>
      this.ctx.states.slice(before).some(({ state }) => state === 'up'),
    );
    const from = this.ctx.accepted.length;
    // What is said before the channel is joined for the very first time need not be heard.
    for (let tries = 0; this.ctx.accepted.length === from; tries += 1) {
      if (tries > 20) throw new Error('the bridge hears nothing of what natives say');
      await this.ada.say(`begin ${this.word()}`);
      await waitFor(() => this.ctx.accepted.length > from, { withinMs: this.patienceMs / 5 }).catch(
        () => undefined,
      );
    }
    await this.hush();
  }

  /** Closes the bridge; a new object takes its place, as in a process that starts. */
  async restart(between: () => Promise<void> = async () => undefined): Promise<void> {
    await this.bridge.close();
    await between();
    const before = this.ctx.states.length;
    this.bridge = this.instance.create();
    await this.bridge.open(this.ctx);
    await this.bridge.attach(this.instance.channel);
    await this.eventually('the state "up"', () =>
      this.ctx.states.slice(before).some(({ state }) => state === 'up'),
    );
  }

  async close(): Promise<void> {
    await this.bridge.close();
    await this.instance.close();
  }

  eventually<T>(
    what: string,
    condition: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  ): Promise<T> {
    return waitFor(condition, { what, withinMs: this.patienceMs });
  }

  /** Waits until everything natives did so far has been handed in: a later word of theirs has come. */
  async hush(): Promise<void> {
    const word = this.word();
    await this.ben.say(word);
    await this.eventually('a later word of a native', () => this.ledger.saying(word));
  }

  /** The message as the hub knows it, once it came. */
  heard(message: NativeRef): Promise<LedgerMessage> {
    return this.eventually(`the native message ${message.id}`, () => this.ledger.find(message.id));
  }

  /** Hands a delivery to the bridge once, with the manifest's time limit. */
  async once(delivery: Delivery): Promise<Outcome> {
    const limit = new AbortController();
    const cancel = this.ctx.clock.after(this.manifest.limits.sendTimeoutMs, () => limit.abort());
    try {
      return await this.bridge.send(delivery, limit.signal);
    } finally {
      cancel();
    }
  }

  /** Sends as the hub does: again while it is "later", again with `maybeSent` when it is unsure. */
  async send(delivery: Delivery): Promise<Done> {
    const outcome = await this.settle(delivery);
    if (outcome.kind !== 'done') throw new Error(`not delivered: ${outcome.kind} ${outcome.code}`);
    return outcome;
  }

  async settle(delivery: Delivery): Promise<Outcome> {
    const { clock } = this.ctx;
    const from = clock.elapsed();
    let trying = delivery;
    for (;;) {
      const outcome = await this.once(trying);
      if (outcome.kind === 'done' || outcome.kind === 'refused') return outcome;
      if (clock.elapsed() - from > this.patienceMs * 3) return outcome;
      if (outcome.kind === 'unsure') trying = { ...trying, maybeSent: true };
      await clock.sleep(outcome.kind === 'later' ? Math.max(10, outcome.afterMs ?? 0) : 10);
    }
  }

  /**
   * Sends deliveries together, as the hub fills a window: what did not arrive is tried again from the first such
   * on. One that arrived ahead of it has overtaken it, which nobody can mend.
   */
  async sendTogether(deliveries: readonly Delivery[]): Promise<void> {
    const { clock } = this.ctx;
    const from = clock.elapsed();
    let left = deliveries;
    while (left.length > 0) {
      if (clock.elapsed() - from > this.patienceMs * 3)
        throw new Error(`${left.length} were not delivered in time`);
      const outcomes = await Promise.all(left.map((delivery) => this.once(delivery)));
      const stop = outcomes.findIndex(({ kind }) => kind !== 'done');
      if (stop < 0) return;
      if (outcomes.slice(stop).some(({ kind }) => kind === 'done'))
        throw new Error('a later delivery overtook one');
      left = left.slice(stop).map((delivery) => ({ ...delivery, maybeSent: true }));
      await clock.sleep(10);
    }
  }

  /** What natives see, oldest first. */
  history(): Promise<readonly SeenMessage[]> {
    return this.instance.readHistory();
  }

  /** The message natives see that satisfies the condition. */
  seen(what: string, condition: (message: SeenMessage) => boolean): Promise<SeenMessage> {
    return this.eventually(`natives see ${what}`, async () => (await this.history()).find(condition));
  }

  seenSaying(word: string): Promise<SeenMessage> {
    return this.seen(`"${word}"`, ({ text, deleted }) => !deleted && asRead(text).includes(word));
  }

  /** How many messages natives see that say this. */
  async countOf(word: string): Promise<number> {
    return (await this.history()).filter(({ text, deleted }) => !deleted && asRead(text).includes(word))
      .length;
  }
}

/** Every id an outcome gives for a message. */
export const idsOf = (message: NativeMessage): string[] => [
  message.id,
  ...Object.values(message.roles ?? {}),
];

/** Whether an outcome's message is the one natives see. */
export const isSame = (message: NativeMessage, seen: SeenMessage): boolean =>
  idsOf(message).some((id) => seen.ids.some((other) => other === id));
