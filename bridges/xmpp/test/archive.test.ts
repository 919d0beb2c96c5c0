import { describe, expect, it } from 'vitest';
import { Archive, type Archived } from '../src/archive.ts';
import { catchUp, newestPlace } from '../src/catch-up.ts';
import { el } from '../src/element.ts';
import { SentIds } from '../src/ids.ts';
import { Iqs } from '../src/iq.ts';
import { SentIndex } from '../src/sent-index.ts';
import { attribute, type Element, NS } from '../src/stanza.ts';

const ROOM = 'room@muc.example.org';
const BOT = 'brygga@bridge.example.org/brygga';

type Manners = 'prosody' | 'ejabberd' | 'none' | 'deaf';

/** A server's archive, with the manners of Prosody or of ejabberd. */
class FakeServer {
  readonly stored: { id: string; stamp: number; sent?: string }[] = [];
  readonly queries: string[] = [];
  readonly archive: Archive;
  readonly #iqs: Iqs;
  readonly #manners: Manners;
  /** Somebody else answers, too. */
  forger: string | null = null;

  constructor(manners: Manners) {
    this.#manners = manners;
    let ids = 0;
    const newId = (): string => `id-${++ids}`;
    const clock = {
      now: () => 0,
      elapsed: () => 0,
      sleep: async () => undefined,
      after: () => () => undefined,
    };
    this.#iqs = new Iqs(clock, newId, (stanza) => this.#answer(stanza));
    this.archive = new Archive(this.#iqs, newId);
  }

  say(count: number, from = 0): void {
    for (let index = 0; index < count; index++) {
      const number = this.stored.length + 1;
      this.stored.push({ id: `s${number}`, stamp: from + number * 1000 });
    }
  }

  #answer(stanza: Element): boolean {
    if (this.#manners === 'deaf') return false;
    queueMicrotask(() => this.#reply(stanza));
    return true;
  }

  #reply(stanza: Element): void {
    const query = stanza.getChild('query', NS.mam);
    const set = query?.getChild('set', NS.rsm);
    const after = set?.getChildText('after') ?? null;
    const before = set?.getChildText('before') ?? null;
    const start = Date.parse(
      query?.getChild('x', NS.dataForm)?.getChildren('field')[1]?.getChildText('value') ?? '',
    );
    this.queries.push(`${after ?? ''}|${before ?? ''}|${Number.isNaN(start) ? '' : start}`);
    const error = (condition: string): Element =>
      el(
        'iq',
        { type: 'error', id: attribute(stanza, 'id'), from: ROOM, to: BOT },
        el('error', { type: 'cancel' }, el(condition, { xmlns: NS.stanzas })),
      );
    if (this.#manners === 'none') return void this.#iqs.take(error('service-unavailable'));
    const known = (id: string) => this.stored.findIndex((one) => one.id === id);
    if (after !== null && known(after) < 0 && this.#manners === 'prosody')
      return void this.#iqs.take(error('item-not-found'));
    const all = this.stored.filter(
      (one, index) =>
        !(one.stamp < start) &&
        (after === null || index > known(after)) &&
        (!before || index < known(before)),
    );
    const max = Math.min(50, Number(set?.getChildText('max')));
    const page = before === null ? all.slice(0, max) : all.slice(-max);
    for (const one of page) this.#result(one, attribute(query, 'queryid'));
    const complete = page.length === all.length ? 'true' : this.#manners === 'ejabberd' ? 'false' : undefined;
    const rsm = el(
      'set',
      { xmlns: NS.rsm },
      ...(page.length === 0
        ? []
        : [el('first', {}, page[0]?.id ?? ''), el('last', {}, page.at(-1)?.id ?? '')]),
    );
    this.#iqs.take(
      el(
        'iq',
        { type: 'result', id: attribute(stanza, 'id'), from: ROOM, to: BOT },
        el('fin', { xmlns: NS.mam, complete }, rsm),
      ),
    );
  }

  #result(one: { id: string; stamp: number; sent?: string }, queryid: string): void {
    const make = (from: string, id: string): Element =>
      el(
        'message',
        { from, to: BOT },
        el(
          'result',
          { xmlns: NS.mam, queryid, id },
          el(
            'forwarded',
            { xmlns: NS.forward },
            el('delay', { xmlns: NS.delay, stamp: new Date(one.stamp).toISOString() }),
            el(
              'message',
              { type: 'groupchat', from: `${ROOM}/Bo`, id: one.sent ?? `n-${id}` },
              el('body', {}, id),
            ),
          ),
        ),
      );
    if (this.forger !== null) this.archive.take(make(this.forger, 'forged'));
    this.archive.take(make(ROOM, one.id));
  }
}

async function read(server: FakeServer, place: { at: number; id: string }) {
  const items: Archived[] = [];
  const handle = async (item: Archived) => void items.push(item);
  const result = await catchUp({ archive: server.archive, room: ROOM, from: BOT, handle }, place);
  return { result, ids: items.map((item) => item.id) };
}
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `s${from + index}`);

describe('catching up', () => {
  it.each(['prosody', 'ejabberd'] as const)(
    'reads page after page from the cursor on (%s)',
    async (manners) => {
      const server = new FakeServer(manners);
      server.say(130);
      const { result, ids } = await read(server, { at: 7000, id: 's7' });
      expect(ids).toEqual(numbers(8, 130));
      expect(result).toEqual({ kind: 'whole', last: 's130' });
      expect(server.queries).toHaveLength(3);
      expect(await read(server, { at: 130_000, id: 's130' })).toEqual({
        result: { kind: 'whole', last: 's130' },
        ids: [],
      });
    },
  );

  it.each(['prosody', 'ejabberd'] as const)('reads by time when the cursor is gone (%s)', async (manners) => {
    const server = new FakeServer(manners);
    const day = 86_400_000;
    server.say(100);
    server.say(20, day);
    const { ids } = await read(server, { at: day + 110_000, id: 'gone' });
    expect(ids).toEqual(numbers(101, 120));
  });

  it('reads by time where the room was empty, and knows a room without archive, and no answer', async () => {
    const server = new FakeServer('prosody');
    server.say(3);
    expect((await read(server, { at: 0, id: '' })).ids).toEqual(numbers(1, 3));
    expect((await read(new FakeServer('none'), { at: 0, id: 'x' })).result.kind).toBe('none');
    expect((await read(new FakeServer('deaf'), { at: 0, id: 'x' })).result.kind).toBe('lost');
  });

  it('believes the room only', async () => {
    const server = new FakeServer('prosody');
    server.say(3);
    server.forger = 'mallory@example.org';
    expect((await read(server, { at: 0, id: '' })).ids).toEqual(numbers(1, 3));
  });

  it('begins at the newest', async () => {
    const server = new FakeServer('prosody');
    const parts = { archive: server.archive, room: ROOM, from: BOT };
    expect(await newestPlace(parts, 5)).toEqual({ at: 5, id: '' });
    server.say(70);
    expect(await newestPlace(parts, 5)).toEqual({ at: 5, id: 's70' });
    expect(await newestPlace({ ...parts, archive: new FakeServer('deaf').archive }, 5)).toBeNull();
  });
});

describe('looking for what was sent', () => {
  const sent = new SentIds('secret');
  const put = (server: FakeServer, key: string, at: number) => {
    server.stored.push({ id: `s-${key}`, stamp: at, sent: sent.of(key) });
  };

  it('reads backwards to the time, once for all that ask at once, and never again while nothing is missed', async () => {
    const server = new FakeServer('prosody');
    server.say(60);
    put(server, 'a', 100_000);
    server.say(60, 100_000);
    const index = new SentIndex(server.archive, sent);
    const find = (key: string, since = 90_000) => index.find(ROOM, BOT, [sent.of(key)], since);
    const [a, b] = await Promise.all([find('a'), find('b')]);
    expect([...(a?.values() ?? [])]).toEqual(['s-a']);
    expect(b?.size).toBe(0);
    const asked = server.queries.length;
    expect(asked).toBeLessThanOrEqual(3);
    expect((await find('c'))?.size).toBe(0);
    expect(server.queries).toHaveLength(asked);
    index.forget();
    put(server, 'c', 999_000);
    expect((await find('c'))?.size).toBe(1);
    expect(server.queries.length).toBeGreaterThan(asked);
  });

  it('keeps the first of two messages that carry the same id', async () => {
    const server = new FakeServer('prosody');
    put(server, 'a', 1000);
    server.stored.push({ id: 'copied', stamp: 2000, sent: sent.of('a') });
    const index = new SentIndex(server.archive, sent);
    expect([...((await index.find(ROOM, BOT, [sent.of('a')], 0))?.values() ?? [])]).toEqual(['s-a']);
  });

  it('concludes nothing from no answer', async () => {
    const index = new SentIndex(new FakeServer('deaf').archive, sent);
    expect(await index.find(ROOM, BOT, [sent.of('a')], 0)).toBeNull();
    const none = new SentIndex(new FakeServer('none').archive, sent);
    expect((await none.find(ROOM, BOT, [sent.of('a')], 0))?.size).toBe(0);
  });
});
