import type { Archive } from './archive.ts';
import { type SentIds, signer } from './ids.ts';
import { attribute, type Element, NS } from './stanza.ts';

/** Pages one look-up reads at most: at 50 a page, the newest 5000 messages of the room. */
const PAGES_MAX = 100;
const INDEX_MAX = 20_000;

interface Seen {
  readonly stanzaId: string;
  readonly at: number;
}

/** The origin-id of ours that a message carries, or its `@id` when that is ours; else null. */
export function sentIdOf(message: Element, sent: SentIds): string | null {
  const origin = attribute(message.getChild('origin-id', NS.stanzaId), 'id');
  if (origin !== '' && sent.isOurs(origin)) return origin;
  const id = attribute(message, 'id');
  return id !== '' && sent.isOurs(id) ? id : null;
}

/**
 * Whether our sign says that who has this nick, or the occupant-id in the message, wrote it under that id. Both are
 * taken as they stand there, whatever is known of the room: nobody has a sign of ours for another.
 */
export function isSigned(message: Element, sentId: string, nick: string, sent: SentIds): boolean {
  const occupantId = attribute(message.getChild('occupant-id', NS.occupantId), 'id') || null;
  return (
    attribute(message.getChild('signed', NS.brygga), 'by') === sent.sign(sentId, signer({ nick, occupantId }))
  );
}

/**
 * Which of our messages are in the room, by the id we gave them. Grows with every reflection; for older ones the
 * archive is read backwards once. From then on what is not in here did not arrive, as long as the bot sees
 * everything; `forget` is called when it may have missed something.
 */
export class SentIndex {
  readonly #archive: Archive;
  readonly #sent: SentIds;
  readonly #seen = new Map<string, Seen>();
  /** Everything of ours since then is in here; null: nothing is certain. */
  #since: number | null = null;
  #scan: Promise<boolean> | null = null;
  /** Grows with every `forget`: a reading begun before one proves nothing. */
  #era = 0;

  constructor(archive: Archive, sent: SentIds) {
    this.#archive = archive;
    this.#sent = sent;
  }

  add(id: string, stanzaId: string, at: number): void {
    const known = this.#seen.get(id);
    // Whoever copies an id of ours comes after us: the first one is ours.
    if (known !== undefined && known.at <= at) return;
    this.#seen.delete(id);
    this.#seen.set(id, { stanzaId, at });
    const oldest = this.#seen.entries().next().value;
    if (this.#seen.size <= INDEX_MAX || oldest === undefined) return;
    this.#seen.delete(oldest[0]);
    if (this.#since !== null) this.#since = Math.max(this.#since, oldest[1].at + 1);
  }

  /** Something may have happened unseen. What is known to be there stays known. */
  forget(): void {
    this.#since = null;
    this.#era += 1;
  }

  /**
   * Those of `ids` that are in the room, written since `since`. Concurrent calls share one reading. Null when
   * the archive could not be read to the end: then nothing may be concluded from an absence.
   */
  async find(
    room: string,
    from: string,
    ids: readonly string[],
    since: number,
  ): Promise<ReadonlyMap<string, string> | null> {
    // A call that comes while another's reading is under way waits for that one, and reads again if it must.
    while (!ids.every((id) => this.#seen.has(id)) && (this.#since === null || this.#since > since)) {
      this.#scan ??= this.#read(room, from, since).finally(() => {
        this.#scan = null;
      });
      if (!(await this.#scan)) return null;
    }
    return new Map(ids.flatMap((id) => pair(id, this.#seen.get(id))));
  }

  /** Reads backwards from the newest until before `since`; false when the archive did not answer. */
  async #read(room: string, from: string, since: number): Promise<boolean> {
    const era = this.#era;
    let before = '';
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const page = await this.#archive.page(room, from, { before, max: 50, start: since });
      if (page.kind === 'none') break; // without an archive nothing can be looked up
      if (page.kind !== 'page') return false;
      for (const item of page.items) {
        const id = sentIdOf(item.message, this.#sent);
        if (id !== null) this.add(id, item.id, item.stamp);
      }
      const oldest = page.items[0];
      if (page.complete || oldest === undefined || page.first === null || oldest.stamp < since) break;
      before = page.first;
    }
    if (era !== this.#era) return false;
    this.#since = since;
    return true;
  }
}

const pair = (id: string, seen: Seen | undefined): [string, string][] =>
  seen === undefined ? [] : [[id, seen.stanzaId]];
