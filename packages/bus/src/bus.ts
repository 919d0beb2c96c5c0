import type { Finding, Lease } from '@brygga/contract';
import type { EventId, LinkId, NetworkId, RoomId } from '@brygga/event';
import { type AcceptResult, accept, type NewEvent } from './accept.ts';
import { type Client, connect, isThere, watch, whenThere } from './connect.ts';
import { Facts } from './facts.ts';
import { IdMap } from './id-map.ts';
import { commitPlan, type Plan, type Planned } from './inbox.ts';
import { Installation } from './installation.ts';
import { type InboxItem, Items, isOf, type OutboxItem, type Read, readAll, readSome } from './items.ts';
import { INBOX, Keys, type LaneName, outbox } from './keys.ts';
import { type Claim, type Left, LOST, type Lost } from './lane.ts';
import { Lates, type LateTelling } from './late.ts';
import { Leases, type Moment } from './leases.ts';
import { Letters } from './letters.ts';
import { Memory } from './memory.ts';
import type { BusOptions } from './options.ts';
import {
  type Burial,
  type Buried,
  bury,
  type DeliveryRecord,
  type Failure,
  leftOf,
  noteOf,
  type Telling,
} from './outbox.ts';
import { Pace } from './pace.ts';
import { Recall } from './recall.ts';
import { Records } from './records.ts';
import { claimSchema } from './schema.ts';
import { replicationOf, Scripts } from './scripts.ts';
import { Signals } from './signals.ts';
import { type KeptStore, Store } from './store.ts';
import { Waits } from './waits.ts';
import { Wakes } from './wake.ts';

/**
 * All that rests in Redis: lanes, id map, cursors, leases, dead letters, wake-ups. Methods that step a lane
 * return `LOST` when this process does not own it any more, and throw when Redis did not answer: then it is
 * not known whether the step was made, and the lane must be given up (`abandon`).
 */
export class Bus {
  readonly idMap: IdMap;
  readonly waits: Waits;
  readonly wakes: Wakes;
  readonly signals: Signals;
  readonly letters: Letters;
  readonly lates: Lates;
  readonly memory: Memory;
  readonly installation: Installation;
  readonly #options: BusOptions;
  readonly #redis: Client;
  /** For leases alone: they are renewed in time however much waits on the other connection. */
  readonly #leaseRedis: Client;
  readonly #keys: Keys;
  readonly #scripts: Scripts;
  readonly #records: Records;
  readonly #leases: Leases;
  readonly #items: Items;
  readonly #facts: Facts;
  readonly #recall: Recall;

  constructor(options: BusOptions) {
    this.#options = options;
    this.memory = new Memory(options.onError);
    this.#redis = connect(options, options.silentMs, options.onError);
    this.#leaseRedis = connect(options, options.silentMs, options.onError);
    this.#keys = new Keys(options.prefix);
    this.#scripts = new Scripts(this.#redis, replicationOf(options), new Pace(options.clock));
    this.#items = new Items(options.seal);
    this.#facts = new Facts(options.seal, options.onError);
    this.#recall = new Recall(this.#items.readOutbox);
    this.#records = new Records(this.#scripts, this.#keys, options, this.#facts);
    const leaseScripts = new Scripts(this.#leaseRedis, replicationOf(options));
    this.#leases = new Leases(leaseScripts, options.clock, options.owner, options.leaseMs);
    this.idMap = new IdMap(this.#redis, this.#keys, this.#facts);
    this.waits = new Waits(this.#redis, this.#keys, this.#items);
    this.letters = new Letters(this.#redis, this.#keys, this.#scripts, this.#items, this.idMap, options);
    this.lates = new Lates(this.#redis, this.#keys, this.#scripts, this.#items);
    this.installation = new Installation(this.#redis, this.#keys);
    this.wakes = new Wakes(options);
    watch(this.#redis, { lost: () => this.wakes.reconnect() });
    this.signals = new Signals(this.#redis, this.#keys.signals);
  }

  /** Before anything else is written: a finding that fails forbids to go on. */
  async claimSchema(): Promise<Finding> {
    await whenThere(this.#redis);
    return claimSchema(this.#redis, this.#options.prefix);
  }

  /** Calls `run` whenever the connection to Redis is there again. */
  onReturn(run: () => void): void {
    watch(this.#redis, { back: run });
  }

  get ready(): boolean {
    return isThere(this.#redis);
  }

  /** Station 1. @throws LaneFull, or an error when Redis did not answer. */
  async accept(
    place: { readonly room: RoomId; readonly link: LinkId; readonly now: number; readonly cursor: string },
    events: readonly NewEvent[],
  ): Promise<AcceptResult> {
    const asked = this.#leases.moment();
    const result = await this.memory.watch(
      accept(this.#scripts, this.#keys, this.#options, this.#items, place, events),
    );
    if (result.claim !== null) this.#keep(result.claim, asked);
    return result;
  }

  cursor(room: RoomId, link: LinkId): Promise<string | null> {
    return this.#redis.hget(`${this.#keys.room(room)}cursors`, link);
  }

  /** The links of the room whose channel has a cursor. */
  async openLinks(room: RoomId): Promise<ReadonlySet<LinkId>> {
    return new Set((await this.#redis.hkeys(`${this.#keys.room(room)}cursors`)) as LinkId[]);
  }

  takeInbox(room: RoomId): Promise<Claim<InboxItem> | null> {
    return this.#take(room, INBOX, '', this.#items.readInbox);
  }

  /** `hold`: the hold to end first, as `hold` named it; `*`: any, but for an operator's pause. */
  takeOutbox(room: RoomId, link: LinkId, hold = ''): Promise<Claim<OutboxItem> | null> {
    return this.#take(room, outbox(link), hold, this.#recall.read);
  }

  /** Whether this process surely owns the lane still. Asks nobody. */
  owns(claim: Claim<unknown>): boolean {
    return this.#leases.has(`${this.#laneKey(claim)}:own`, claim.own);
  }

  /** Station 3: outbox lanes appended to and inbox trimmed, in one step. `wanted`: read what comes next. */
  async commitPlan(claim: Claim<InboxItem>, plan: Plan, wanted = true): Promise<Planned | Lost> {
    const asked = this.#leases.moment();
    const planned = await commitPlan(
      this.#scripts,
      this.#keys,
      this.#options,
      { items: this.#items, facts: this.#facts },
      claim,
      plan,
      wanted ? this.#options.batch : 0,
    );
    if (planned === LOST) return this.#lost(claim);
    for (const out of planned.claims) this.#keep(out, asked);
    const toBeRead = plan.links.filter(({ here }) => here).length > planned.claims.length;
    if (toBeRead) for (const { event, until } of plan.consumed) if (until === null) this.#recall.put(event);
    if (planned.left === 0) this.#drop(claim);
    return planned;
  }

  /** Station 5: id map written, then the head released. `wanted`: read what comes next. */
  async record(
    claim: Claim<OutboxItem>,
    link: LinkId,
    records: readonly DeliveryRecord[],
    released: number,
    wanted: boolean,
  ): Promise<Left<OutboxItem> | Lost> {
    const step = { claim, link, records, released, wanted: wanted ? this.#options.batch : 0 };
    const left = leftOf(claim.room, await this.#records.write(step), this.#recall.read);
    if (left === LOST) return this.#lost(claim);
    if (left.left === 0) this.#drop(claim);
    return left;
  }

  /** Gives up the head. The claim that may come back is the told lane's. */
  async bury(claim: Claim<OutboxItem>, letter: Burial, tell: Telling | null): Promise<Buried | Lost> {
    const asked = this.#leases.moment();
    const buried = await bury(this.#scripts, this.#keys, this.#options, this.#items, claim, letter, tell);
    if (buried === LOST) return this.#lost(claim);
    if (buried.left === 0) this.#drop(claim);
    if (buried.claim !== null) this.#keep(buried.claim, asked);
    return buried;
  }

  /**
   * Appends what the hub itself says to a link's lane; with `once`, unless it was said under that name before.
   * The claim is the lane's, when it fell to this process.
   */
  async tell(
    room: RoomId,
    link: LinkId,
    here: boolean,
    item: OutboxItem,
    once = '',
  ): Promise<Claim<OutboxItem> | null> {
    const { owner, leaseMs } = this.#options;
    const asked = this.#leases.moment();
    const lane = outbox(link);
    const text = this.#items.writeOutbox(room, item);
    const args = [this.#keys.room(room), lane, owner, leaseMs, here ? '1' : '0', text, once];
    const [token, before] = (await this.#scripts.run('tell', [this.#keys.lane(room, lane)], args)) as [
      number,
      number,
    ];
    return token <= 0 ? null : this.#told(room, link, token, before, [item], asked);
  }

  /** Notes that messages reach a link late (`now` '': no more) and says so elsewhere; null: see `Lates.change`. */
  async noteLate(
    room: RoomId,
    link: LinkId,
    note: { readonly before: string; readonly now: string },
    tellings: readonly LateTelling[],
  ): Promise<readonly { readonly link: LinkId; readonly claim: Claim<OutboxItem> | null }[] | null> {
    const asked = this.#leases.moment();
    const told = await this.lates.change(room, link, note, tellings, this.#options);
    if (told === null) return null;
    return tellings.map(({ link: to, items }, index) => {
      const [token, before] = told[index] ?? [0, 0];
      return { link: to, claim: token === 0 ? null : this.#told(room, to, token, before, items, asked) };
    });
  }

  #told(
    room: RoomId,
    link: LinkId,
    token: number,
    before: number,
    items: readonly OutboxItem[],
    asked: Moment,
  ): Claim<OutboxItem> {
    const alone = before === 0;
    const own = `${this.#options.owner}:${token}`;
    return this.#keep(
      { room, lane: outbox(link), own, items: alone ? [...items] : [], fromRedis: !alone },
      asked,
    );
  }

  /**
   * The lane's next items, up to the first that cannot be read. @throws Unreadable when that is the head: the lane
   * is still owned, and to be held.
   */
  async more(claim: Claim<OutboxItem>): Promise<Left<OutboxItem> | Lost> {
    return this.#more(claim, this.#recall.read);
  }

  /** The same. */
  async moreInbox(claim: Claim<InboxItem>): Promise<Left<InboxItem> | Lost> {
    return this.#more(claim, this.#items.readInbox);
  }

  /**
   * Gives a lane up; with `ms` it is held back for that long first. `failed`: the try of its head that led to it,
   * noted for the operator. Returns the name of the hold.
   */
  async hold(claim: Claim<unknown>, ms: number, failed: Failure | null = null): Promise<string> {
    this.#drop(claim);
    const note = noteOf(failed, this.#options);
    await this.#scripts.run('hold', [this.#laneKey(claim)], [claim.own, Math.ceil(ms), ...note]);
    return claim.own;
  }

  /** Forgets a lane whose state is not known (Redis did not answer); its lease ends by itself. */
  abandon(claim: Claim<unknown>): void {
    this.#drop(claim);
  }

  /** Marks a link's lane as paused by the operator, or ends that. */
  async pauseLink(room: RoomId, link: LinkId, paused: boolean): Promise<void> {
    const key = `${this.#keys.lane(room, outbox(link))}:hold`;
    if (paused) await this.#redis.set(key, 'paused');
    else if ((await this.#redis.get(key)) === 'paused') await this.#redis.del(key);
  }

  /**
   * Lanes of the room that have items and no owner, and how many events stepped aside. Ends dead letters' terms, and
   * finds out for `accept` which lanes hold as much as they may.
   */
  async sweep(
    room: RoomId,
    links: readonly LinkId[],
  ): Promise<{ readonly aside: number; readonly lanes: readonly LaneName[] }> {
    const lanes = [INBOX, ...links.map(outbox)];
    const { clock, deadLetterMs, laneItemsMax, laneBytesMax } = this.#options;
    const [aside, ...found] = (await this.#scripts.run(
      'sweep',
      [this.#keys.lane(room, INBOX)],
      [this.#keys.room(room), clock.now() - deadLetterMs, laneItemsMax, laneBytesMax, ...lanes],
    )) as [number, ...LaneName[]];
    return { aside, lanes: found };
  }

  /** Brings events that stepped aside back to the inbox. */
  async returnAside(room: RoomId): Promise<Claim<InboxItem> | null> {
    const args = [this.#keys.room(room), this.#options.owner, this.#options.leaseMs, this.#options.batch];
    const asked = this.#leases.moment();
    const answer = (await this.#scripts.run('return-aside', [this.#keys.lane(room, INBOX)], args)) as [
      number,
      string[]?,
    ];
    return this.#claim(room, INBOX, asked, answer, this.#items.readInbox);
  }

  lease(name: string, signal: AbortSignal): Promise<Lease | null> {
    return this.#leases.take(this.#keys.lease(name), signal);
  }

  store(network: NetworkId): KeptStore {
    return new Store(this.#redis, this.#keys.store(network), network, this.#options.seal);
  }

  /** Whether the event still waits in the room's inbox. Reads all of it: for rare doubts only. */
  async inInbox(room: RoomId, event: EventId): Promise<boolean> {
    const items = await this.#redis.lrange(this.#keys.lane(room, INBOX), 0, -1);
    return items.some((item) => isOf(item, event));
  }

  async asideCount(room: RoomId): Promise<number> {
    return this.#redis.llen(`${this.#keys.room(room)}aside`);
  }

  async ping(): Promise<void> {
    await this.#redis.ping();
  }

  async close(): Promise<void> {
    this.#leases.close();
    this.signals.close();
    await this.wakes.close();
    this.#leaseRedis.disconnect();
    this.#redis.disconnect();
  }

  async #take<Item>(
    room: RoomId,
    lane: LaneName,
    hold: string,
    read: Read<Item>,
  ): Promise<Claim<Item> | null> {
    const { owner, leaseMs, batch } = this.#options;
    const asked = this.#leases.moment();
    const args = [this.#keys.room(room), lane, owner, leaseMs, batch, hold];
    const answer = (await this.#scripts.run('take', [this.#keys.lane(room, lane)], args)) as [
      number,
      string[]?,
    ];
    return this.#claim(room, lane, asked, answer, read);
  }

  #claim<Item>(
    room: RoomId,
    lane: LaneName,
    asked: Moment,
    answer: [number, string[]?],
    read: Read<Item>,
  ): Claim<Item> | null {
    const [token, texts = []] = answer;
    if (token === 0) return null;
    const own = `${this.#options.owner}:${token}`;
    return this.#keep({ room, lane, own, items: readAll(room, texts, read), fromRedis: true }, asked);
  }

  async #more<Item>(claim: Claim<Item>, read: Read<Item>): Promise<Left<Item> | Lost> {
    const { leaseMs, batch } = this.#options;
    const answer = (await this.#scripts.run('more', [this.#laneKey(claim)], [claim.own, leaseMs, batch])) as [
      number,
      string[]?,
    ];
    const [left, texts = []] = answer;
    if (left === -1) return this.#lost(claim);
    if (left === 0) this.#drop(claim);
    return { left, next: readSome(claim.room, texts, read) };
  }

  #laneKey(claim: Claim<unknown>): string {
    return this.#keys.lane(claim.room, claim.lane);
  }

  #keep<Item>(claim: Claim<Item>, asked: Moment): Claim<Item> {
    // Whoever drains the lane asks `owns` before each step.
    this.#leases.hold(`${this.#laneKey(claim)}:own`, claim.own, asked, () => undefined);
    return claim;
  }

  #drop(claim: Claim<unknown>): void {
    this.#leases.drop(`${this.#laneKey(claim)}:own`, claim.own);
  }

  #lost(claim: Claim<unknown>): Lost {
    this.#drop(claim);
    return LOST;
  }
}
