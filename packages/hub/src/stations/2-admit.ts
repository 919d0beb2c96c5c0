import {
  type Bus,
  field,
  type InboxItem,
  type Known,
  type MapWrite,
  personKey,
  writeAside,
} from '@brygga/bus';
import type { Clock } from '@brygga/contract';
import type { Event, EventId, EventOf, Target } from '@brygga/event';
import { mayDelete, mayEdit } from '@brygga/policy';
import type { Link, Room } from '../rooms.ts';

/** Hubs an event may pass; more means a loop that nobody recognised. */
const HOPS_MAX = 8;

export type DropReason =
  | 'loop'
  | 'notEntitled'
  | 'targetUnknown'
  | 'targetDeleted'
  | 'noChange'
  | 'editReverted';

/** What becomes of one inbox item. */
export type Admitted =
  | {
      readonly verdict: 'admit';
      readonly event: Event;
      readonly byModerator: boolean;
      readonly lost: readonly ('reply' | 'thread' | 'edit')[];
    }
  | { readonly verdict: 'aside'; readonly item: string }
  | { readonly verdict: 'drop'; readonly reason: DropReason };

export interface AdmitParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly hub: string;
  readonly asideMs: number;
  readonly asideMax: number;
}

const drop = (reason: DropReason): Admitted => ({ verdict: 'drop', reason });

/**
 * Station 2 for one batch of a room: afterwards an event is not our own echo, its author entitled, its target
 * known; or it stepped aside for a bounded time. What is decided about one event counts for the next ones of
 * the batch, before anything is written: `writes` is that memory.
 */
export class Admission {
  readonly writes: MapWrite[] = [];
  readonly #parts: AdmitParts;
  readonly #room: Room;
  readonly #memory = new Map<string, string>();
  #asides: number | null = null;

  constructor(parts: AdmitParts, room: Room) {
    this.#parts = parts;
    this.#room = room;
  }

  async admit(item: InboxItem, origin: Link): Promise<Admitted> {
    const { event } = item;
    if (event.hops.includes(this.#parts.hub) || event.hops.length > HOPS_MAX) return drop('loop');
    switch (event.kind) {
      case 'message':
        return event.replyTo === undefined && event.thread === undefined
          ? admitted(event)
          : this.#message(event, item, origin);
      case 'edit':
        return this.#edit(event, item, origin);
      case 'delete':
        return this.#delete(event, item, origin);
      case 'reaction':
        return this.#reaction(event, item, origin);
      default:
        return admitted(event);
    }
  }

  async #message(event: EventOf<'message'>, item: InboxItem, origin: Link): Promise<Admitted> {
    const { replyTo, thread, ...bare } = event;
    const [reply, root] = await Promise.all([this.#find(replyTo, origin), this.#find(thread, origin)]);
    const missing = (replyTo !== undefined && reply === null) || (thread !== undefined && root === null);
    // A message answered before our own delivery of it was recorded is found in a moment; one from before the
    // link is not, and must not hold the answer up.
    if (missing && (await this.#parts.bus.depth(this.#room.id, `out:${origin.id}`)) > 0) {
      const aside = await this.#aside(item);
      if (aside !== null) return aside;
    }
    const threadId = root === null ? null : (root.threadRoot ?? root.event);
    if (threadId !== null) this.#threaded(event.id, threadId);
    const lost = [
      ...(replyTo !== undefined && reply === null ? (['reply'] as const) : []),
      ...(thread !== undefined && root === null ? (['thread'] as const) : []),
    ];
    return {
      verdict: 'admit',
      byModerator: false,
      lost,
      event: {
        ...bare,
        ...(replyTo === undefined ? {} : { replyTo: resolved(replyTo, reply?.event) }),
        ...(thread === undefined || threadId === null ? {} : { thread: resolved(thread, threadId) }),
      },
    };
  }

  #threaded(event: EventId, root: EventId): void {
    this.#write(event, field.threadRoot, root);
    this.#write(root, field.threadLast, event);
  }

  async #edit(event: EventOf<'edit'>, item: InboxItem, origin: Link): Promise<Admitted> {
    const target = await this.#find(event.target, origin);
    if (target === null) return (await this.#aside(item)) ?? editAsMessage(event);
    if (!mayEdit(event, target.author)) return drop('notEntitled');
    if (this.#deleted(target)) return drop('targetDeleted');
    this.#write(event.id, field.about, target.event);
    return admitted({ ...event, target: resolved(event.target, target.event) });
  }

  async #delete(event: EventOf<'delete'>, item: InboxItem, origin: Link): Promise<Admitted> {
    const target = await this.#find(event.target, origin, true);
    if (target === null) return (await this.#aside(item)) ?? drop('targetUnknown');
    if (!mayDelete(event, target.author)) return drop('notEntitled');
    if (target.kind === 'reaction') return this.#unreact(event, target);
    // Taking back an edit gives the earlier text again, which the hub does not keep.
    if (target.kind === 'edit') return drop('editReverted');
    if (this.#deleted(target)) return drop('targetDeleted');
    this.#write(target.event, field.deleted, '1');
    const own =
      target.author.network === event.origin.network && target.author.person === event.sender.nativeId;
    return { ...admitted({ ...event, target: resolved(event.target, target.event) }), byModerator: !own };
  }

  /** A network without sets removes a reaction like a message: turned into the author's smaller set. */
  async #unreact(event: EventOf<'delete'>, reaction: Known): Promise<Admitted> {
    const about = this.#remembered(reaction.event, field.about) ?? reaction.about;
    const emoji = this.#remembered(reaction.event, field.emoji);
    if (about === null) return drop('targetUnknown');
    const { kind: _, target, ...common } = event;
    const sender = { ...event.sender, nativeId: reaction.author.person };
    return this.#changeSet(
      {
        ...common,
        sender,
        kind: 'reaction',
        mode: 'remove',
        emoji: emoji === undefined ? [...reaction.emoji] : (JSON.parse(emoji) as string[]),
        target: resolved(target, about as EventId),
      },
      about as EventId,
    );
  }

  async #reaction(event: EventOf<'reaction'>, item: InboxItem, origin: Link): Promise<Admitted> {
    const target = await this.#find(event.target, origin);
    if (target === null) return (await this.#aside(item)) ?? drop('targetUnknown');
    if (this.#deleted(target)) return drop('targetDeleted');
    this.#write(event.id, field.about, target.event);
    this.#write(event.id, field.emoji, JSON.stringify(event.emoji));
    return this.#changeSet({ ...event, target: resolved(event.target, target.event) }, target.event);
  }

  async #changeSet(event: EventOf<'reaction'>, target: EventId): Promise<Admitted> {
    const person = personKey({ network: event.origin.network, person: event.sender.nativeId });
    const name = field.reactions(person);
    const remembered = this.#remembered(target, name);
    const before =
      remembered === undefined
        ? await this.#parts.bus.idMap.reactions(this.#room.id, target, person)
        : (JSON.parse(remembered) as string[]);
    const after = changed(before, event);
    if (after.length === before.length && after.every((emoji) => before.includes(emoji)))
      return drop('noChange');
    this.#write(target, name, JSON.stringify(after));
    return admitted({ ...event, mode: 'set', emoji: after });
  }

  /** The event a reference means; a reference to an edit means the message it edits (unless `exact`). */
  async #find(target: Target | undefined, origin: Link, exact = false): Promise<Known | null> {
    if (target === undefined) return null;
    const { idMap } = this.#parts.bus;
    const found = await idMap.find(this.#room.id, origin.id, target.natives);
    const known = found === null ? null : await idMap.known(this.#room.id, found);
    if (known === null || exact || known.kind !== 'edit') return known;
    const about = this.#remembered(known.event, field.about) ?? known.about;
    return about === null ? null : idMap.known(this.#room.id, about as EventId);
  }

  /** Null when the time or the places for waiting are used up. */
  async #aside(item: InboxItem): Promise<Admitted | null> {
    const now = this.#parts.clock.now();
    const until = item.until ?? now + this.#parts.asideMs;
    this.#asides ??= await this.#parts.bus.asideCount(this.#room.id);
    if (now >= until || this.#asides >= this.#parts.asideMax) return null;
    this.#asides += 1;
    return { verdict: 'aside', item: writeAside(item.event, until) };
  }

  #deleted(target: Known): boolean {
    return target.deleted || this.#remembered(target.event, field.deleted) === '1';
  }

  #write(event: EventId, name: string, value: string): void {
    this.writes.push({ event, field: name, value });
    this.#memory.set(`${event} ${name}`, value);
  }

  #remembered(event: EventId, name: string): string | undefined {
    return this.#memory.get(`${event} ${name}`);
  }
}

const admitted = (event: Event) => ({ verdict: 'admit', event, byModerator: false, lost: [] }) as const;

const resolved = (target: Target, event: EventId | undefined): Target => {
  const { event: _, ...rest } = target;
  return event === undefined ? rest : { ...rest, event };
};

function changed(before: readonly string[], { mode, emoji }: EventOf<'reaction'>): string[] {
  if (mode === 'set') return [...new Set(emoji)];
  if (mode === 'add') return [...new Set([...before, ...emoji])];
  return before.filter((one) => !emoji.includes(one));
}

/** An edit whose first version nobody here has seen is said as a new message. */
function editAsMessage(event: EventOf<'edit'>): Admitted {
  const { target: _, ...rest } = event;
  return {
    verdict: 'admit',
    event: { ...rest, kind: 'message', attachments: [] },
    byModerator: false,
    lost: ['edit'],
  };
}
