import { channelId } from '@brygga/event';
import { describe, expect, test } from 'vitest';
import { catchUp, readCursor, writeCursor } from '../src/catch-up.ts';
import type { Call } from '../src/homeserver.ts';
import { type MatrixEvent, MatrixEvent as Native } from '../src/native.ts';
import { newRoom } from '../src/rooms.ts';
import { FakeHomeserver, no, ok, refusal } from './fake-homeserver.ts';
import { FakeHub } from './fake-hub.ts';

const bot = '@_brygga_bot:agency.test';
const HOUR = 3_600_000;
const event = (n: number): MatrixEvent =>
  Native.parse({
    type: 'm.room.message',
    event_id: `$${n}`,
    room_id: '!r',
    sender: '@a:b',
    origin_server_ts: n * HOUR,
    content: {},
  });

/** A room with so many events, read in pages like a homeserver's. */
function history(count: number, gone = false) {
  const all = Array.from({ length: count }, (_, n) => event(n));
  const homeserver = new FakeHomeserver();
  homeserver.on(/\/context\//, ({ path }: Call) => {
    if (gone) return no(refusal(404, 'M_NOT_FOUND'));
    return ok({ end: String(Number(/context\/%24(\d+)/.exec(path)?.[1]) + 1) });
  });
  homeserver.on(/\/messages/, ({ query = {} }: Call) => {
    const limit = Number(query.limit);
    if (query.dir === 'f') {
      const from = Number(query.from);
      const chunk = all.slice(from, from + limit);
      return ok({ chunk, ...(from + limit < count ? { end: String(from + limit) } : {}) });
    }
    const to = Number(query.from ?? count);
    const from = Math.max(0, to - limit);
    return ok({ chunk: all.slice(from, to).toReversed(), ...(from > 0 ? { end: String(from) } : {}) });
  });
  return homeserver;
}

function setUp(homeserver: FakeHomeserver, cursor: string | null, beginning = '$0') {
  const hub = new FakeHub();
  const room = newRoom(channelId('!r'));
  const got: { ids: string[]; cursor: string | undefined }[] = [];
  const receiver = {
    receive: async (_: unknown, events: readonly MatrixEvent[], live: boolean, saved?: string) => {
      expect(live).toBe(false);
      got.push({ ids: events.map(({ event_id }) => event_id), cursor: saved });
    },
  };
  const { store, log } = hub.kept;
  const ctx = { store, log, cursor: async () => cursor };
  const run = async () => {
    if (cursor !== null) await store.set('beginning.!r', beginning);
    return catchUp({ ctx, homeserver, receiver, bot }, room);
  };
  return { run, got, store, room, log: hub.kept.logged };
}

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `$${from + n}`);

describe('catching up', () => {
  test('a new link begins at the newest event and carries nothing', async () => {
    const { run, got, store } = setUp(history(40), null);
    expect(await run()).toBeNull();
    expect(got).toEqual([{ ids: [], cursor: writeCursor(event(39)) }]);
    expect(await store.get('beginning.!r')).toBe('$39');
  });

  test('an empty room begins later', async () => {
    const { run, got } = setUp(history(0), null);
    expect(await run()).toBeNull();
    expect(got).toEqual([]);
  });

  test('in order from the cursor, which follows; the newest with a page from before them', async () => {
    const { run, got } = setUp(history(340), writeCursor(event(99)));
    expect(await run()).toBeNull();
    expect(got.map(({ cursor }) => cursor)).toEqual([199, 299, 339].map((n) => writeCursor(event(n))));
    expect(got.slice(0, 2).flatMap((page) => page.ids)).toEqual(ids(100, 300));
    expect(got[2]?.ids).toEqual(ids(140, 340));
  });

  test('when nothing is new, looks at the last ones and leaves the cursor', async () => {
    const { run, got } = setUp(history(340), writeCursor(event(339)));
    expect(await run()).toBeNull();
    expect(got).toEqual([{ ids: ids(140, 340), cursor: undefined }]);
  });

  test('what got its place before one already read comes before what was said after it', async () => {
    // While the second page is read, $late is written, and gets its place in the first; then its author goes on.
    const homeserver = history(140);
    const late = { ...event(0), event_id: '$late' };
    const after = { ...event(0), event_id: '$after' };
    const all = [...ids(0, 140).map((_, n) => event(n)), after];
    all.splice(110, 0, late);
    let reads = 0;
    homeserver.on(/\/messages/, ({ query = {} }: Call) => {
      reads += 1;
      if (query.dir === 'b') return ok({ chunk: all.toReversed() });
      if (reads === 1) return ok({ chunk: all.slice(100, 140).filter((one) => one !== late), end: 'next' });
      return ok({ chunk: [after] });
    });
    const { run, got } = setUp(homeserver, writeCursor(event(99)), '$none');
    expect(await run()).toBeNull();
    const order = got.flatMap((page) => page.ids);
    expect(order).toContain('$after');
    expect(order.indexOf('$late')).toBeLessThan(order.indexOf('$after'));
  });

  test('never from before the link began', async () => {
    const { run, got } = setUp(history(50), writeCursor(event(49)), '$45');
    expect(await run()).toBeNull();
    expect(got).toEqual([{ ids: ids(46, 50), cursor: undefined }]);
  });

  test('a purged anchor: back to an hour before it, then in order', async () => {
    const { run, got, log } = setUp(history(450, true), writeCursor(event(200)));
    expect(await run()).toBeNull();
    expect(got[0]).toEqual({ ids: ids(200, 450), cursor: writeCursor(event(449)) });
    expect(log.map(({ code }) => code)).toContain('catch-up.anchor-gone');
  });

  test.each([[/\/context\//], [/\/messages/]])(
    'what the homeserver refuses (%s) is handed on',
    async (match) => {
      const { run } = setUp(history(300).on(match, no(refusal(403))), writeCursor(event(1)));
      expect(await run()).toEqual(refusal(403));
    },
  );
});

test('cursors are read as written', () => {
  expect(readCursor(writeCursor(event(3)))).toEqual({ event: '$3', at: 3 * HOUR });
  expect(readCursor('$only')).toEqual({ event: '$only', at: 0 });
});
