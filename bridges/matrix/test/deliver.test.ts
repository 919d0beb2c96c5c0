import { channelId } from '@brygga/event';
import { ManualClock } from '@brygga/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { Attendance } from '../src/attendance.ts';
import { deliver } from '../src/deliver.ts';
import { Ghosts } from '../src/ghosts.ts';
import { PushGaps } from '../src/push-gaps.ts';
import { putter } from '../src/put.ts';
import { receiver } from '../src/receive.ts';
import { MatrixSettings } from '../src/settings.ts';
import { FakeHomeserver, no, ok, refusal } from './fake-homeserver.ts';
import { FakeHub } from './fake-hub.ts';

const settings = MatrixSettings.parse({
  homeserverUrl: 'http://hs',
  serverName: 'hs.test',
  asToken: 'c4b1a2d3e4f5061728394a5b6c7d8e9f',
  hsToken: '9f8e7d6c5b4a39281706f5e4d3c2b1a0',
  listen: { port: 9005 },
  catchUpSeconds: 600,
});
const bot = '@_brygga_bot:hs.test';
const kitchen = channelId('!kitchen:hs.test');
const open: Attendance[] = [];
afterEach(async () => {
  for (const attendance of open.splice(0)) await attendance.close();
});

let count = 0;
const event = (more: object = {}) => {
  count += 1;
  const common = { type: 'm.room.message', event_id: `$${count}`, room_id: kitchen, sender: '@ada:hs.test' };
  return {
    ...common,
    origin_server_ts: 1_800_000_000_000,
    content: { msgtype: 'm.text', body: `word ${count}` },
    ...more,
  };
};
const member = (user: string, content: object, more: object = {}) =>
  event({ type: 'm.room.member', state_key: user, sender: user, content, ...more });

async function stage(homeserver = new FakeHomeserver(), isUp = true) {
  const hub = new FakeHub();
  const clock = new ManualClock();
  const ctx = { ...hub.context(settings), clock };
  const state = [{ type: 'm.room.member', state_key: bot, sender: bot, content: { membership: 'join' } }];
  homeserver.on(/\/state$/, ok(state)).on(/\/messages/, ok({ chunk: [event()] }));
  const ghosts = new Ghosts(ctx, homeserver);
  const put = putter(homeserver, ghosts, clock);
  const taker = receiver(ctx, homeserver, ghosts);
  const attendance = new Attendance({ ctx, homeserver, ghosts, put, receiver: taker, bot });
  open.push(attendance);
  if (isUp) attendance.up();
  const room = attendance.attach(kitchen);
  await clock.advance(0);
  const gaps = new PushGaps(clock, settings.serverName, () => attendance.lookAgain());
  gaps.up();
  let transactions = 0;
  const take = (events: object[], ephemeral: object[] = [], id = transactions + 1) => {
    transactions = id;
    return deliver({ ctx, attendance, receiver: taker, bot, gaps }, { id: String(id), events, ephemeral });
  };
  const texts = () => hub.events.map((one) => (one.kind === 'message' ? one.plain : one.kind));
  return { take, texts, hub, clock, room, attendance, homeserver };
}

describe('a transaction', () => {
  test('is durable when it is answered; other rooms and unreadable events are passed over', async () => {
    const { take, texts, hub } = await stage();
    const [one, two] = [event(), event()];
    expect(await take([one, { broken: true }, event({ room_id: '!other' }), two])).toBe(true);
    expect(texts()).toEqual([one.content.body, two.content.body]);
    expect(hub.kept.problems).toEqual([]);
  });

  test('twice is handed in once', async () => {
    const { take, hub } = await stage();
    const one = event();
    expect([await take([one]), await take([one])]).toEqual([true, true]);
    expect(hub.events).toHaveLength(1);
    expect(hub.kept.repeated).toEqual([]);
  });

  test('that cannot be stored is not acknowledged, and not forgotten either', async () => {
    const { take, hub } = await stage();
    const one = event();
    hub.refusing = true;
    expect(await take([one])).toBe(false);
    hub.refusing = false;
    expect(await take([one])).toBe(true);
    expect(hub.events).toHaveLength(1);
  });

  test('waits for the catch-up, but not longer than the homeserver does', async () => {
    const { take, texts, clock, attendance } = await stage(new FakeHomeserver(), false);
    const early = take([event()]);
    await clock.advance(39_000);
    expect(texts()).toEqual([]);
    await clock.advance(2_000);
    expect(await early).toBe(false);
    attendance.up();
    await clock.advance(0);
    expect(await take([event()])).toBe(true);
  });

  test('of a room that is detached meanwhile is not acknowledged', async () => {
    const { take, attendance } = await stage(new FakeHomeserver(), false);
    const early = take([event()]);
    attendance.detach(kitchen);
    expect(await early).toBe(false);
    expect(await take([event()])).toBe(true);
  });
});

describe('a transaction that the homeserver left lying', () => {
  /** The room's history as it stands: what was pushed and what was not. */
  async function history(...events: ReturnType<typeof event>[]) {
    const homeserver = new FakeHomeserver();
    const staged = await stage(homeserver);
    homeserver
      .on(/\/context\//, ok({ end: 'now' }))
      .on(/\/messages/, ({ query = {} }) => ok({ chunk: query.dir === 'b' ? events.toReversed() : [] }));
    return staged;
  }
  const wordsOf = (...events: ReturnType<typeof event>[]) => events.map(({ content }) => content.body);

  test('comes before the next of its room, whose number tells of it', async () => {
    const [one, lost, two] = [event(), event(), event()];
    const { take, texts } = await history(one, lost, two);
    expect(await take([one], [], 7)).toBe(true);
    expect(await take([two], [], 9)).toBe(true);
    expect(texts()).toEqual(wordsOf(one, lost, two));
  });

  test('is found soon when nothing follows it', async () => {
    const [one, lost] = [event(), event()];
    const { take, texts, clock } = await history(one, lost);
    await take([one], [], 7);
    await clock.advance(4_000);
    expect(texts()).toEqual(wordsOf(one, lost));
  });

  test('does not wear out the process while the connection is down', async () => {
    const { take, texts, clock, attendance } = await history();
    await take([event()], [], 7);
    attendance.down();
    const early = take([event()], [], 9);
    await clock.advance(1_000);
    expect(texts()).toHaveLength(1);
    attendance.up();
    await clock.advance(0);
    expect(await early).toBe(true);
  });

  test('is not suspected when the homeserver has not paused: other services use the same numbers', async () => {
    const { take, clock, homeserver } = await history();
    await clock.advance(120_000);
    const asked = homeserver.calls.length;
    await take([event({ unsigned: { age: 40 } })], [], 7);
    await take(
      [event({ unsigned: { age: 40 } }), event({ sender: '@far:away', unsigned: { age: 9_000 } })],
      [],
      12,
    );
    await clock.advance(10_000);
    expect(homeserver.calls).toHaveLength(asked);
  });

  test.each([
    [
      'we did not take one',
      async ({ take, hub }: Awaited<ReturnType<typeof stage>>) => {
        hub.refusing = true;
        await take([event()], [], 7);
        hub.refusing = false;
        await take([event()], [], 7);
      },
    ],
    [
      'one came twice',
      async ({ take }: Awaited<ReturnType<typeof stage>>) => {
        await take([event()], [], 7);
        await take([event()], [], 7);
      },
    ],
    [
      'one came late',
      async ({ take }: Awaited<ReturnType<typeof stage>>) => {
        await take([event({ unsigned: { age: 2_000 } })], [], 7);
      },
    ],
  ])('is suspected when %s', async (_, pause) => {
    const staged = await history();
    const { take, clock, homeserver } = staged;
    await clock.advance(120_000);
    await pause(staged);
    const asked = homeserver.calls.length;
    await take([event()], [], 9);
    expect(homeserver.calls.length).toBeGreaterThan(asked);
  });
});

describe('what a transaction says of the room', () => {
  test('names and levels count for what follows', async () => {
    const { take, hub } = await stage();
    const cleo = '@cleo:hs.test';
    await take([member(cleo, { membership: 'join', displayname: 'Cleo' }), event({ sender: cleo })]);
    expect(hub.events.map(({ sender }) => sender.displayName)).toEqual(['Cleo', 'Cleo']);
  });

  test('what a membership was before is asked for when it is left out', async () => {
    const before = { content: { membership: 'join', displayname: 'Cleo' } };
    const { take, hub } = await stage(new FakeHomeserver().on(/event\/\$before/, ok(before)));
    await take([
      member('@cleo:hs.test', { membership: 'leave' }, { unsigned: { replaces_state: '$before' } }),
    ]);
    expect(hub.events[0]).toMatchObject({ change: 'leave', subject: { displayName: 'Cleo' } });
  });

  test('an old name or topic is held against what stands now', async () => {
    const homeserver = new FakeHomeserver().on(/state\/m.room.topic/, ok({ topic: 'newer' }));
    const { take, texts, clock } = await stage(homeserver);
    await clock.advance(120_000);
    const topic = (words: string) =>
      event({ type: 'm.room.topic', state_key: '', content: { topic: words } });
    await take([topic('older'), topic('newer')]);
    expect(texts()).toEqual(['channel']);
  });

  test('encrypted from now on: its people are told once, in the language of the room', async () => {
    const { take, homeserver, room, hub } = await stage();
    hub.language = 'sv';
    const encryption = () => event({ type: 'm.room.encryption', state_key: '', content: { algorithm: 'x' } });
    await take([encryption()]);
    await take([encryption()]);
    expect(room.state.encrypted).toBe(true);
    const said = homeserver.calls.filter(({ path }) => path.includes('/send/'));
    expect(said).toMatchObject([{ body: { body: expect.stringContaining('krypterat') } }]);
  });

  test('the bot was put out: it comes back when it is invited', async () => {
    const homeserver = new FakeHomeserver();
    const { take, room, clock } = await stage(homeserver);
    homeserver.on(/join$/, no(refusal(403)), 1);
    await take([member(bot, { membership: 'leave' }, { sender: '@ada:hs.test' })]);
    await clock.advance(0);
    expect(room.entered).toBe(false);
    await take([member(bot, { membership: 'invite' }, { sender: '@ada:hs.test' })]);
    await clock.advance(0);
    expect(room.entered).toBe(true);
  });

  const typing = (...user_ids: unknown[]) => ({
    type: 'm.typing',
    room_id: kitchen,
    content: { user_ids },
  });
  const toldBy = (hub: FakeHub) =>
    hub.signals.map((one) => one.kind === 'typing' && `${one.sender.displayName} ${one.active}`);

  test('who writes is told by what changed, ghosts left out', async () => {
    const { take, hub } = await stage();
    await take([], [typing('@ada:hs.test', '@_brygga_x_y:hs.test', 7)]);
    await take([], [typing('@ada:hs.test', '@ben:hs.test')]);
    await take([], [typing(), { type: 'm.receipt', room_id: kitchen }, { type: 'm.typing' }]);
    expect(toldBy(hub)).toEqual(['ada true', 'ben true', 'ada false', 'ben false']);
  });

  test('who is never said to have stopped writing has in the end, and may begin anew', async () => {
    const { take, hub, clock } = await stage();
    await take([], [typing('@ada:hs.test')]);
    await clock.advance(59_000);
    await take([], [typing('@ada:hs.test', '@ben:hs.test')]);
    await clock.advance(2_000);
    expect(toldBy(hub)).toEqual(['ada true', 'ben true', 'ada false']);
    await take([], [typing('@ada:hs.test')]);
    expect(toldBy(hub).slice(3)).toEqual(['ada true', 'ben false']);
    await clock.advance(61_000);
    expect(toldBy(hub).slice(5)).toEqual(['ada false']);
  });

  test('a room that is detached is told nothing more', async () => {
    const { take, hub, clock, attendance } = await stage();
    await take([], [typing('@ada:hs.test')]);
    attendance.detach(kitchen);
    await clock.advance(61_000);
    expect(toldBy(hub)).toEqual(['ada true']);
  });
});

describe('attending', () => {
  test('catches up regularly, reading the room anew', async () => {
    const { homeserver, clock } = await stage();
    const reads = () => homeserver.lines.filter((line) => line.includes('/state')).length;
    expect(reads()).toBe(1);
    await clock.advance(601_000);
    expect(reads()).toBe(2);
  });

  test('a room that lets nobody in is tried again, ever more slowly', async () => {
    const homeserver = new FakeHomeserver().on(/join$/, no(refusal(403)));
    const { clock, hub } = await stage(homeserver);
    await clock.advance(60_000);
    const early = homeserver.lines.length;
    expect(early).toBeGreaterThan(3);
    await clock.advance(60_000);
    expect(homeserver.lines.length - early).toBeLessThan(early);
    expect(hub.kept.logged.some(({ code }) => code === 'channel.not-attached')).toBe(true);
  });

  test('after an interruption catches up at once', async () => {
    const { homeserver, clock, attendance } = await stage();
    const before = homeserver.lines.length;
    attendance.down();
    attendance.up();
    await clock.advance(0);
    expect(homeserver.lines.length).toBeGreaterThan(before);
  });

  test('closes without leaving a timer', async () => {
    const { clock, attendance } = await stage();
    await attendance.close();
    expect(clock.waiting).toBe(0);
  });
});
