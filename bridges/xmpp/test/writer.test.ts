import type { Outcome } from '@brygga/contract';
import { expect, it } from 'vitest';
import { el } from '../src/element.ts';
import type { StanzaError } from '../src/errors.ts';
import type { Voice } from '../src/session.ts';
import { type Order, type Part, type Ready, Writer } from '../src/writer.ts';

const voice: Voice = { jid: 'anna@bridge.example.org/brygga', label: 'Anna', suffix: '', bot: false };

class Room {
  readonly written: string[] = [];
  readonly timers: (() => void)[] = [];
  readonly vacated: string[] = [];
  readonly faults: unknown[] = [];
  doubts = 0;
  flying = 0;
  ready: (mute: boolean) => Promise<Ready> = async () => ({ kind: 'ready' });
  up = true;
  readonly writer = new Writer({
    ready: (_, mute) => this.ready(mute),
    write: (stanza) => {
      if (this.up) this.written.push(String(stanza.attrs.id));
      return this.up;
    },
    vacate: () => void this.vacated.push('x'),
    flying: (change) => {
      this.flying += change;
    },
    doubt: () => {
      this.doubts += 1;
    },
    fault: (error) => void this.faults.push(error),
    now: () => 0,
    after: (_, run) => {
      this.timers.push(run);
      return () => void this.timers.splice(this.timers.indexOf(run), 1);
    },
  });

  put(key: string, more: Partial<Order> & { parts?: number } = {}): Promise<string> {
    const { parts = 1, ...rest } = more;
    const compose = (relayed: boolean): readonly Part[] =>
      Array.from({ length: parts }, (_, index) => {
        const id = `${key}${index === 0 ? '' : `.${index}`}${relayed ? '!' : ''}`;
        return { id, stanza: el('message', { id }) };
      });
    const order: Order = {
      key,
      voice,
      compose,
      found: Promise.resolve(new Map()),
      signal: new AbortController().signal,
      ...rest,
    };
    return this.writer
      .put(order)
      .then((written) =>
        written.kind === 'written' ? `written ${written.ids.join(' ')}` : word(written.outcome),
      );
  }

  reflect(...ids: readonly string[]): void {
    for (const id of ids) this.writer.reflected(id, `s-${id}`);
  }
  refuse(id: string, condition: string): void {
    const error: StanzaError = { type: 'cancel', condition, retryAt: null };
    this.writer.refused(id, error);
  }
}
const word = (outcome: Outcome): string => `${outcome.kind} ${outcome.kind === 'done' ? '' : outcome.code}`;
/** Everything that can go on without the outside has gone on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('writes in order without waiting, and settles each by its reflection', async () => {
  const room = new Room();
  const all = ['a', 'b', 'c'].map((key) => room.put(key));
  await settle();
  expect(room.written).toEqual(['a', 'b', 'c']);
  room.reflect('a', 'b', 'c');
  expect(await Promise.all(all)).toEqual(['written s-a', 'written s-b', 'written s-c']);
  expect(room.timers).toEqual([]);
  expect(room.flying).toBe(0);
});

it('keeps the order while the first has yet to come in', async () => {
  const room = new Room();
  const entered = Promise.withResolvers<Ready>();
  room.ready = () => entered.promise;
  void room.put('a');
  void room.put('b');
  await settle();
  expect(room.written).toEqual([]);
  entered.resolve({ kind: 'ready' });
  await settle();
  expect(room.written).toEqual(['a', 'b']);
});

it('writes again in the old order what was refused, and nothing new before', async () => {
  const room = new Room();
  const all = ['a', 'b', 'c', 'd'].map((key) => room.put(key));
  await settle();
  room.reflect('a');
  room.refuse('b', 'not-acceptable');
  const late = room.put('e');
  await settle();
  expect(room.written).toEqual(['a', 'b', 'c', 'd']);
  room.refuse('c', 'not-acceptable');
  room.refuse('d', 'not-acceptable');
  await settle();
  expect(room.written.slice(4)).toEqual(['b', 'c', 'd', 'e']);
  room.reflect('b', 'c', 'd', 'e');
  expect(await Promise.all([...all, late])).toHaveLength(5);
});

it('gives up what stays refused', async () => {
  const room = new Room();
  const one = room.put('a');
  for (let tries = 0; tries < 3; tries++) {
    await settle();
    room.refuse('a', 'not-acceptable');
  }
  expect(await one).toBe('later NOT_IN_CHANNEL');
  expect(room.written).toEqual(['a', 'a', 'a']);
});

it('lets the bot speak for who may not', async () => {
  const room = new Room();
  room.ready = async (mute) => ({ kind: mute ? 'relay' : 'ready' });
  const one = room.put('a');
  await settle();
  room.refuse('a', 'forbidden');
  await settle();
  expect(room.written).toEqual(['a', 'a!']);
  room.reflect('a!');
  expect(await one).toBe('written s-a!');
});

it('tells silence, a lost stream, and an end apart', async () => {
  const silent = new Room();
  const one = silent.put('a');
  await settle();
  silent.timers[0]?.();
  expect(await one).toBe('unsure NO_ANSWER');
  expect(silent.vacated).toHaveLength(1);

  const lost = new Room();
  const two = lost.put('a');
  await settle();
  lost.ready = () => new Promise(() => undefined);
  const three = lost.put('b');
  await settle();
  lost.writer.lost(null);
  expect(await Promise.all([two, three])).toEqual(['unsure CONNECTION_LOST', 'later NETWORK_DOWN']);
  expect(lost.doubts).toBeGreaterThan(0);

  const ended = new Room();
  const four = ended.put('a');
  await settle();
  ended.writer.stop();
  expect(await four).toBe('unsure HUB_STOPPING');
});

it('writes only what is not there yet', async () => {
  const room = new Room();
  const some = room.put('a', { parts: 3, found: Promise.resolve(new Map([['a.1', 'old']])) });
  await settle();
  expect(room.written).toEqual(['a', 'a.2']);
  room.reflect('a', 'a.2');
  expect(await some).toBe('written s-a old s-a.2');
  const all = room.put('b', { found: Promise.resolve(new Map([['b', 'old']])) });
  expect(await all).toBe('written old');
  expect(await room.put('c', { found: Promise.resolve(null) })).toBe('unsure NO_ANSWER');
  expect(room.written).toEqual(['a', 'a.2']);
});

it('writes alone what may have ended a stream, and not a third time', async () => {
  const room = new Room();
  const first = ['a', 'b'].map((key) => room.put(key));
  await settle();
  room.writer.lost('not-well-formed');
  expect(await Promise.all(first)).toEqual(['unsure CONNECTION_LOST', 'unsure CONNECTION_LOST']);
  const again = ['a', 'b'].map((key) => room.put(key));
  await settle();
  expect(room.written).toEqual(['a', 'b', 'a']);
  room.writer.lost('not-well-formed');
  expect(await Promise.all(again)).toEqual(['refused NOT_ACCEPTABLE', 'later NETWORK_DOWN']);
});

it('ends with the time limit of the hub', async () => {
  const room = new Room();
  const limit = new AbortController();
  const flying = room.put('a', { signal: limit.signal });
  await settle();
  limit.abort();
  expect(await flying).toBe('unsure NO_ANSWER');
  expect(await room.put('b', { signal: limit.signal })).toBe('later NETWORK_BUSY');
});

it('survives a defect, and a flood', async () => {
  const room = new Room();
  room.ready = async () => {
    throw new TypeError('defect');
  };
  expect(await room.put('a')).toBe('unsure BRIDGE_FAULT');
  expect(room.faults).toHaveLength(1);
  room.ready = () => new Promise(() => undefined);
  const many = Array.from({ length: 300 }, (_, index) => room.put(`f${index}`));
  expect(await many[299]).toBe('later NETWORK_BUSY');
  room.writer.stop();
  await Promise.all(many);
});
