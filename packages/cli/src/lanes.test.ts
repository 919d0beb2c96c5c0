import type { LaneReport, OperatorsDesk, RoomReport } from '@brygga/hub';
import { Unreadable } from '@brygga/hub';
import { describe, expect, test } from 'vitest';
import { deskOf, ioAt, LINK, NOW } from './testing/desk.ts';
import { held } from './testing/run.ts';

const lane = (more: object = {}): LaneReport =>
  JSON.parse(
    JSON.stringify({
      link: LINK,
      state: 'worked',
      items: 3,
      bytes: 2048,
      full: false,
      head: { event: 'e1', kind: 'message', since: NOW - 125_000, replays: 0, failed: null },
      owner: { name: 'hub-1', leaseMs: 7400 },
      hold: null,
      ...more,
    }),
  );

const report = (lanes: readonly LaneReport[], more: object = {}): RoomReport =>
  ({ room: 'coast', aside: 0, dead: 0, lanes, ...more }) as RoomReport;

const failed = { tries: 41, since: NOW - 7_200_000, last: NOW - 5000, code: 'NETWORK_DOWN' };
const head = { event: 'e1', kind: 'message', since: NOW - 7_200_000, replays: 0, failed };

const run = (desk: OperatorsDesk, ...args: string[]) => held(['lanes', '-c', 'a.yaml', ...args], ioAt(desk));
const stateOf = async (more: object): Promise<string> => {
  const { out } = await run(deskOf([], [report([lane(more)])]).desk);
  return out.split('\n')[1] ?? '';
};

describe('brygga lanes', () => {
  test('with nothing in them', async () => {
    const { desk, done } = deskOf([]);
    expect(await run(desk)).toEqual({ exit: 0, out: '0 lanes with 0 items, 0 dead letters\n', err: '' });
    expect(done).toEqual(['closed']);
  });

  test('as a table, with what lies beside them', async () => {
    const inbox = lane({ link: null, items: 1, state: 'nobody', owner: null });
    const { out } = await run(deskOf([], [report([inbox, lane()], { aside: 2, dead: 1 })]).desk);
    expect(out).toBe(
      [
        'ROOM   LANE                   ITEMS  OLDEST  STATE',
        'coast  inbox                  1      2 min   nobody works on it: does a hub run?',
        'coast  drum (Southern Watch)  3      2 min   worked on by hub-1 (lease 7 s)',
        '',
        'coast: 2 events stepped aside, for the message they are about to come',
        'coast: 1 dead letter: brygga dead list --room coast',
        '',
        '2 lanes with 4 items, 1 dead letter',
        '',
      ].join('\n'),
    );
  });

  test.each([
    [
      'held after failures',
      { state: 'held', owner: null, hold: { paused: false, leftMs: 42_000 }, head },
      /held for 42 s more; its head failed 41 times in 1 h, the last time by NETWORK_DOWN \(the network cannot/,
    ],
    [
      'held with its network',
      { state: 'held', owner: null, hold: { paused: false, leftMs: 42_000 } },
      /held for 42 s more; its network asked all its lanes to wait$/,
    ],
    [
      'paused',
      { state: 'paused', owner: null, hold: { paused: true, leftMs: null } },
      /paused in the settings$/,
    ],
    ['worked on again', { head }, /worked on by hub-1 \(lease 7 s\); its head failed 41 times/],
    ['full', { full: true }, /full: its room takes nothing more; worked on by hub-1/],
    ['nobody', { state: 'nobody', owner: null }, /nobody works on it: does a hub run that reaches drum\?$/],
    ['of another version', { head: null }, / 3 {6}- {7}worked/],
    [
      'empty and paused',
      { state: 'empty', items: 0, head: null, hold: { paused: true } },
      /empty; paused in/,
    ],
  ])('%s', async (_, more, says) => {
    expect(await stateOf(more)).toMatch(says);
  });

  test('as JSON', async () => {
    const { out } = await run(deskOf([], [report([lane({ head }), lane({ link: null })])]).desk, '--json');
    expect(JSON.parse(out)).toMatchObject({
      at: NOW,
      rooms: [
        {
          room: 'coast',
          aside: 0,
          dead: 0,
          lanes: [
            {
              lane: 'outbox',
              link: 'drum',
              organisation: 'Southern Watch',
              state: 'worked',
              head: { failed },
            },
            { lane: 'inbox', link: null },
          ],
        },
      ],
    });
  });

  test('of a room that is not in the settings', async () => {
    const { exit, err } = await run(deskOf([]).desk, '--room', 'coats');
    expect(exit).toBe(2);
    expect(err).toContain('the settings have no room "coats": did you mean "coast"?');
    expect(err).toContain('put it back under the same id');
  });

  test('without Redis say so, and nothing of the error', async () => {
    const { desk, done } = deskOf([]);
    const lanes = () => Promise.reject(new Error('what ada wrote'));
    const { exit, err } = await run({ ...desk, lanes });
    expect(exit).toBe(1);
    expect(err).toMatch(
      /^brygga: Redis did not answer: Error at lanes\.test\.ts:\d+\n {4}brygga check --online/,
    );
    expect(err).not.toContain('ada');
    expect(done).toEqual(['closed']);
  });

  test.each([
    ['KEY_UNKNOWN', /sealed with the key "k1"\n {4}put that key into redis\.sealKeys/],
    ['SEAL_BROKEN', /cannot be read: SEAL_BROKEN/],
  ] as const)('at something sealed that cannot be opened say what to do: %s', async (code, said) => {
    const { desk } = deskOf([]);
    const { exit, err } = await run({ ...desk, lanes: () => Promise.reject(new Unreadable(code, 'k1')) });
    expect(exit).toBe(1);
    expect(err).toMatch(said);
  });
});
