import { Recent } from './recent.ts';
import {
  type TincanActor,
  type TincanChange,
  type TincanDeed,
  type TincanDraft,
  TincanError,
  type TincanMessage,
  type TincanPerson,
} from './types.ts';

export interface ChannelRules {
  readonly textBytesMax: number;
  /** Messages and changes kept, the newest at least, twice as many at most; older ones are forgotten. */
  readonly keptMax: number;
  readonly now: () => number;
  readonly newMessageId: () => string;
  readonly person: (id: string) => TincanPerson;
  /** Whether somebody may moderate every channel. */
  readonly moderates: (id: string) => boolean;
  readonly changed: (channel: TincanChannel, change: TincanChange) => void;
}

const NO_REACTIONS: TincanMessage['reactions'] = new Map();

/** One channel as its server keeps it: messages, members, and the numbered list of all that happened. */
export class TincanChannel {
  readonly id: string;
  name = '';
  topic = '';
  readonly members = new Set<string>();
  readonly moderators = new Set<string>();
  readonly banned = new Set<string>();
  readonly #rules: ChannelRules;
  readonly #messages: Recent<TincanMessage>;
  readonly #keys: Recent<string>;
  readonly #tags: Recent<string>;
  #changes: TincanChange[] = [];
  #olderChanges: TincanChange[] = [];
  #seq = 0;

  constructor(id: string, rules: ChannelRules) {
    this.id = id;
    this.#rules = rules;
    this.#messages = new Recent(rules.keptMax);
    this.#keys = new Recent(rules.keptMax);
    this.#tags = new Recent(rules.keptMax);
  }

  /** Number of the newest change. */
  get latest(): number {
    return this.#seq;
  }

  get messages(): Iterable<TincanMessage> {
    return this.#messages.values();
  }

  message(id: string): TincanMessage | undefined {
    return this.#messages.get(id);
  }

  /** Changes after `seq`, oldest first. */
  after(seq: number, most: number): TincanChange[] {
    const kept = [...this.#olderChanges, ...this.#changes];
    const first = kept[0]?.seq ?? this.#seq + 1;
    const from = Math.max(0, seq + 1 - first);
    return kept.slice(from, from + most);
  }

  /** The message a writer gave that tag, if it is still known. */
  tagged(tag: string): string | null {
    return this.#tags.get(tag) ?? null;
  }

  /** The server forgets which keys it has seen, as one does after some time. */
  forgetKeys(): void {
    this.#keys.clear();
  }

  post(by: TincanActor, draft: TincanDraft): TincanMessage {
    const known = draft.key === undefined || draft.key === null ? undefined : this.#keys.get(draft.key);
    const first = known === undefined ? undefined : this.#messages.get(known);
    if (first !== undefined) return first;
    this.#mayWrite(by.id);
    this.#mayStand(draft.text, (draft.files ?? []).length);
    const message: TincanMessage = {
      id: this.#rules.newMessageId(),
      by: by.id,
      at: this.#rules.now(),
      text: draft.text,
      style: draft.style ?? 'text',
      files: draft.files ?? [],
      replyTo: draft.replyTo ?? null,
      thread: draft.thread ?? null,
      via: by.via ?? [],
      tag: draft.tag ?? null,
      edits: 0,
      removed: false,
      reactions: NO_REACTIONS,
    };
    this.#messages.add(message.id, message);
    if (draft.key !== undefined && draft.key !== null) this.#keys.add(draft.key, message.id);
    if (message.tag !== null) this.#tags.add(message.tag, message.id);
    this.#happened(by, { kind: 'message', message }, message.at);
    return message;
  }

  edit(by: TincanActor, id: string, text: string, style?: TincanMessage['style']): void {
    const message = this.#existing(id);
    if (message.by !== by.id) throw new TincanError('forbidden');
    this.#mayStand(text, message.files.length);
    const next = style ?? message.style;
    if (message.text === text && message.style === next) return;
    const edits = message.edits + 1;
    this.#messages.replace(id, { ...message, text, style: next, edits });
    this.#happened(by, { kind: 'edit', id, text, style: next, edits });
  }

  /** Removing what is already removed changes nothing. */
  remove(by: TincanActor, id: string): void {
    const message = this.#messages.get(id);
    if (message === undefined) throw new TincanError('noMessage');
    if (message.removed) return;
    if (message.by !== by.id && !this.#mayModerate(by.id)) throw new TincanError('forbidden');
    this.#messages.replace(id, { ...message, text: '', files: [], removed: true, reactions: NO_REACTIONS });
    this.#happened(by, { kind: 'remove', id });
  }

  /** Replaces what this person reacted with. */
  react(by: TincanActor, id: string, emoji: readonly string[]): void {
    const message = this.#existing(id);
    this.#mayWrite(by.id);
    const before = message.reactions.get(by.id) ?? [];
    const now = [...new Set(emoji)];
    if (now.length === before.length && now.every((one) => before.includes(one))) return;
    const reactions = new Map(message.reactions);
    if (now.length === 0) reactions.delete(by.id);
    else reactions.set(by.id, now);
    this.#messages.replace(id, { ...message, reactions });
    this.#happened(by, { kind: 'react', id, emoji: now });
  }

  setName(by: TincanActor, name: string): void {
    if (this.name === name) return;
    this.name = name;
    this.#happened(by, { kind: 'name', name });
  }

  setTopic(by: TincanActor, topic: string): void {
    if (this.topic === topic) return;
    this.topic = topic;
    this.#happened(by, { kind: 'topic', topic });
  }

  join(by: TincanActor): void {
    if (this.banned.has(by.id)) throw new TincanError('banned');
    if (this.members.has(by.id)) return;
    this.members.add(by.id);
    this.#happened(by, { kind: 'member', change: 'join', person: this.#person(by.id) });
  }

  leave(by: TincanActor, person = by.id, change: 'leave' | 'kick' | 'ban' = 'leave'): void {
    if (person !== by.id && !this.#mayModerate(by.id)) throw new TincanError('forbidden');
    if (change === 'ban') this.banned.add(person);
    if (this.members.delete(person)) {
      this.#happened(by, { kind: 'member', change, person: this.#person(person) });
    }
  }

  renamed(by: TincanActor, before: string): void {
    this.#happened(by, { kind: 'member', change: 'rename', person: this.#person(by.id), before });
  }

  #person(id: string): TincanPerson {
    const person = this.#rules.person(id);
    return this.moderators.has(id) ? { ...person, kind: 'moderator' } : person;
  }

  #mayModerate(id: string): boolean {
    return this.moderators.has(id) || this.#rules.moderates(id);
  }

  #existing(id: string): TincanMessage {
    const message = this.#messages.get(id);
    if (message === undefined || message.removed) throw new TincanError('noMessage');
    return message;
  }

  #mayWrite(person: string): void {
    if (this.banned.has(person)) throw new TincanError('banned');
  }

  #mayStand(text: string, files: number): void {
    if (text === '' && files === 0) throw new TincanError('empty');
    // A letter has at most three bytes: short text need not be measured.
    const { textBytesMax } = this.#rules;
    if (text.length * 3 > textBytesMax && Buffer.byteLength(text) > textBytesMax)
      throw new TincanError('tooLarge');
  }

  #happened(by: TincanActor, what: TincanDeed, at = this.#rules.now()): void {
    this.#seq += 1;
    const change = {
      seq: this.#seq,
      at,
      by: this.#person(by.id),
      via: by.via ?? [],
      what,
    };
    if (this.#changes.length >= this.#rules.keptMax) {
      this.#olderChanges = this.#changes;
      this.#changes = [];
    }
    this.#changes.push(change);
    this.#rules.changed(this, change);
  }
}
