import { type Claim, type Left, LOST, type Lost, type OutboxItem } from '@brygga/bus';
import { eventId, linkId, roomId } from '@brygga/event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Recorder, UNRECORDED_MAX } from './recorder.ts';

type Answer = Left<OutboxItem> | Lost;
interface Call {
  readonly released: number;
  readonly records: number;
  readonly wanted: boolean;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: Error) => void;
}

let calls: Call[];
let recorder: Recorder;
beforeEach(() => {
  calls = [];
  const claim: Claim<OutboxItem> = {
    room: roomId('r'),
    lane: 'out:b',
    own: 'me:1',
    items: [],
    fromRedis: false,
  };
  const bus = {
    record: (
      ...[, , records, released, wanted]: Parameters<ConstructorParameters<typeof Recorder>[0]['record']>
    ) =>
      new Promise<Answer>((answer, fail) => {
        calls.push({ released, records: records.length, wanted, answer, fail });
      }),
  };
  recorder = new Recorder(bus, claim, linkId('b'));
});

const record = { event: eventId('e'), fields: {}, natives: [] };
const add = (count = 1, wanted = false): void => {
  for (let index = 0; index < count; index++) recorder.add(record, wanted);
};
const left = (count: number): Left<OutboxItem> => ({ left: count, next: [] });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function answer(one: Answer): Promise<void> {
  calls.at(-1)?.answer(one);
  await turn();
}

describe('the recorder', () => {
  it('gathers while a record is under way, and writes what gathered together', async () => {
    add(1);
    await turn();
    add(3, true);
    expect(calls.map(({ released }) => released)).toEqual([1]);
    await answer(left(3));
    expect(calls.map(({ released, records, wanted }) => [released, records, wanted])).toEqual([
      [1, 1, false],
      [3, 3, true],
    ]);
    await answer(left(0));
    expect(await recorder.settled()).toEqual(left(0));
    expect(await recorder.settled()).toBeNull();
    expect(calls).toHaveLength(2);
  });

  it('writes what is done in one turn together', async () => {
    add(1);
    add(2, true);
    await turn();
    expect(calls.map(({ released, wanted }) => [released, wanted])).toEqual([[3, true]]);
  });

  it('never leaves more unrecorded than is looked through at a take-over', async () => {
    add(1);
    await turn();
    add(UNRECORDED_MAX - 2);
    expect(await recorder.room()).toBe('on');
    add(1);
    let room = '';
    const waiting = recorder.room().then((step) => {
      room = step;
    });
    await turn();
    expect(room).toBe('');
    await answer(left(100));
    await waiting;
    expect(room).toBe('on');
    expect(calls.map(({ released }) => released)).toEqual([1, UNRECORDED_MAX - 1]);
  });

  it('waits until all is recorded', async () => {
    add(1);
    await turn();
    let settled: unknown = 'not yet';
    void recorder.settled().then((last) => {
      settled = last;
    });
    add(1);
    await answer(left(1));
    expect(settled).toBe('not yet');
    await answer(left(0));
    expect(settled).toEqual(left(0));
  });

  it('stops when the lane is lost, and writes nothing more, however it is asked', async () => {
    add(1);
    await turn();
    add(1);
    await answer(LOST);
    add(1);
    expect(await recorder.room()).toBe('stop');
    expect(await recorder.settled()).toBe(LOST);
    expect(await recorder.settled()).toBe(LOST);
    expect(calls).toHaveLength(1);
  });

  it('writes nothing more when Redis gave no answer: what it released is not known', async () => {
    add(1);
    await turn();
    add(1);
    calls[0]?.fail(new Error('away'));
    await turn();
    add(1);
    await expect(recorder.room()).rejects.toThrow('away');
    await expect(recorder.settled()).rejects.toThrow('away');
    expect(calls).toHaveLength(1);
  });
});
