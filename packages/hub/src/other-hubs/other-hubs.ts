import type { Bus, Installation } from '@brygga/bus';
import {
  type Bridge,
  type Clock,
  type ConnectionState,
  faultOf,
  type HubNotice,
  type Log,
} from '@brygga/contract';
import type { LinkId, NetworkId, RoomId } from '@brygga/event';
import { WORDS } from '@brygga/policy';
import type { Metrics } from '../metrics.ts';
import type { Link, Room, Rooms } from '../rooms.ts';
import { hubSays, type VoiceParts } from '../voice.ts';
import { type Cut, type Cuts, judge, together } from './judge.ts';
import { Looks } from './looks.ts';
import { Tokens } from './tokens.ts';

export interface OtherHubsParts extends VoiceParts {
  readonly bus: Pick<Bus, 'tell'> & { readonly installation: Installation };
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'cut'>;
  readonly newId: () => string;
  readonly stop: AbortSignal;
  readonly bridge: (network: NetworkId) => Bridge | null;
  readonly state: (network: NetworkId) => ConnectionState | 'standby';
  /** A room's inbox need not wait any more. */
  readonly wake: (room: RoomId) => void;
}

/** How often is looked whether another process has seen something. */
const LOOK_MS = 1000;
const NONE: Cuts = new Map();

/**
 * Other hubs in our channels, and this one in two links of one channel. Says for each link whether anything is carried
 * there. What was seen lies in Redis too, for the other processes; it counts until the network is opened anew.
 */
export class OtherHubs {
  readonly #parts: OtherHubsParts;
  readonly #looks: Looks;
  /** By link, what was seen in its channel: as text, as it lies in Redis. */
  readonly #seen = new Map<Link, string>();
  /** Links whose channel was looked at since this process speaks to their network. */
  readonly #looked = new Set<Link>();
  /** Links of which Redis is still to be told. */
  readonly #untold = new Set<Link>();
  readonly #cut = new Map<RoomId, Cuts>();
  #tokens = new Tokens('', []);
  #since: ReadonlyMap<RoomId, number> = new Map();

  constructor(parts: OtherHubsParts) {
    this.#parts = parts;
    this.#looks = new Looks(parts);
  }

  /** Before the first room is opened. Rejects when Redis does not answer. */
  async start(): Promise<void> {
    const { bus, rooms, clock, newId } = this.#parts;
    const links = rooms.all.flatMap((room) => room.links);
    this.#tokens = new Tokens(await bus.installation.id(newId()), links);
    const ids = rooms.all.map(({ id }) => id);
    this.#since = await bus.installation.open(ids, clock.now());
    await this.#read();
  }

  /** Looks what other processes have seen, until the stop. */
  async keep(): Promise<void> {
    const { clock, stop, log } = this.#parts;
    while (!stop.aborted) {
      await clock.sleep(LOOK_MS, stop);
      if (stop.aborted) return;
      this.#looks.tend();
      const looked = Promise.all([this.#tell(), this.#read()]);
      await looked.catch((error: unknown) => log.debug('hubs.not-read', { fault: faultOf(error) }));
    }
  }

  /** The links of the room to and from which nothing is carried. */
  cut(room: RoomId): Cuts {
    return this.#cut.get(room) ?? NONE;
  }

  /** Whether what came in this room is to wait until it is known who is there. */
  waits(room: Room): boolean {
    return this.#looks.isDue(room.links);
  }

  /** All links that are cut, for the operators. */
  get all(): Readonly<Record<string, Cut>> {
    const cuts = [...this.#cut].flatMap(([room, cut]) =>
      [...cut].map(([id, why]) => [`${room}/${id}`, why] as const),
    );
    return Object.fromEntries(cuts);
  }

  /** This process begins to speak to a network: what is in its channels now is not known yet. */
  begins(bridge: Bridge, links: readonly Link[]): void {
    if (bridge.announce === undefined) return;
    const due = links.filter((link) => this.#yields(link));
    for (const link of due) this.#looked.delete(link);
    this.#looks.begins(due);
  }

  /** What this hub says of itself there. */
  notice(link: Link): HubNotice {
    const { hub, clock } = this.#parts;
    const since = this.#since.get(link.room) ?? clock.now();
    const { instance } = this.#tokens;
    return { hub, instance, room: this.#tokens.room(link.room), link: this.#tokens.link(link), since };
  }

  /** These notices stand in the channel of that link now. */
  heard(link: Link, notices: readonly HubNotice[]): void {
    if (this.#yields(link)) {
      const before = this.#looked.has(link) ? this.#seenAt(link) : [];
      const now = notices.filter((notice) => !this.#tokens.isOwn(notice, link));
      this.#looked.add(link);
      this.#see(link, together(before, now));
    }
    if (this.#looks.done(link)) this.#parts.wake(link.room);
  }

  #yields({ room }: Link): boolean {
    return this.#parts.rooms.get(room)?.otherHubs === 'yield';
  }

  #seenAt(link: Link): readonly HubNotice[] {
    return JSON.parse(this.#seen.get(link) ?? '[]') as HubNotice[];
  }

  #see(link: Link, notices: readonly HubNotice[]): void {
    const text = JSON.stringify(notices);
    if (text === (this.#seen.get(link) ?? '[]')) return;
    this.#seen.set(link, text);
    this.#untold.add(link);
    this.#judge(link.room);
    void this.#tell().catch(() => undefined); // tried again with the next look
  }

  #judge(id: RoomId): void {
    const room = this.#parts.rooms.get(id);
    if (room === undefined) return;
    const before = this.cut(id);
    const after = judge({
      links: room.links.map((link) => link.id),
      own: { instance: this.#tokens.instance, since: this.#since.get(id) ?? 0 },
      seen: new Map(room.links.map((link) => [link.id, this.#seenAt(link)])),
      isEarlierLink: (token, link) =>
        room.links.some((one) => one.id === link && this.#tokens.isEarlier(token, one)),
    });
    if (after.size > 0) this.#cut.set(id, after);
    else this.#cut.delete(id);
    this.#show(room, before, after);
  }

  /** A change is told once: in the log, in the metrics, and of a hub that carries in our place in the room. */
  #show(room: Room, before: Cuts, after: Cuts): void {
    const { log, metrics } = this.#parts;
    for (const { id } of room.links) {
      const [was, is] = [before.get(id), after.get(id)];
      if (was === is) continue;
      const place = { room: room.id, link: id };
      if (was !== undefined) metrics.cut.remove({ ...place, reason: was });
      if (is !== undefined) metrics.cut.set({ ...place, reason: is }, 1);
      if (is === undefined) log.info('link.free', { ...place, reason: was ?? '' });
      else log.warn('link.cut', { ...place, reason: is });
    }
    const isNew = (id: LinkId): boolean => after.get(id) === 'otherHub' && before.get(id) !== 'otherHub';
    if (room.links.some(({ id }) => isNew(id))) void this.#say(room, after);
  }

  /** In one channel that is not cut: the other hub carries it on to those that are. */
  async #say(room: Room, cut: Cuts): Promise<void> {
    const { bus, log } = this.#parts;
    const link = room.links.find(({ id }) => !cut.has(id));
    if (link === undefined) return;
    const notice = hubSays(this.#parts, link, WORDS[link.language].otherHub);
    await bus
      .tell(room.id, link.id, false, notice, 'other-hub')
      .catch((error: unknown) => log.debug('hubs.not-told', { room: room.id, fault: faultOf(error) }));
  }

  /** Writes down for the others what was seen here. */
  async #tell(): Promise<void> {
    for (const link of this.#untold) {
      const text = this.#seen.get(link) ?? '[]';
      await this.#parts.bus.installation.see({ room: link.room, link: link.id, text });
      if (this.#seen.get(link) === text) this.#untold.delete(link);
    }
  }

  /** What others have seen in the channels that this process does not look at itself. */
  async #read(): Promise<void> {
    const { bus, rooms, bridge } = this.#parts;
    const found = new Map<Link | undefined, string>();
    for (const { room, link: id, text } of await bus.installation.seen()) {
      const link = rooms.get(room)?.links.find((one) => one.id === id);
      if (link !== undefined && this.#yields(link)) found.set(link, text);
      else await bus.installation.see({ room, link: id, text: '[]' });
    }
    for (const link of new Set([...found.keys(), ...this.#seen.keys()])) {
      if (link === undefined || (this.#looked.has(link) && bridge(link.network) !== null)) continue;
      const text = found.get(link) ?? '[]';
      if (text === (this.#seen.get(link) ?? '[]')) continue;
      this.#seen.set(link, text);
      this.#judge(link.room);
    }
  }
}
