import type { Delivery, NativeMessage } from '@brygga/contract';
import { channelId, nativeId, personId, plainBody } from '@brygga/event';
import { ManualClock } from '@brygga/testkit';
import { describe, expect, test } from 'vitest';
import { Ghosts } from '../src/ghosts.ts';
import type { SendParts } from '../src/job.ts';
import { putter } from '../src/put.ts';
import { newRoom } from '../src/rooms.ts';
import { send } from '../src/send.ts';
import { MatrixSettings } from '../src/settings.ts';
import { about, anna, delivery, persona, said } from './deliveries.ts';
import { FakeHomeserver, no, ok, refusal } from './fake-homeserver.ts';
import { FakeHub } from './fake-hub.ts';

const settings = MatrixSettings.parse({
  homeserverUrl: 'http://hs',
  serverName: 'hs.test',
  asToken: 'c4b1a2d3e4f5061728394a5b6c7d8e9f',
  hsToken: '9f8e7d6c5b4a39281706f5e4d3c2b1a0',
  listen: { port: 9005 },
});
const bot = '@_brygga_bot:hs.test';
const ghost = '@_brygga_tax-xmpp_anna=40tax.test:hs.test';
const never = new AbortController().signal;

function stage(homeserver = new FakeHomeserver()) {
  const hub = new FakeHub();
  const clock = new ManualClock(1_760_000_100_000);
  const ghosts = new Ghosts({ ...hub.kept, network: hub.network, settings }, homeserver);
  const put = putter(homeserver, ghosts, clock);
  const space = { network: hub.network, ghostOf: ghosts.idOf.bind(ghosts) };
  const language = () => 'en' as const;
  const parts: SendParts = { hub: 'test-hub', clock, language, homeserver, ghosts, put, space };
  const room = newRoom(channelId('!r'));
  room.state.setMember(bot, { membership: 'join', displayName: null });
  const go = (what: Delivery) => send(parts, what, room, never);
  return { homeserver, go, room, clock, ghosts, store: hub.kept.store, kept: hub.kept };
}
const native = (id: string): NativeMessage => ({ id: nativeId(id) });
const sends = (homeserver: FakeHomeserver) =>
  homeserver.calls.filter(({ path }) => /\/(send|redact)\//.test(path));
const own = { network: anna.network, person: anna.person, native: false };

describe('a ghost', () => {
  test('is made, named, and brought in before its first word, and only once', async () => {
    const { homeserver, go } = stage();
    await go(delivery('!r', said('one')));
    await go(delivery('!r', said('two')));
    expect(homeserver.lines.map((line) => line.replace(/\/[\w-]{32}(?= as)/, '/TXN'))).toEqual([
      'POST /v3/register',
      `PUT /v3/devices/BRYGGA as ${ghost}`,
      `PUT /v3/profile/${ghost}/displayname as ${ghost}`,
      `POST /v3/rooms/!r/join as ${ghost}`,
      `PUT /v3/rooms/!r/send/m.room.message/TXN as ${ghost}`,
      `PUT /v3/rooms/!r/send/m.room.message/TXN as ${ghost}`,
    ]);
    expect(homeserver.calls[0]?.body).toMatchObject({
      inhibit_login: true,
      type: 'm.login.application_service',
    });
    expect(homeserver.calls.at(-1)?.query).toEqual({ device_id: 'BRYGGA', ts: '1760000000000' });
  });

  test('exists already: as good', async () => {
    const { go } = stage(new FakeHomeserver().on(/register/, no(refusal(400, 'M_USER_IN_USE'))));
    expect(await go(delivery('!r', said('x')))).toMatchObject({ kind: 'done' });
  });

  test('is renamed when its label changes, without being made again', async () => {
    const { homeserver, go } = stage();
    await go(delivery('!r', said('one')));
    await go(delivery('!r', said('two'), { persona: { ...anna, label: 'Anna Alm (Tax Agency)' } }));
    const names = homeserver.calls.filter(({ path }) => path.includes('displayname')).map(({ body }) => body);
    expect(names).toEqual([{ displayname: 'Anna (Tax Agency)' }, { displayname: 'Anna Alm (Tax Agency)' }]);
    expect(homeserver.lines.filter((line) => line.includes('register'))).toHaveLength(1);
  });

  test('is remembered over a restart', async () => {
    const first = stage();
    await first.go(delivery('!r', said('x')));
    const stored = await first.store.get('ghost._brygga_tax-xmpp_anna=40tax.test');
    const second = stage();
    await second.store.set('ghost._brygga_tax-xmpp_anna=40tax.test', stored ?? '');
    await second.go(delivery('!r', said('y')));
    expect(second.homeserver.lines.filter((line) => line.includes('register'))).toEqual([]);
  });

  test('enters a closed room by the bot’s invitation', async () => {
    const homeserver = new FakeHomeserver().on(/join$/, no(refusal(403)), 1);
    const { go } = stage(homeserver);
    expect(await go(delivery('!r', said('x')))).toMatchObject({ kind: 'done' });
    expect(homeserver.lines).toContain(`POST /v3/rooms/!r/invite as ${bot}`);
  });

  test('a long id is hashed, and whom it stands for is known', async () => {
    const { go, ghosts } = stage();
    const long = persona('Long', `${'x'.repeat(300)}@tax.test`);
    await go(delivery('!r', said('x'), { persona: long }));
    expect(await ghosts.remoteOf(ghosts.idOf(long))).toEqual({ network: long.network, person: long.person });
    expect(await ghosts.remoteOf('@ada:hs.test')).toBeNull();
    expect(await ghosts.exists(ghosts.idOf(long))).toBe(true);
  });
});

describe('what can be repaired is, once', () => {
  test('an unknown device is made anew', async () => {
    const homeserver = new FakeHomeserver().on(/send/, no(refusal(400, 'M_UNKNOWN_DEVICE')), 1);
    const { go } = stage(homeserver);
    expect(await go(delivery('!r', said('x')))).toMatchObject({ kind: 'done' });
    const [first, second] = sends(homeserver);
    expect(second?.path).toBe(first?.path);
  });

  test('a ghost the homeserver has forgotten is made anew', async () => {
    const homeserver = new FakeHomeserver();
    const { go } = stage(homeserver);
    await go(delivery('!r', said('x')));
    homeserver.on(/send/, no(refusal(403)), 1);
    expect(await go(delivery('!r', said('y')))).toMatchObject({ kind: 'done' });
    expect(homeserver.lines.filter((line) => line.includes('register'))).toHaveLength(2);
  });

  test('what is forbidden stays so', async () => {
    const { go } = stage(new FakeHomeserver().on(/send/, no(refusal(403))));
    expect(await go(delivery('!r', said('x')))).toEqual({ kind: 'refused', code: 'FORBIDDEN' });
  });

  test('a room that lets nobody in, and one that has banned this one', async () => {
    const { go, room } = stage(new FakeHomeserver().on(/join$/, no(refusal(403))));
    expect(await go(delivery('!r', said('x')))).toEqual({ kind: 'refused', code: 'NOT_IN_CHANNEL' });
    room.state.setMember(ghost, { membership: 'ban', displayName: null });
    expect(await go(delivery('!r', said('x')))).toEqual({ kind: 'refused', code: 'PERSON_BANNED' });
  });

  test('not reached before the message: it was not sent', async () => {
    const lost = no({ kind: 'trouble', reason: 'timeout', sent: true });
    const { go } = stage(new FakeHomeserver().on(/register/, lost));
    expect(await go(delivery('!r', said('x')))).toEqual({
      kind: 'later',
      code: 'NETWORK_DOWN',
      scope: 'lane',
    });
  });
});

describe('again', () => {
  test('the same delivery has the same transaction, another has not', async () => {
    const { homeserver, go } = stage();
    const one = delivery('!r', said('x'));
    await go(one);
    await go(one);
    await go(delivery('!r', said('x')));
    const [first, second, third] = sends(homeserver).map(({ path }) => path);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test('after a day what is already there is looked up by its marker', async () => {
    const homeserver = new FakeHomeserver();
    const { go, clock } = stage(homeserver);
    const one = delivery('!r', said('x'));
    await go(one);
    const content = sends(homeserver)[0]?.body;
    const event = {
      type: 'm.room.message',
      event_id: '$old',
      room_id: '!r',
      sender: ghost,
      origin_server_ts: 1,
      content,
    };
    const stranger = { ...event, event_id: '$forged', sender: '@eve:hs.test' };
    homeserver.on(/GET .*messages/, ok({ chunk: [stranger, event] }));
    await clock.advance(24 * 3_600_000);
    expect(await go({ ...one, maybeSent: true })).toEqual({ kind: 'done', messages: [native('$old')] });
    expect(sends(homeserver)).toHaveLength(1);
  });

  test('a thread whose root cannot be one: said outside it', async () => {
    const homeserver = new FakeHomeserver().on(/send/, no(refusal(400, 'M_UNKNOWN')), 1);
    const { go } = stage(homeserver);
    const thread = { root: native('$root'), last: native('$last') };
    const inThread = delivery('!r', said('x', { thread: about('$root') }), { thread });
    expect(await go(inThread)).toMatchObject({ kind: 'done' });
    expect(sends(homeserver)[1]?.body).not.toHaveProperty('m.relates_to');
    expect(sends(homeserver)[1]?.path).not.toBe(sends(homeserver)[0]?.path);
  });
});

describe('edits and removals', () => {
  const edit = { kind: 'edit' as const, target: about('$1'), body: plainBody('new'), plain: 'new' };

  test('an edit has no time of its own', async () => {
    const { homeserver, go } = stage();
    expect(await go(delivery('!r', edit, { target: [native('$1')], targetAuthor: own }))).toMatchObject({
      kind: 'done',
      messages: [native('$1')],
    });
    expect(sends(homeserver)[0]?.query).toEqual({ device_id: 'BRYGGA' });
    expect(sends(homeserver)[0]?.body).toMatchObject({
      body: '* new',
      'm.mentions': {},
      'm.new_content': { body: 'new' },
    });
  });

  test('an edit is known by its own id as well, beside what the message was known by', async () => {
    const { go } = stage();
    const first: NativeMessage = { id: nativeId('$1'), roles: { other: nativeId('x') } };
    const outcome = await go(delivery('!r', edit, { target: [first], targetAuthor: own }));
    expect(outcome).toEqual({
      kind: 'done',
      messages: [{ id: '$1', roles: { other: 'x', version: expect.stringMatching(/^version:\$event/) } }],
    });
  });

  test('nobody edits what another wrote', async () => {
    const { go } = stage();
    const other = { ...own, person: personId('bo@tax.test') };
    expect(await go(delivery('!r', edit, { target: [native('$1')], targetAuthor: other }))).toEqual({
      kind: 'refused',
      code: 'FORBIDDEN',
    });
    const here = { ...own, native: true };
    expect(await go(delivery('!r', edit, { target: [native('$1')], targetAuthor: here }))).toEqual({
      kind: 'refused',
      code: 'FORBIDDEN',
    });
    expect(await go(delivery('!r', edit))).toEqual({ kind: 'refused', code: 'TARGET_UNKNOWN' });
  });

  test('a moderator’s removal goes by the bot, else by the ghost that wrote it', async () => {
    const homeserver = new FakeHomeserver();
    const { go } = stage(homeserver);
    const remove = delivery(
      '!r',
      { kind: 'delete', target: about('$1') },
      { persona: persona('Mo'), target: [native('$1'), native('$2')], targetAuthor: own },
    );
    homeserver.on(/redact\/\$2\//, (call) => (call.as === bot ? no(refusal(403)) : ok({})));
    expect(await go(remove)).toEqual({ kind: 'done', messages: [] });
    const by = sends(homeserver).map(({ path, as }) => `${/%24\d/.exec(path)?.[0]} ${as}`);
    expect(by[0]).toBe(`%241 ${bot}`);
    expect(by.at(-1)).toBe(`%242 ${ghost}`);
  });

  test('what is not there any more', async () => {
    const { go } = stage(new FakeHomeserver().on(/redact/, no(refusal(404, 'M_NOT_FOUND'))));
    const remove = delivery(
      '!r',
      { kind: 'delete', target: about('$1') },
      { target: [native('$1')], targetAuthor: own },
    );
    expect(await go(remove)).toEqual({ kind: 'refused', code: 'TARGET_UNKNOWN' });
  });
});

describe('reactions', () => {
  const react = (emoji: string[], reactions = {}) =>
    delivery(
      '!r',
      { kind: 'reaction', target: about('$1'), mode: 'set', emoji },
      { target: [native('$1')], reactions },
    );

  test('brings what stands to what should', async () => {
    const { homeserver, go } = stage();
    const outcome = await go(react(['a', 'b'], { b: '$b', c: '$c' }));
    expect(outcome).toMatchObject({
      kind: 'done',
      reactions: { b: '$b', a: expect.stringMatching(/^\$event/) },
    });
    expect(sends(homeserver).map(({ path }) => path.split('/').at(-3))).toEqual(['redact', 'send']);
  });

  test('one that stands already is found', async () => {
    const mine = { sender: ghost, event_id: '$mine', content: { 'm.relates_to': { key: 'a' } } };
    const homeserver = new FakeHomeserver()
      .on(/send/, no(refusal(400, 'M_DUPLICATE_ANNOTATION')))
      .on(/relations/, ok({ chunk: [{ ...mine, sender: bot, event_id: '$bot' }, mine] }));
    expect(await stage(homeserver).go(react(['a']))).toMatchObject({ reactions: { a: '$mine' } });
  });

  test('on what the homeserver does not know', async () => {
    const { go } = stage(new FakeHomeserver().on(/send/, no(refusal(400, 'M_UNKNOWN'))));
    expect(await go(react(['a']))).toEqual({ kind: 'refused', code: 'TARGET_UNKNOWN' });
  });
});

describe('the bot', () => {
  test('says who came and went; a ghost whose person is gone goes too', async () => {
    const { homeserver, go, room } = stage();
    room.state.setMember(ghost, { membership: 'join', displayName: null });
    const left = delivery('!r', {
      kind: 'membership',
      change: 'leave',
      subject: { nativeId: anna.person, displayName: 'Anna' },
    });
    expect(await go(left)).toMatchObject({ kind: 'done' });
    expect(homeserver.lines[0]).toBe(`POST /v3/rooms/!r/leave as ${ghost}`);
    expect(sends(homeserver)[0]).toMatchObject({
      as: bot,
      body: { msgtype: 'm.notice', body: 'Anna (Tax Agency) left' },
    });
    expect(room.state.isJoined(ghost)).toBe(false);
  });

  test('sets a topic only when it differs', async () => {
    const homeserver = new FakeHomeserver().on(/GET .*topic/, ok({ topic: 'T' }));
    const { go } = stage(homeserver);
    expect(await go(delivery('!r', { kind: 'channel', topic: 'T' }))).toEqual({ kind: 'done', messages: [] });
    expect(homeserver.lines.filter((line) => line.startsWith('PUT'))).toEqual([]);
  });
});

describe('a notice about a message', () => {
  const notice = said('not delivered', { style: 'notice', replyTo: about('$one') });
  const more = {
    persona: null,
    replyTo: native('$one'),
    thread: { root: native('$one'), last: native('$one') },
  };
  const types = (homeserver: FakeHomeserver) =>
    sends(homeserver).map(({ path }) => /send\/([^/]+)/.exec(path)?.[1]);

  test.each([
    ['late', 'PENDING'],
    ['arrived', 'SUCCESS'],
    ['failed', 'FAIL_PERMANENT'],
  ] as const)('that is %s shows %s beside it', async (status, state) => {
    const { homeserver, go } = stage();
    expect(await go(delivery('!r', notice, { ...more, status }))).toMatchObject({ kind: 'done' });
    expect(types(homeserver)).toEqual(['m.room.message', 'com.beeper.message_send_status']);
    expect(sends(homeserver)[0]?.body).toMatchObject({
      'm.relates_to': { rel_type: 'm.thread', event_id: '$one' },
    });
    expect(sends(homeserver)[1]?.body).toMatchObject({
      'm.relates_to': { rel_type: 'm.reference', event_id: '$one' },
      status: state,
    });
  });

  test('stands also where the server does not allow the sign', async () => {
    const homeserver = new FakeHomeserver().on(/send_status/, no(refusal(403, 'M_FORBIDDEN')));
    const { go } = stage(homeserver);
    const outcome = await go(delivery('!r', notice, { ...more, status: 'late' }));
    expect(outcome).toMatchObject({ kind: 'done', messages: [{}] });
  });

  test('shows nothing when it says nothing of the kind', async () => {
    const { homeserver, go } = stage();
    await go(delivery('!r', notice, more));
    expect(types(homeserver)).toEqual(['m.room.message']);
  });
});
