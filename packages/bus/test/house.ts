import { randomBytes, randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@brygga/contract';
import {
  channelId,
  type EventId,
  eventId,
  type IncomingEvent,
  linkId,
  nativeId,
  networkId,
  personId,
  plainBody,
  roomId,
} from '@brygga/event';
import { Redis } from 'ioredis';
import {
  Bus,
  type BusOptions,
  type Claim,
  LOST,
  type Lost,
  type NewEvent,
  type Plan,
  Seal,
  type SealKey,
} from '../src/index.ts';
import type { OutboxItem } from '../src/items.ts';

export const ROOM = roomId('r1');
export const A = linkId('a');
export const B = linkId('b');
export const C = linkId('c');
export const NET = networkId('net-b');

export const sealKey = (id: string): SealKey => ({ id, key: randomBytes(32).toString('base64') });
export const sealOf = (keys: readonly SealKey[], seals = true): Seal =>
  new Seal({ keys, seals, random: randomBytes });

let number = 0;

/** An id that sorts by the time it was made, as the hub's do. */
export function newEventId(): EventId {
  number += 1;
  const hex = number.toString(16).padStart(12, '0');
  return eventId(`${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`);
}

interface Saying {
  readonly person?: string;
  readonly aliases?: readonly string[];
  readonly revision?: string;
  readonly kind?: 'message' | 'edit' | 'reaction' | 'membership';
  readonly text?: string;
}

/** An event of that native id, as a bridge of link A hands it over. */
export function incoming(native: string, say: Saying = {}): IncomingEvent {
  const { person = 'ada', aliases = [], revision = '1', kind = 'message', text = `text of ${native}` } = say;
  const common = {
    v: 1 as const,
    origin: {
      network: networkId('net-a'),
      channel: channelId('c-a'),
      nativeId: nativeId(native),
      revision,
      aliases: aliases.map(nativeId),
    },
    sender: { nativeId: personId(person), displayName: person, kind: 'person' as const },
    sentAt: 1,
    hops: [],
  };
  const words = { body: plainBody(text), plain: text, style: 'text' as const, mentions: [] };
  const target = { natives: [nativeId('m0')] };
  switch (kind) {
    case 'message':
      return { ...common, kind, ...words, attachments: [] };
    case 'edit':
      return { ...common, kind, target, ...words };
    case 'reaction':
      return { ...common, kind, target, mode: 'add', emoji: ['👍'] };
    case 'membership':
      return {
        ...common,
        kind,
        change: 'join',
        subject: { nativeId: personId(person), displayName: person },
      };
  }
}

export const fresh = (native: string, say: Saying = {}): NewEvent => ({
  id: newEventId(),
  event: incoming(native, say),
  until: null,
});

/** Buses of one Redis under one prefix, all closed at the end. */
export class House {
  readonly prefix = `t${randomUUID().slice(0, 8)}`;
  readonly errors: string[] = [];
  readonly raw: Redis;
  readonly #url: string;
  readonly #open: Bus[] = [];

  constructor(url: string) {
    this.#url = url;
    this.raw = new Redis(url);
    this.raw.on('error', () => undefined);
  }

  bus(owner = 'one', more: Partial<BusOptions> = {}): Bus {
    const bus = new Bus({
      url: this.#url,
      prefix: this.prefix,
      owner,
      clock: systemClock,
      leaseMs: 4000,
      knownSeconds: 100,
      mapSeconds: 1000,
      deadLetterMs: 100_000,
      laneItemsMax: 1000,
      laneBytesMax: 1_000_000,
      batch: 100,
      silentMs: 5000,
      seal: sealOf([]),
      onError: (code) => this.errors.push(code),
      ...more,
    });
    this.#open.push(bus);
    return bus;
  }

  /** A key of the room as it stands in Redis. */
  key(name: string): string {
    return `${this.prefix}:{${ROOM}}:${name}`;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((bus) => bus.close()));
    this.raw.disconnect();
  }
}

export const place = (now = 1000, cursor = '', link = A) => ({ room: ROOM, link, now, cursor });

/** Accepts messages of those native ids on link A. */
export const accept = (bus: Bus, natives: readonly string[], now = 1000) =>
  bus.accept(
    place(now),
    natives.map((native) => fresh(native)),
  );

/** A plan that hands the first items of the inbox to those links as they are. */
export function planFor(
  events: readonly OutboxItem['event'][],
  links: readonly (typeof A)[],
  here = true,
): Plan {
  const items = events.map((event): OutboxItem => ({ event, lost: [], hub: false }));
  return {
    consumed: events.map((event) => ({ event, until: null })),
    writes: [],
    aside: [],
    waits: { begin: [], end: [] },
    links: links.map((link) => ({ link, here, items })),
  };
}

export function won<Value>(value: Value | Lost | null | undefined): Value {
  if (value === LOST || value === null || value === undefined) throw new Error('nothing was won');
  return value;
}

/** Messages in B's outbox, the lane in this process's hands. */
export async function outboxOfB(bus: Bus, natives: readonly string[]): Promise<Claim<OutboxItem>> {
  const inbox = won((await accept(bus, natives)).claim);
  const events = inbox.items.map(({ event }) => event);
  const planned = won(await bus.commitPlan(inbox, planFor(events, [B])));
  return won(planned.claims[0]);
}

/** What the record of a delivery of that item may be. */
export const recordOf = ({ event }: OutboxItem, native = `${event.origin.nativeId}-on-b`) => ({
  event: event.id,
  native: nativeId(native),
});

export const clockAt = (times: () => number): Clock => ({ ...systemClock, now: times });
