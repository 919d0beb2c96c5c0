import { type Bus, field, type InboxItem, type Known, type MapWrite, personKey } from '@brygga/bus';
import type { Event, EventId, EventOf, NativeId, Target } from '@brygga/event';
import { mayDelete, mayEdit } from '@brygga/policy';
import type { MaybeSent } from '../lanes/maybe-sent.ts';
import type { Cut } from '../other-hubs/judge.ts';
import type { OtherHubs } from '../other-hubs/other-hubs.ts';
import type { Link, Room } from '../rooms.ts';
import { Aside, type AsideParts } from './aside.ts';

/** Hubs an event may pass; more means a loop that nobody recognised. */
const HOPS_MAX = 8;
/** How long a batch may wait for deliveries under way to be recorded, in any case and at most. */
const PATIENCE_MS = 500;
const PATIENCE_MS_MAX = 90_000;
/** How often it looks: a tenth of the time it has waited, within these. */
const LOOK_AGAIN_MS = 20;
const LOOK_AGAIN_MS_MAX = 200;

export type DropReason =
  | 'loop'
  | Cut
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
      /** Of a reaction: what the person had set before. */
      readonly before?: readonly string[];
    }
  | { readonly verdict: 'aside'; readonly item: InboxItem }
  | { readonly verdict: 'drop'; readonly reason: DropReason };

export interface AdmitParts extends AsideParts {
  readonly bus: Bus;
  readonly hub: string;
  readonly otherHubs: Pick<OtherHubs, 'cut'>;
  readonly maybeSent: Pick<MaybeSent, 'until'>;
  /** Aborts when nothing is to be waited for any more. */
  readonly stop: AbortSignal;
}

const drop = (reason: DropReason): Admitted => ({ verdict: 'drop', reason });

/**
 * Station 2 for one batch of a room: afterwards an event is not our own echo, its author entitled, its target
 * known; or it stepped aside for a bounded time. What is decided about one event counts for the next ones of
 * the batch, before anything is written: `writes` is that memory.
 */
export class Admission {
  readonly writes: MapWrite[] = [];
  readonly aside: Aside;
  readonly #parts: AdmitParts;
  readonly #room: Room;
  readonly #memory = new Map<string, string>();
  /** Events of this batch dealt with so far: they lie in the inbox still, but before those that follow. */
  readonly #seen = new Set<EventId>();
  #waitedMs = 0;
  #cutShort = false;

  constructor(parts: AdmitParts, room: Room) {
    this.aside = new Aside(parts, room.id);
    this.#parts = parts;
    this.#room = room;
  }

  /** Whether the stop came over a wait: what was decided since must not be written. */
  get cutShort(): boolean {
    return this.#cutShort;
  }

  /** Most refer to nothing, need nothing from Redis, and so no turn of their own. */
  admit(item: InboxItem, origin: Link): Admitted | Promise<Admitted> {
    const barred = this.#barred(item, origin);
    if (barred === null && refers(item.event)) return this.#looked(item, origin);
    this.#seen.add(item.event.id);
    return barred ?? admitted(item.event);
  }

  #barred(item: InboxItem, origin: Link): Admitted | null {
    const { hops } = item.event;
    if (hops.length > 0 && (hops.includes(this.#parts.hub) || hops.length > HOPS_MAX)) return drop('loop');
    const cut = this.#cut(origin);
    if (cut === null) return null;
    if (item.until !== null) this.aside.over(item, origin.id);
    return drop(cut);
  }

  async #looked(item: InboxItem, origin: Link): Promise<Admitted> {
    const { event } = item;
    const result =
      event.kind === 'message' ? await this.#message(event, item, origin) : await this.#due(item, origin);
    if (result.verdict !== 'aside') this.#seen.add(event.id);
    return result;
  }

  async #due(item: InboxItem, origin: Link): Promise<Admitted> {
    const behind = await this.aside.behind(item, origin.id);
    const early = behind ? await this.#aside(item, origin) : null;
    const result = early ?? (await this.#referring(item, origin));
    if (result.verdict !== 'aside') this.aside.over(item, origin.id);
    return result;
  }

  /** Why nothing is carried from there: it is not ours to carry, or there is nowhere left to carry it to. */
  #cut(origin: Link): Cut | null {
    const cut = this.#parts.otherHubs.cut(this.#room.id);
    if (cut.size === 0) return null;
    const [other] = this.#room.links.flatMap(({ id }) => (id === origin.id ? [] : [cut.get(id)]));
    const alone = this.#room.links.every(({ id }) => id === origin.id || cut.has(id));
    return cut.get(origin.id) ?? (alone ? (other ?? null) : null);
  }

  async #referring(item: InboxItem, origin: Link): Promise<Admitted> {
    const { event } = item;
    switch (event.kind) {
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
    const look = () => Promise.all([this.#find(replyTo, origin), this.#find(thread, origin)]);
    let [reply, root] = await look();
    const missing = (): boolean =>
      (replyTo !== undefined && reply === null) || (thread !== undefined && root === null);
    for (let again = true; again && missing(); ) {
      again = await this.#moment(item, origin);
      [reply, root] = await look();
    }
    const threadId = root === null ? null : (root.threadRoot ?? root.event);
    if (threadId !== null) await this.#threaded(event.id, threadId);
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

  /**
   * A message answered before our own delivery of it was recorded is found in a moment. The room waits for that
   * moment, so that the answer keeps its place: a short one, once a batch, a longer one where it is in doubt what
   * has arrived, and only while something older is on its way to the channel the answer came from. False
   * when the next look is the last.
   */
  async #moment({ event, until }: InboxItem, origin: Link): Promise<boolean> {
    const { bus, clock, maybeSent, stop } = this.#parts;
    const hope = Math.max(until ?? 0, maybeSent.until(origin) ?? 0);
    const hopeful = this.#waitedMs < PATIENCE_MS_MAX && clock.now() < hope;
    if (this.#waitedMs >= PATIENCE_MS && !hopeful) return false;
    if (!(await bus.waits.unsettled(this.#room.id, origin.id, event.acceptedAt))) return false;
    const ms = Math.min(Math.max(LOOK_AGAIN_MS, this.#waitedMs / 10), LOOK_AGAIN_MS_MAX);
    this.#waitedMs += ms;
    await clock.sleep(ms, stop);
    this.#cutShort ||= stop.aborted;
    return !this.#cutShort;
  }

  async #threaded(event: EventId, root: EventId): Promise<void> {
    const known = await this.#parts.bus.idMap.known(this.#room.id, root);
    const before = this.#remembered(root, field.threadLast) ?? known?.threadLast ?? root;
    this.#write(event, field.threadRoot, root);
    this.#write(event, field.threadBefore, before);
    this.#write(root, field.threadLast, event);
  }

  async #edit(event: EventOf<'edit'>, item: InboxItem, origin: Link): Promise<Admitted> {
    const target = await this.#settled(event, await this.#find(event.target, origin));
    if (target === null) return this.#early(event, item, origin);
    if (!mayEdit(event, target.author)) return drop('notEntitled');
    if (this.#deleted(target)) return drop('targetDeleted');
    this.#write(event.id, field.about, target.event);
    this.#write(target.event, field.edited, event.id);
    return admitted({ ...event, target: resolved(event.target, target.event) });
  }

  /** An edit of what nobody here has seen waits for it. If it was removed meanwhile, its text is not said anew. */
  async #early(event: EventOf<'edit'>, item: InboxItem, origin: Link): Promise<Admitted> {
    for (const native of event.target.natives) {
      const removal = await this.#removal(goneId(origin, native));
      if (removal !== null && (removal.deleted || mayEdit(event, removal.author)))
        return drop('targetDeleted');
    }
    return (await this.#aside(item, origin)) ?? editAsMessage(event);
  }

  async #removal(gone: EventId): Promise<Pick<Known, 'author' | 'deleted'> | null> {
    const author = this.#remembered(gone, field.author);
    if (author === undefined) return this.#parts.bus.idMap.known(this.#room.id, gone);
    return {
      author: JSON.parse(author) as Known['author'],
      deleted: this.#remembered(gone, field.deleted) === '1',
    };
  }

  /** A removal came before what it removes: remembered, so that no later edit brings the text back. */
  #noteRemoval({ sender, origin: { network }, target }: EventOf<'delete'>, origin: Link): void {
    for (const native of target.natives) {
      const gone = goneId(origin, native);
      this.#write(gone, field.kind, 'gone');
      this.#write(gone, field.author, JSON.stringify({ network, person: sender.nativeId }));
      if (sender.kind === 'moderator') this.#write(gone, field.deleted, '1');
    }
  }

  async #delete(event: EventOf<'delete'>, item: InboxItem, origin: Link): Promise<Admitted> {
    const target = await this.#awaited(event, item, origin, true);
    if ('verdict' in target) return target;
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
    const name = this.#remembered(reaction.event, field.name);
    const sender = reactor(event, reaction, name === undefined ? undefined : (JSON.parse(name) as string));
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
    const target = await this.#awaited(event, item, origin);
    if ('verdict' in target) return target;
    if (this.#deleted(target)) return drop('targetDeleted');
    this.#write(event.id, field.about, target.event);
    this.#write(event.id, field.emoji, JSON.stringify(event.emoji));
    this.#write(event.id, field.name, JSON.stringify(event.sender.displayName));
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
    return { ...admitted({ ...event, mode: 'set', emoji: after }), before };
  }

  /** The target, or what becomes of the event without. It may have been recorded while we asked whether it will be. */
  async #awaited(
    event: EventOf<'delete' | 'reaction'>,
    item: InboxItem,
    origin: Link,
    exact = false,
  ): Promise<Known | Admitted> {
    const look = async () => this.#settled(event, await this.#find(event.target, origin, exact));
    return (await look()) ?? (await this.#aside(item, origin)) ?? (await look()) ?? drop('targetUnknown');
  }

  /**
   * Null while the target, though accepted, still lies behind this event in the inbox: it would be overtaken. Only
   * one that is not surely older is looked for there.
   */
  async #settled(event: Event, target: Known | null): Promise<Known | null> {
    if (target === null || this.#seen.has(target.event)) return target;
    if (millisecondOf(target.event) < millisecondOf(event.id)) return target;
    return (await this.#parts.bus.inInbox(this.#room.id, target.event)) ? null : target;
  }

  /**
   * The event a reference means; one to an edit, or to a reaction that was told in words, means the message these
   * are about (unless `exact`).
   */
  async #find(target: Target | undefined, origin: Link, exact = false): Promise<Known | null> {
    if (target === undefined) return null;
    const { idMap } = this.#parts.bus;
    const found = await idMap.find(this.#room.id, origin.id, target.natives);
    const known = found === null ? null : await idMap.known(this.#room.id, found);
    if (known === null || exact || (known.kind !== 'edit' && known.kind !== 'reaction')) return known;
    const about = this.#remembered(known.event, field.about) ?? known.about;
    return about === null ? null : idMap.known(this.#room.id, about as EventId);
  }

  /** Null when the time or the places for waiting are used up. */
  async #aside(item: InboxItem, origin: Link): Promise<Admitted | null> {
    const aside = await this.aside.step(item, origin.id);
    if (item.event.kind === 'delete') this.#noteRemoval(item.event, origin);
    return aside === null ? null : { verdict: 'aside', item: aside };
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

/** Where the id map keeps that a native message was removed before anybody here saw it. */
const goneId = (origin: Link, native: NativeId): EventId => `gone ${origin.id} ${native}` as EventId;

/** The part of an id that is its time (RFC 9562 §5.7), as text that sorts like it. */
const millisecondOf = (event: EventId): string => event.slice(0, 13);

const refers = (event: Event): boolean =>
  event.kind === 'message' ? event.replyTo !== undefined || event.thread !== undefined : 'target' in event;

/**
 * Whose reaction it is, under the name they had when they reacted: a moderator who removes it lends it neither
 * name nor picture.
 */
function reactor(removal: EventOf<'delete'>, reaction: Known, name = reaction.author.name): Event['sender'] {
  const { sender } = removal;
  if (sender.nativeId === reaction.author.person) return sender;
  const { organisation } = sender;
  return {
    nativeId: reaction.author.person,
    displayName: name ?? sender.displayName,
    kind: 'person',
    ...(organisation === undefined ? {} : { organisation }),
  };
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
