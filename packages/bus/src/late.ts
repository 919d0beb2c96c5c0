import type { LinkId, RoomId } from '@brygga/event';
import type { Client } from './connect.ts';
import { deliveryName, type Items, type OutboxItem, readAll } from './items.ts';
import { INBOX, type Keys, outbox } from './keys.ts';
import type { Argument, Scripts } from './scripts.ts';

/** An outbox lane that has items and whose head can be read. `code`: of its head's last failure, when it had one. */
export interface WaitingLink {
  readonly link: LinkId;
  readonly head: OutboxItem;
  readonly code: string | null;
}

/**
 * What waits in a room, and what was noted of links that messages reach late: by link the note, and by link and
 * origin (`lateDead`) how many of its late deliveries were given up.
 */
export interface LateLook {
  readonly waiting: readonly WaitingLink[];
  readonly notes: ReadonlyMap<string, string>;
}

/** What is said in one channel. `here`: whether this process speaks to its network. */
export interface LateTelling {
  readonly link: LinkId;
  readonly here: boolean;
  readonly items: readonly OutboxItem[];
}

/** Under what is counted how many late deliveries from that origin to that link were given up. */
export const lateDead = (link: LinkId, origin: LinkId): string => `${link} ${origin}`;

/** A lane that was told: its fencing token when it fell to this process, else 0, and its items before. */
export type ToldLane = readonly [token: number, before: number];

type LookAnswer = [string[], ...[link: LinkId, head: string, failed: string | null, code: string | null][]];

/** What is known of links that messages reach late. Contents never stand there. */
export class Lates {
  readonly #redis: Client;
  readonly #keys: Keys;
  readonly #scripts: Scripts;
  readonly #items: Items;

  constructor(redis: Client, keys: Keys, scripts: Scripts, items: Items) {
    this.#redis = redis;
    this.#keys = keys;
    this.#scripts = scripts;
    this.#items = items;
  }

  /** `before` (ms since 1970): of links of which nothing is noted, only those whose head is older than that. */
  async look(room: RoomId, links: readonly LinkId[], before: number): Promise<LateLook> {
    const args = [this.#keys.room(room), before, ...links];
    const answer = await this.#scripts.run('late-look', [this.#keys.lane(room, INBOX)], args);
    const [noted, ...lanes] = answer as LookAnswer;
    const notes = new Map<string, string>();
    for (let at = 0; at < noted.length; at += 2) notes.set(noted[at] ?? '', noted[at + 1] ?? '');
    const waiting = lanes.flatMap(([link, text, failed, code = null]): WaitingLink[] =>
      readAll(room, [text], this.#items.readOutbox).map((head) => ({
        link,
        head,
        code: failed === deliveryName(head, link) ? code : null,
      })),
    );
    return { waiting, notes };
  }

  /** `count` items of an outbox lane from the `from`-th (0) on, up to the first that cannot be read. */
  async items(room: RoomId, link: LinkId, from: number, count: number): Promise<readonly OutboxItem[]> {
    const lane = this.#keys.lane(room, outbox(link));
    return readAll(room, await this.#redis.lrange(lane, from, from + count - 1), this.#items.readOutbox);
  }

  /** Null when the note is another than `before` by now: then nothing was written or said. */
  async change(
    room: RoomId,
    link: LinkId,
    note: { readonly before: string; readonly now: string },
    tellings: readonly LateTelling[],
    { owner, leaseMs }: { readonly owner: string; readonly leaseMs: number },
  ): Promise<readonly ToldLane[] | null> {
    const args: Argument[] = [this.#keys.room(room), link, note.before, note.now, owner, leaseMs];
    args.push(tellings.length);
    for (const { link: told, here, items } of tellings)
      args.push(
        outbox(told),
        here ? '1' : '0',
        items.length,
        ...items.map((item) => this.#items.writeOutbox(room, item)),
      );
    const answer = await this.#scripts.run('late', [this.#keys.lane(room, INBOX)], args);
    const [noted, ...lanes] = answer as [1?, ...ToldLane[]];
    return noted === undefined ? null : lanes;
  }
}
