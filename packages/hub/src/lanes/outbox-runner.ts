import {
  type Burial,
  type Bus,
  type Claim,
  type Failure,
  LOST,
  type Lost,
  type OutboxItem,
  outbox,
} from '@brygga/bus';
import {
  type Bridge,
  type Clock,
  type Code,
  type Done,
  type Feature,
  faultOf,
  type Limits,
  type Log,
  type Outcome,
  refused,
} from '@brygga/contract';
import type { Event, NetworkId, RoomId } from '@brygga/event';
import type { Metrics } from '../metrics.ts';
import type { Link } from '../rooms.ts';
import type { DispatchStation, Prepared } from '../stations/4-dispatch.ts';
import { recordOf } from '../stations/5-record.ts';
import type { Undelivered } from '../undelivered.ts';
import type { MaybeSent } from './maybe-sent.ts';
import { Recorder, UNRECORDED_MAX } from './recorder.ts';
import type { Runs } from './runs.ts';
import type { UnreadableLanes } from './unreadable.ts';
import type { Waiting, WaitingLane } from './waiting.ts';

export interface OutboxParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly runs: Runs;
  readonly waiting: Waiting;
  readonly maybeSent: Pick<MaybeSent, 'begins'>;
  readonly dispatch: DispatchStation;
  readonly undelivered: Undelivered;
  readonly unreadable: UnreadableLanes;
  /** Aborts when no further heads are to be begun. */
  readonly stop: AbortSignal;
  /** The open bridge of a network, or null when another process speaks to it. */
  readonly bridge: (network: NetworkId) => Bridge | null;
  readonly link: (room: RoomId, lane: string) => Link | undefined;
  readonly drain: (claim: Claim<OutboxItem>) => void;
  /** Is told of links whose lanes are another process's to drain. */
  readonly elsewhere: (link: Link) => void;
  /** The lane's state is not known: Redis did not answer, or the lease may have ended. */
  readonly abandoned: (claim: Claim<unknown>) => void;
}

/** A bridge that throws this often over the same delivery is not asked again. */
const FAULTS_MAX = 5;
/** How long an unsure delivery waits before it is looked for. */
const UNSURE_MS = 200;

type Step = 'on' | 'stop';

/** Drains outbox lanes: station 4 for a window of items, station 5 for what became of them, until it is empty. */
export class OutboxRunner {
  readonly #parts: OutboxParts;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  start(claim: Claim<OutboxItem>): void {
    this.#parts.runs.start(async () => {
      try {
        await this.#run(claim);
      } catch (error) {
        await this.#failed(claim, error);
      }
    });
  }

  async #failed(claim: Claim<OutboxItem>, error: unknown): Promise<void> {
    const { unreadable, log, abandoned } = this.#parts;
    if (await unreadable.held(claim, error).catch(() => false)) return;
    log.warn('lane.abandoned', { room: claim.room, lane: claim.lane, fault: faultOf(error) });
    abandoned(claim);
  }

  async #run(claim: Claim<OutboxItem>): Promise<void> {
    const link = this.#parts.link(claim.room, claim.lane);
    const bridge = link === undefined ? null : this.#parts.bridge(link.network);
    if (link === undefined) return void (await this.#parts.bus.hold(claim, 0));
    if (bridge === null) {
      await this.#parts.bus.hold(claim, 0);
      return this.#parts.elsewhere(link);
    }
    this.#parts.waiting.awake(this.#lane(link));
    await new Drain(this.#parts, claim, link, bridge).run();
  }

  #lane(link: Link) {
    return { room: link.room, link: link.id, network: link.network };
  }
}

/** One ownership of one lane. */
class Drain {
  readonly #parts: OutboxParts;
  readonly #claim: Claim<OutboxItem>;
  readonly #link: Link;
  readonly #bridge: Bridge;
  readonly #recorder: Recorder;
  readonly #lane: WaitingLane;
  /** Items at the head of the lane that are not sent yet. */
  readonly #items: OutboxItem[];
  /** How many of them somebody may have begun to send before. */
  #unsure: number;
  /** How often the network had come back when the last window began. */
  #returns = 0;

  constructor(parts: OutboxParts, claim: Claim<OutboxItem>, link: Link, bridge: Bridge) {
    this.#parts = parts;
    this.#claim = claim;
    this.#link = link;
    this.#bridge = bridge;
    this.#lane = { room: link.room, link: link.id, network: link.network };
    this.#items = [...claim.items];
    this.#recorder = new Recorder(parts.bus, claim, link.id);
    this.#unsure = claim.fromRedis ? link.manifest.limits.sendWindow + UNRECORDED_MAX : 0;
  }

  async run(): Promise<void> {
    for (;;) {
      if (this.#items.length === 0 && !(await this.#refill())) return;
      if (this.#parts.stop.aborted) return void (await this.#give(0));
      if (this.#parts.bridge(this.#link.network) !== this.#bridge) return this.#leave();
      this.#returns = this.#parts.waiting.returns(this.#link.network);
      const pause = this.#parts.waiting.pausedFor(this.#link.network);
      if (pause > 0) return this.#hold(pause);
      if ((await this.#window()) === 'stop') return;
    }
  }

  /** This process does not speak to the network any more. */
  async #leave(): Promise<void> {
    await this.#give(0);
    this.#parts.elsewhere(this.#link);
  }

  /** The lane's next items; false when there are none, or the lane is somebody else's. */
  async #refill(): Promise<boolean> {
    const recorded = await this.#recorder.settled();
    if (recorded === LOST) return false;
    const left = recorded ?? (await this.#parts.bus.more(this.#claim));
    if (left === LOST || left.left === 0) return false;
    if (left.next.length > 0) this.#items.push(...left.next);
    else return this.#refill();
    return true;
  }

  /** Sends the first items together as far as the network allows, then settles them in order. */
  async #window(): Promise<Step> {
    const items = this.#items.slice(0, this.#windowSize());
    // What refers to an earlier message is looked up once that one is recorded.
    if (items[0] !== undefined && !plain(items[0]) && (await this.#recorder.settled()) === LOST)
      return 'stop';
    const preparing = this.#prepareAll(items);
    const prepared = preparing instanceof Promise ? await preparing : preparing;
    // Last of all, since a machine may be suspended over any wait: what was ours may be another's by now.
    if (!this.#parts.bus.owns(this.#claim)) {
      this.#parts.abandoned(this.#claim);
      return 'stop';
    }
    const outcomes = await this.#parts.dispatch.send(this.#bridge, prepared, this.#link);
    const done = this.#settleDone(items, prepared, outcomes, 0);
    return done < outcomes.length ? this.#settle(items, prepared, outcomes, done) : this.#recorder.room();
  }

  /** Above one only for plain messages in a row: see `Limits.sendWindow`. */
  #windowSize(): number {
    const { sendWindow, sendWindowOf } = this.#link.manifest.limits;
    const first = this.#items[0];
    if (sendWindow === 1 || first === undefined || !plain(first)) return 1;
    const most = Math.min(sendWindow, this.#items.length);
    let size = 1;
    while (size < most && together(first, this.#items[size], sendWindowOf)) size += 1;
    return size;
  }

  /** Most need nothing from Redis, and so no turn of its own. */
  #prepareAll(items: readonly OutboxItem[]): readonly Prepared[] | Promise<readonly Prepared[]> {
    const unsure = this.#unsure;
    const preparing = items.map((item, index) => this.#prepare(item, index < unsure));
    return preparing.every(isReady) ? preparing : Promise.all(preparing.map(async (one) => one));
  }

  #prepare(item: OutboxItem, maybeSent: boolean): Prepared | Promise<Prepared> {
    // What comes back from the dead letters has its time anew, and may have arrived before it was given up.
    const age = this.#parts.clock.now() - (item.again?.at ?? item.event.acceptedAt);
    if (age > this.#link.deliverWithinMs) return { nothing: refused('TOO_OLD') };
    return this.#parts.dispatch.prepare(this.#link, item, maybeSent || item.again !== undefined);
  }

  /** Settles those that are done, up to the first that is not: where that is, or the end. */
  #settleDone(
    items: readonly OutboxItem[],
    prepared: readonly Prepared[],
    outcomes: readonly Outcome[],
    from: number,
  ): number {
    const now = this.#parts.clock.now();
    let at = from;
    for (; at < items.length; at += 1) {
      const item = items[at];
      const one = prepared[at];
      const outcome = outcomes[at];
      if (item === undefined || one === undefined || outcome?.kind !== 'done') break;
      this.#arrived(item, outcome, now);
      if ('lost' in one) this.#degraded(one.lost);
      this.#release();
      const sent = 'delivery' in one ? one.delivery.event : item.event;
      this.#recorder.add(recordOf(item, sent, this.#link.id, outcome, now), this.#items.length === 0);
    }
    if (at > from) this.#parts.metrics.delivered(this.#link.network, at - from);
    return at;
  }

  /** From the first that is not done. */
  async #settle(
    items: readonly OutboxItem[],
    prepared: readonly Prepared[],
    outcomes: readonly Outcome[],
    from: number,
  ): Promise<Step> {
    for (let at = from; at < items.length; at = this.#settleDone(items, prepared, outcomes, at + 1)) {
      const item = items[at];
      const outcome = outcomes[at];
      if (item === undefined || outcome === undefined || outcome.kind === 'done') break;
      // It stood behind one that was refused, and is sent anew now that this is noted.
      if (at > from && outcome.kind === 'later' && outcome.afterMs === undefined) break;
      this.#count(outcome);
      if ((await this.#recorder.settled()) === LOST) return 'stop';
      const one = prepared[at];
      const tried = one !== undefined && 'delivery' in one;
      if ((await this.#failed(item, outcome, tried)) === 'stop') return 'stop';
    }
    return this.#recorder.room();
  }

  #release(): void {
    this.#items.shift();
    this.#unsure = Math.max(0, this.#unsure - 1);
    this.#parts.waiting.through(this.#lane);
  }

  async #failed(item: OutboxItem, outcome: Exclude<Outcome, Done>, tried: boolean): Promise<Step> {
    const { waiting } = this.#parts;
    const failure = this.#failure(item, outcome.code);
    if (outcome.kind === 'refused') return this.#bury({ ...failure, code: outcome.code, tried });
    if (outcome.kind === 'unsure') {
      this.#parts.maybeSent.begins(this.#link, item.event.id);
      if (outcome.code === 'BRIDGE_FAULT' && waiting.fault(this.#lane, item.event.id) >= FAULTS_MAX)
        return this.#bury({ ...failure, code: outcome.code, tried });
      return this.#holdFor(UNSURE_MS, failure);
    }
    if (outcome.scope === 'network' && outcome.afterMs !== undefined)
      await waiting.pause(this.#link.network, outcome.afterMs, this.#returns);
    return this.#holdFor(outcome.afterMs ?? 0, failure);
  }

  #failure(item: OutboxItem, code: Code): Failure {
    return { item, link: this.#link.id, code, at: this.#parts.clock.now() };
  }

  async #holdFor(atLeastMs: number, failure: Failure): Promise<Step> {
    await this.#hold(this.#parts.waiting.nextDelay(this.#lane, atLeastMs), failure);
    return 'stop';
  }

  async #hold(ms: number, failure: Failure | null = null): Promise<void> {
    const hold = await this.#give(ms, failure);
    if (hold !== LOST) await this.#parts.waiting.wakeAfter(this.#lane, ms, hold, this.#returns);
  }

  async #give(ms: number, failure: Failure | null = null): Promise<string | Lost> {
    const recorded = await this.#recorder.settled();
    return recorded === LOST ? LOST : this.#parts.bus.hold(this.#claim, ms, failure);
  }

  async #bury(burial: Burial & { readonly code: Code }): Promise<Step> {
    const { bus, metrics, log, undelivered } = this.#parts;
    const { item, code } = burial;
    const place = { room: this.#link.room, link: this.#link.id };
    const telling = undelivered.telling(this.#link, item, code);
    const buried = await bus.bury(this.#claim, burial, telling);
    if (buried === LOST) return 'stop';
    metrics.dead.inc({ ...place, code });
    log.warn('delivery.dead', { ...place, event: item.event.id, reason: code });
    if (buried.claim !== null) this.#parts.drain(buried.claim);
    const told = telling === null ? undefined : this.#parts.link(this.#link.room, outbox(telling.link));
    if (buried.elsewhere && told !== undefined) this.#parts.elsewhere(told);
    this.#release();
    return buried.left === 0 ? 'stop' : 'on';
  }

  #count(outcome: Exclude<Outcome, Done>): void {
    const { network, room, id: link } = this.#link;
    this.#parts.metrics.outcomes.inc({ network, outcome: outcome.kind, code: outcome.code });
    this.#parts.log.debug('delivery.not-done', { room, link, outcome: outcome.kind, reason: outcome.code });
  }

  #arrived(item: OutboxItem, outcome: Done, now: number): void {
    this.#parts.metrics.took(this.#link.network, Math.max(0, now - item.event.acceptedAt) / 1000);
    this.#degraded(outcome.lost);
  }

  #degraded(lost: readonly Feature[] = []): void {
    const { room, id: link } = this.#link;
    for (const feature of lost) this.#parts.metrics.degraded.inc({ room, link, feature });
  }
}

const isReady = (prepared: Prepared | Promise<Prepared>): prepared is Prepared =>
  !(prepared instanceof Promise);

const plain = ({ event, hub }: OutboxItem): boolean =>
  !hub && event.kind === 'message' && event.replyTo === undefined && event.thread === undefined;

const together = (first: OutboxItem, next: OutboxItem | undefined, whose: Limits['sendWindowOf']): boolean =>
  next !== undefined && plain(next) && (whose === 'anybody' || samePerson(first.event, next.event));

const samePerson = (one: Event, other: Event): boolean =>
  one.sender.nativeId === other.sender.nativeId &&
  one.sender.displayName === other.sender.displayName &&
  one.origin.network === other.origin.network;
