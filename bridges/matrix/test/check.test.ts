import { once } from 'node:events';
import { createServer } from 'node:http';
import { systemClock } from '@brygga/contract';
import { channelId, networkId } from '@brygga/event';
import { afterEach, describe, expect, test } from 'vitest';
import { check } from '../src/check.ts';
import { MatrixSettings } from '../src/settings.ts';

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '', 'http://hs');
  const [status, body] = answers.find(([match]) => decodeURIComponent(pathname).includes(match))?.[1] ?? [
    200,
    {},
  ];
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
});
type Answers = [string, [number, object]][];
let answers: Answers = [];
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const whoami: Answers[number] = ['whoami', [200, { user_id: '@_brygga_sender:hs.test' }]];

async function findings(...given: Answers): Promise<string[]> {
  answers = [...given, whoami];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const settings = MatrixSettings.parse({
    homeserverUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    serverName: 'hs.test',
    asToken: 'c4b1a2d3e4f5061728394a5b6c7d8e9f',
    hsToken: '9f8e7d6c5b4a39281706f5e4d3c2b1a0',
    listen: { port: 9005 },
  });
  const context = { network: networkId('near'), channels: [channelId('!r')], clock: systemClock };
  const found = await check({ ...context, settings, signal: new AbortController().signal });
  for (const { level, remedy } of found) if (level !== 'ok') expect(remedy).toBeTruthy();
  return found.filter(({ level }) => level !== 'ok').map(({ level, what }) => `${level} ${what}`);
}

const state = (type: string, content: object) => ({ type, state_key: '', content, sender: '@ada:hs.test' });
const room = (...events: object[]): Answers[number] => ['/rooms/!r/state', [200, events]];
const levels = (content: object) => state('m.room.power_levels', content);
const strong = levels({ users: { '@_brygga_bot:hs.test': 50 } });
const inside = { ...state('m.room.member', { membership: 'join' }), state_key: '@_brygga_bot:hs.test' };
const outside: Answers[number] = ['/rooms/!r/state', [403, { errcode: 'M_FORBIDDEN' }]];
const hidden: Answers[number] = ['room_summary', [404, { errcode: 'M_NOT_FOUND' }]];

describe('check', () => {
  test('all is well', async () => {
    expect(await findings(room(inside, strong))).toEqual([]);
  });

  test('the homeserver is broken', async () => {
    const [only, ...more] = await findings(['versions', [503, {}]]);
    expect(only).toMatch(/^fail the homeserver does not answer .*503/);
    expect(more).toEqual([]);
  });

  test('the token is not known, or another’s', async () => {
    expect(await findings(['whoami', [401, { errcode: 'M_UNKNOWN_TOKEN' }]])).toEqual([
      'fail the homeserver refuses asToken (401 M_UNKNOWN_TOKEN)',
    ]);
  });

  test('the registration is another’s', async () => {
    const [only] = await findings(['whoami', [200, { user_id: '@other:hs.test' }]]);
    expect(only).toContain('knows us as @other:hs.test');
  });

  test('the homeserver does not reach the hub', async () => {
    const found = await findings(room(inside, strong), ['ping', [502, { errcode: 'M_CONNECTION_FAILED' }]]);
    expect(found).toEqual(['warn the homeserver does not reach the hub (502 M_CONNECTION_FAILED)']);
  });

  test('before the bot exists nobody can say what it may enter', async () => {
    const found = await findings(['profile', [404, { errcode: 'M_NOT_FOUND' }]], outside, hidden);
    expect(found).toEqual([
      'warn the bot @_brygga_bot:hs.test does not exist yet',
      'warn !r: the bot is not in the room',
    ]);
  });

  test.each([
    ['nobody has let it in', hidden],
    ['it is banned', ['room_summary', [200, { join_rule: 'public', membership: 'ban' }]]],
  ] as [string, Answers[number]][])('a room the bot cannot come into: %s', async (_, answer) => {
    expect(await findings(outside, answer)).toEqual(['fail !r: the bot is not in the room']);
  });

  test.each([
    ['it is invited', ['sync', [200, { rooms: { invite: { '!r': {} } } }]], 'yet (invited)'],
    ['anybody may come in', ['room_summary', [200, { join_rule: 'public' }]], 'yet (public)'],
  ] as [string, Answers[number], string][])('a room it is not in yet: %s', async (_, answer, how) => {
    expect(await findings(outside, answer, hidden)).toEqual([`warn !r: the bot is not in the room ${how}`]);
  });

  test.each([
    ['the homeserver is too old to say', ['room_summary', [404, { errcode: 'M_UNRECOGNIZED' }]]],
    ['the homeserver is too busy to say', ['sync', [503, {}]]],
  ] as [string, Answers[number]][])('a room it may perhaps come into: %s', async (_, answer) => {
    expect(await findings(outside, answer, hidden)).toEqual(['warn !r: the bot is not in the room']);
  });

  test('a room that cannot be looked at just now', async () => {
    const found = await findings(['/rooms/!r/state', [502, {}]]);
    expect(found).toEqual(['warn !r: the room cannot be looked at (502)']);
  });

  test('a bot that was put out may read on, and is not in', async () => {
    const left = { ...inside, content: { membership: 'leave' } };
    expect(await findings(room(left, strong), hidden)).toEqual(['fail !r: the bot is not in the room']);
  });

  test('rights that are missing', async () => {
    const found = await findings(room(inside, levels({ invite: 50, events_default: 10 })));
    expect(found).toEqual([
      'fail !r: newcomers may not write',
      'fail !r: the bot may not invite',
      'warn !r: the bot may not redact',
      'warn !r: the bot may not announce the hub',
      'warn !r: the bot may not set the topic',
    ]);
  });

  test('a public room needs no invitations', async () => {
    const open = state('m.room.join_rules', { join_rule: 'public' });
    const found = await findings(room(inside, open, levels({ invite: 100 })));
    expect(found.filter((one) => one.startsWith('fail'))).toEqual([]);
  });

  test('a room where newcomers may write all but messages', async () => {
    const found = await findings(room(inside, levels({ invite: 0, events: { 'm.room.message': 1 } })));
    expect(found[0]).toBe('fail !r: newcomers may not write');
  });

  test('an encrypted room', async () => {
    const found = await findings(room(inside, strong, state('m.room.encryption', { algorithm: 'x' })));
    expect(found).toEqual(['fail !r: the room is end-to-end encrypted']);
  });
});
