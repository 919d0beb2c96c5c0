import type { Clock } from '@brygga/contract';
import { TincanChannel } from './channel.ts';
import { type CallFault, Faults, type NoticeFault } from './faults.ts';
import { type LineEnd, TincanLine } from './line.ts';
import {
  type TincanActor,
  type TincanChange,
  TincanError,
  type TincanPerson,
  type TincanSignal,
} from './types.ts';

export interface TincanNetworkOptions {
  readonly clock: Clock;
  readonly textBytesMax: number;
  readonly keptMax: number;
}

/** What a client asks of the server, for scripts of faults. */
export type CallName =
  | 'connect'
  | 'watch'
  | 'changes'
  | 'post'
  | 'edit'
  | 'remove'
  | 'react'
  | 'setName'
  | 'setTopic'
  | 'member'
  | 'find'
  | 'describe';

export interface Call {
  readonly name: CallName;
  readonly channel: string | null;
  /** The caller's password: by what clients differ. */
  readonly password: string;
}

/** One deployment of the invented network: its server and all it remembers. */
export class TincanNetwork {
  readonly name: string;
  readonly clock: Clock;
  /** Faults of calls and of notifications; see `faults.ts`. */
  readonly calls = new Faults<CallFault, Call>();
  readonly notices = new Faults<NoticeFault, TincanChange>();
  /** Clients must know it; null lets in everybody. */
  password: string | null = null;
  /** Whether bridges (not their ghosts) may remove what others wrote. */
  bridgesModerate = true;
  /** Signals (typing, read) of the last while, newest last, for tests to look at. */
  readonly signals: TincanSignal[] = [];
  readonly #options: TincanNetworkOptions;
  readonly #channels = new Map<string, TincanChannel>();
  readonly #people = new Map<string, TincanPerson>();
  readonly #lines = new Set<TincanLine>();
  readonly #cards = new Map<string, Map<TincanLine, object>>();
  readonly #lockedOut = new Set<string>();
  #up = true;
  #ids = 0;

  constructor(name: string, options: TincanNetworkOptions) {
    this.name = name;
    this.clock = options.clock;
    this.#options = options;
  }

  /** The channel of that id, opened when it is not there. */
  channel(id: string): TincanChannel {
    const known = this.#channels.get(id);
    if (known !== undefined) return known;
    const { textBytesMax, keptMax } = this.#options;
    const channel = new TincanChannel(id, {
      textBytesMax,
      keptMax,
      now: () => this.clock.now(),
      newMessageId: () => this.#newId(),
      person: (person) => this.person(person),
      moderates: (id) => this.bridgesModerate && /^~[^/]+$/.test(id),
      changed: (one, change) => this.#tell(one.id, change),
    });
    this.#channels.set(id, channel);
    return channel;
  }

  existing(id: string): TincanChannel {
    const channel = this.#channels.get(id);
    if (channel === undefined) throw new TincanError('noChannel');
    return channel;
  }

  hasChannel(id: string): boolean {
    return this.#channels.has(id);
  }

  closeChannel(id: string): void {
    this.#channels.delete(id);
  }

  person(id: string): TincanPerson {
    return this.#people.get(id) ?? { id, label: id, kind: 'person' };
  }

  /** Gives somebody a name; channels they are in are told when it is a new one. */
  introduce(by: TincanActor, kind: TincanPerson['kind'] = 'person'): void {
    const { id, label } = by;
    const before = this.#people.get(id);
    if (label === undefined || before?.label === label) return;
    this.#people.set(id, { id, label, kind: before?.kind ?? kind });
    if (before === undefined) return;
    for (const channel of this.#channels.values()) {
      if (channel.members.has(id)) channel.renamed(by, before.label);
    }
  }

  signal(signal: TincanSignal): void {
    this.signals.push(signal);
    if (this.signals.length > 1000) this.signals.shift();
    for (const line of this.#lines) line.signalled(signal);
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** The server stops: every line breaks, nobody gets a new one. What it remembers stays. */
  down(): void {
    this.#up = false;
    this.hangUp();
  }

  up(): void {
    this.#up = true;
  }

  /** Breaks every line; new ones are taken. */
  hangUp(): void {
    for (const line of [...this.#lines]) line.broken();
  }

  /** The client of that password gets no line any more, and loses what it has: as if it had died. */
  lockOut(password: string): void {
    this.#lockedOut.add(password);
    for (const line of [...this.#lines]) if (line.password === password) line.broken();
  }

  /** Opens a line for a client. */
  async connect(password: string, end: LineEnd): Promise<TincanLine> {
    const fault = this.calls.meet({ name: 'connect', channel: null, password });
    if (fault?.kind === 'lag') await this.clock.sleep(fault.ms);
    if (!this.#up || (fault !== undefined && fault.kind !== 'lag')) throw new TincanError('down');
    if (this.#lockedOut.has(password) || (this.password !== null && this.password !== password))
      throw new TincanError('password');
    const line = new TincanLine(this, password, end, () => this.#gone(line));
    this.#lines.add(line);
    return line;
  }

  #gone(line: TincanLine): void {
    this.#lines.delete(line);
    for (const channel of this.#cards.keys()) this.pin(line, channel, null);
  }

  pin(line: TincanLine, channel: string, card: object | null): void {
    const cards = this.#cards.get(channel) ?? new Map<TincanLine, object>();
    this.#cards.set(channel, cards);
    if (card === null && !cards.delete(line)) return;
    if (card !== null) cards.set(line, card);
    for (const one of this.#lines) one.pinned(channel);
  }

  /** The cards that clients pinned to a channel. */
  pinned(channel: string): readonly object[] {
    return [...(this.#cards.get(channel)?.values() ?? [])];
  }

  #newId(): string {
    this.#ids += 1;
    return `${this.name}-${this.#ids}`;
  }

  #tell(channel: string, change: TincanChange): void {
    for (const line of this.#lines) line.changed(channel, change);
  }
}
